"""
A run in parts: each annotates and judges its items, and what looks at all of them waits for the merge.

The draw of the review budget is one draw over all items: probabilities depend
on every item's suspicion, and the audit is a sample of the whole. So a shard
stops before it, and the run that shards are merged into goes on from there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from act_spec.documents.sharded import MergedFacts, ShardFacts
from act_spec.errors import StoreError
from act_spec.plan.model import Plan
from act_spec.plan.shard import Shard, judged_alone
from act_spec.run.annotate import annotate
from act_spec.run.judge import judge
from act_spec.run.meanwhile import meanwhile
from act_spec.run.prepare import prepare
from act_spec.run.stage import Engine, Folder, StageReport
from act_spec.run.walk import WalkReport, open_run
from act_spec.store import answers, shards
from act_spec.store.calls import bill
from act_spec.store.database import Store
from act_spec.store.pending import EVERY_ITEM
from act_spec.store.shards import Part

_DATABASE = "run.duckdb"


def walk_shard(plan: Plan, store: Store, engine: Engine) -> WalkReport:
    """
    Do all that a shard can do by itself.

    Raises:
        StoppedEarly: If its share of the cap, the provider or the user ended it.
    """
    plan = open_run(plan, store)
    prepare(plan, store, partial(engine.tell, "prepare"))
    return WalkReport(tuple(_alone(plan, store, engine)), 0)


def _alone(plan: Plan, store: Store, engine: Engine) -> Iterator[StageReport]:
    together = meanwhile(plan, store, engine, EVERY_ITEM)
    yield annotate(plan, store, engine, then=together)
    if judged_alone(plan):
        yield judge(plan, store, engine, together=together)


def shard_facts(plan: Plan, shard: Shard, store: Store, folder: Folder) -> ShardFacts:
    """Where a shard stands."""
    paid = bill(store)
    return ShardFacts(
        name=plan.name,
        plan_hash=plan.hash,
        folder=str(folder.path),
        shard=str(shard),
        items=int(store.one("SELECT count(*) FROM items")[0]),
        whole=plan.data.items,
        annotated=answers.status_counts(store, "annotations"),
        judged=answers.status_counts(store, "judgments") if judged_alone(plan) else None,
        has_judge=plan.judge is not None,
        cost_usd=None if paid.unknown else paid.cost_usd,
    )


def merge(folders: Sequence[Path], output: Path | None) -> MergedFacts:
    """
    Make one run of all its shards; they stay as they are.

    Args:
        folders: Of the shards, all of them, in any order.
        output: The new run's folder; else the recipe's name beside the first shard.

    Raises:
        StoreError: If they are not all shards of one run, or the folder holds a run already.
    """
    parts = [shards.read_part(_database(folder)) for folder in folders]
    first = parts[0]
    _check(parts)
    folder = Folder(output or folders[0].absolute().parent / first.name)
    if folder.database.exists():
        raise StoreError(f"{folder.path}: there is a run already. Name another folder with --run.")
    folder.make()
    shards.write_whole_run(parts, folder.database)
    with Store.open(folder.database, read_only=True) as store:
        annotated = answers.status_counts(store, "annotations")
        paid = bill(store)
    return MergedFacts(
        name=first.name,
        plan_hash=first.plan_hash,
        folder=str(folder.path),
        recipe=first.recipe,
        shards=len(parts),
        items=first.whole,
        annotated=annotated,
        cost_usd=None if paid.unknown else paid.cost_usd,
    )


def _database(folder: Path) -> Path:
    path = folder / _DATABASE
    if not path.is_file():
        raise StoreError(f"{folder}: there is no run in this folder. Name the folders of the shards.")
    return path


def _check(parts: Sequence[Part]) -> None:
    """Whether these are all shards of one run, each once."""
    first = parts[0]
    numbers: dict[int, Part] = {}
    for part in parts:
        where = part.path.parent
        if part.plan_hash != first.plan_hash:
            raise StoreError(
                f"{where}: its plan is {part.plan_hash[:8]}, and that of {first.path.parent} is {first.plan_hash[:8]}. "
                "Shards of one run have the same recipe and data; run this one again with them."
            )
        if part.of != first.of:
            raise StoreError(
                f"{where}: one of {part.of} shards, and {first.path.parent} is one of {first.of}."
            )
        if part.number in numbers:
            raise StoreError(
                f"{where}: shard {part.number}/{part.of} is given twice; {numbers[part.number].path.parent} is it, too."
            )
        numbers[part.number] = part
    missing = [f"{number}/{first.of}" for number in range(1, first.of + 1) if number not in numbers]
    if missing:
        more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
        raise StoreError(
            f"{first.name}: not all {first.of} shards are here; missing: {', '.join(missing[:5])}{more}. "
            "Run them with --shard, and name all."
        )
    held = sum(part.items for part in parts)
    if held != first.whole:
        raise StoreError(
            f"{first.name}: the shards hold {held:,} items, and the run has {first.whole:,}. "
            "Run all shards with one version of act-spec and its packages."
        )
