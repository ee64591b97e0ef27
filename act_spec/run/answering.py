"""What annotating and judging share: models are asked through the engine, recorded answers are joined in the store."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from act_spec import registry
from act_spec.engine.job import Batched, Job
from act_spec.errors import Problem, RecipeError
from act_spec.plan.model import Answering, Plan
from act_spec.plan.recorded import recorded_source
from act_spec.records import Item, Lookup, Pool, SettleAll, Steps
from act_spec.run.asking import ROUND, Keep, Starting, keeping
from act_spec.run.meanwhile import Meanwhile
from act_spec.run.stage import Engine, StageReport
from act_spec.store.alike import alike, gather, put_away, write_alike
from act_spec.store.answers import status_counts
from act_spec.store.batches import is_stage_out
from act_spec.store.database import Store
from act_spec.store.pending import (
    Pending,
    Scope,
    count_pending,
    load_recorded,
    pending_with_rows,
)

_BATCH = 5000
_COLUMN = 250_000


def answer(
    plan: Plan,
    store: Store,
    engine: Engine,
    role: Answering,
    scope: Scope,
    examples: Pool | None = None,
    then: Meanwhile | None = None,
) -> StageReport:
    """
    Settle every pending item of a stage.

    Args:
        plan: What to do.
        store: The run's database.
        engine: Where requests run.
        role: The annotator or the judge.
        scope: Which items it looks at.
        examples: A pool in the place of the strategy's own.
        then: Goes on with its items, where it is asked by calls.
    """
    number = scope.chosen_in or ROUND
    total = count_pending(store, role.stage, role.key, scope)
    keep = keeping(role, number)
    if not total:
        settled = 0
    elif role.model is None:
        settled = _from_records(plan, store, role, keep, scope)
    else:
        starting = Starting(plan, role, examples)

        def steps() -> Iterator[tuple[str, Steps[Any]]]:
            return ((one.item.item_id, steps) for one, steps in starting.on_pending(store.cursor(), scope))

        batched = None
        # Who looks at a few items first does not want to wait for a batch.
        if role.by_batch and scope.first is None:
            batched = Batched(role.key, steps, role.deadline)
        elif is_stage_out(store, role.key):
            # What is asked for already must not be asked for beside it.
            batched = Batched(role.key, steps, sends=False, recalls=not role.by_batch)
        job = Job(role.stage, number, role.models, steps(), keep, batched)
        if then is not None and batched is None:
            job = then.joined(job, starting.on_pending(store.cursor(), scope))
        progress = engine.execute(job, total)
        settled = progress.settled
        if then is not None:
            then.progress = progress.then
    return StageReport(role.stage, settled, failures(store, role.stage))


def failures(store: Store, stage: str) -> dict[str, int]:
    """Items of the current plan to which `annotate` or `judge` found no answer, by status."""
    counts = status_counts(store, "annotations" if stage == "annotate" else "judgments")
    return {name: count for name, count in counts.items() if name != "ok"}


def _from_records(
    plan: Plan,
    store: Store,
    role: Answering,
    keep: Keep,
    scope: Scope,
) -> int:
    kind = "annotator" if role.stage == "annotate" else "judge"
    lookup: Lookup[Any] = registry.find(kind, role.strategy).build(**role.parameters)
    reader = store.cursor()
    own = lookup.source is None
    settle_all = lookup.settle_all if plan.task.about(Item("", {})) is plan.task else None
    if not own:
        _load(plan, reader, role, lookup, listed=settle_all is None)
    if settle_all is not None:
        return _by_columns(plan, reader, role, lookup, settle_all, scope)
    rows = pending_with_rows(reader, role.stage, role.key, scope, lookup.columns, own=own)
    settled = 0
    while batch := list(islice(rows, _BATCH)):
        with store.transaction():
            keep(store, [_settle(plan, lookup, one) for one in batch])
        settled += len(batch)
    return settled


def _load(plan: Plan, reader: Store, role: Answering, lookup: Lookup[Any], *, listed: bool) -> None:
    """
    Stage the recorded answers.

    Raises:
        RecipeError: If an item has several rows where one is wanted.
    """
    source, id_column = recorded_source(lookup, plan.recipe_path.parent, plan.data.query.id)
    several = load_recorded(reader, source, id_column, lookup.columns, lookup.where, listed=listed)
    if several and not lookup.many:
        (item_id, times), others = several[0], len(several) - 1
        more = f", and so have {others} other items{' or more' if others == 9 else ''}" if others else ""
        where = "annotator" if role.stage == "annotate" else "judge"
        raise RecipeError(
            [
                Problem(
                    str(plan.recipe_path),
                    0,
                    0,
                    f"{where}.strategy",
                    f"item '{item_id}' has {times} rows in {source.name}{more}.",
                    "Leave one row an item with `where: {column: value}`.",
                )
            ]
        )


def _by_columns(
    plan: Plan, reader: Store, role: Answering, lookup: Lookup[Any], settle_all: SettleAll, scope: Scope
) -> int:
    """The same, a column of many items at a time, where no label depends on what its item says."""
    number = scope.chosen_in or ROUND
    read = lookup.of_annotation if role.stage == "judge" else ()
    gather(reader, role.stage, role.key, scope, lookup.columns, read, own=lookup.source is None)
    for some in alike(reader, lookup.columns, read, _COLUMN):
        records = settle_all(some.cells, plan.task, some.annotations)
        write_alike(reader, role.stage, role.key, number, role.name, some.first, records)
    return put_away(reader)


def _settle(plan: Plan, lookup: Lookup[Any], one: Pending) -> tuple[str, Any]:
    return one.item.item_id, lookup.settle(one.rows, plan.task.about(one.item), one.annotation)
