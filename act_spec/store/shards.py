"""
Runs of a part of the items, each with a file of its own, and one file made of them all.

Every part holds its items at their places in the walk of all, so nothing is
numbered anew when parts come together.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import duckdb

from act_spec.errors import StoreError
from act_spec.store.database import Store
from act_spec.store.migrations import VERSION
from act_spec.store.table_files import table_names

# What a shard writes: rows that several may have, rows of its own, and what is brought together with more care.
_SAME = ("history.plans", "history.current_keys", "history.prepared", "history.deadlines", "media")
_OWN = tuple(
    f"history.{name}" for name in ("items", "annotations", "judgments", "votes", "batches", "batch_requests")
)
_SETTLED = ("calls", "history.signs", "meta")


@dataclass(frozen=True)
class Part:
    """
    What a shard's file says of itself.

    Attributes:
        path: The file.
        number: Which part, from 1.
        of: Of how many.
        name: The recipe's.
        plan_hash: Of the current plan.
        recipe: Where the recipe stood.
        whole: Items of all parts together.
        items: Items of this part.
        spent_usd: On its calls; unknown prices count nothing.
    """

    path: Path
    number: int
    of: int
    name: str
    plan_hash: str
    recipe: str
    whole: int
    items: int
    spent_usd: float


def hold_to_part(store: Store, part: tuple[int, int] | None) -> None:
    """
    Note that this file is of one part of the items, or of all of them.

    Raises:
        StoreError: If it holds another part already.
    """
    held = part_of(store)
    if held == part:
        return
    if held is not None:
        raise StoreError(
            f"{store.path}: this is shard {held[0]}/{held[1]} of a run. Go on with --shard {held[0]}/{held[1]}, "
            "or bring all shards together with `act-spec merge`."
        )
    if store.rows("SELECT 1 FROM history.items LIMIT 1"):
        raise StoreError(
            f"{store.path}: this is a run of all items already. Name another folder for the shard with --run."
        )
    store.run("INSERT INTO meta VALUES ('shard', ?)", [json.dumps(part)])


def part_of(store: Store) -> tuple[int, int] | None:
    """The number of the part that this file holds, and of how many; None of a run of all items."""
    found = store.rows("SELECT value FROM meta WHERE key = 'shard'")
    if not found:
        return None
    number, of = json.loads(found[0][0])
    return int(number), int(of)


def read_part(path: Path) -> Part:
    """
    What a shard's file says of itself.

    Raises:
        StoreError: If it is no shard, nothing was run in it yet, it holds more
            than a shard does, a batch is out, or another process writes it.
    """
    with Store.open(path, read_only=True) as store:
        held = part_of(store)
        if held is None:
            raise StoreError(
                f"{path}: this is no shard of a run; those are made with `act-spec run --shard`."
            )
        plans = store.rows(
            "SELECT plan_hash, plan FROM history.plans WHERE plan_hash = (SELECT value FROM meta WHERE key = 'plan_hash')"
        )
        if not plans:
            raise StoreError(f"{path}: nothing was run in this shard yet. Go on with `act-spec run --shard`.")
        if store.one("SELECT value FROM meta WHERE key = 'schema_version'")[0] != str(VERSION):
            raise StoreError(
                f"{path}: written by an older act-spec. Go on with `act-spec run --shard` once, and merge then."
            )
        if store.rows("SELECT 1 FROM history.batches WHERE ended_at IS NULL LIMIT 1"):
            raise StoreError(
                f"{path}: a batch of this shard is out, and only it can collect it. Go on with `act-spec run --shard`."
            )
        for table in sorted({*table_names(store)} - {*_SAME, *_OWN, *_SETTLED}):
            if store.rows(f"SELECT 1 FROM {table} LIMIT 1"):
                raise StoreError(
                    f"{path}: {table} has rows, and a shard writes none there; it cannot be merged."
                )
        said = json.loads(plans[0][1])
        return Part(
            path,
            *held,
            name=said["name"],
            plan_hash=plans[0][0],
            recipe=said["recipe"],
            whole=int(said["data"]["items"]),
            items=int(store.one("SELECT count(*) FROM items")[0]),
            spent_usd=float(store.one("SELECT coalesce(sum(cost_usd), 0) FROM calls")[0]),
        )


def write_whole_run(parts: Sequence[Part], output: Path) -> None:
    """
    Make one run's file of all its parts, whole or not at all.

    Args:
        parts: All of one run.
        output: The file; there is none yet.

    Raises:
        StoreError: If an item is in two parts, or the file cannot be written.
    """
    unfinished = output.with_name("merging.duckdb")
    reach = [path for part in parts for path in (part.path, Path(f"{part.path}.wal"))]
    try:
        with Store.open(unfinished, beside=reach) as store:
            for part in sorted(parts, key=lambda part: part.number):
                _take(store, part)
        unfinished.rename(output)
    except duckdb.Error as error:
        raise StoreError(f"{output}: cannot be written: {str(error).splitlines()[0]}") from error
    finally:
        for left in (unfinished, Path(f"{unfinished}.wal")):
            with suppress(OSError):
                left.unlink(missing_ok=True)


def _take(store: Store, part: Part) -> None:
    quoted = str(part.path.absolute()).replace("'", "''")
    store.run(f"ATTACH '{quoted}' AS part (READ_ONLY)")
    twice = store.rows(
        "SELECT min(item_id) FROM part.history.items SEMI JOIN history.items USING (stage_key, item_id)"
    )[0][0]
    if twice is not None:
        raise StoreError(
            f"{part.path}: item '{twice}' is in another shard, too. Run all shards with one version of act-spec "
            "and its packages."
        )
    with store.transaction():
        for table in (*_SAME, *_OWN):
            schema = "part." if "." in table else "part.main."
            again = "ON CONFLICT DO NOTHING" if table in _SAME else ""
            store.run(f"INSERT INTO {table} BY NAME FROM {schema}{table} {again}")
        store.run(_TAKE_CALLS)
        store.run("INSERT INTO history.signs (FROM part.history.signs EXCEPT FROM history.signs)")
        store.run(
            "INSERT INTO meta FROM part.main.meta WHERE key NOT IN ('shard', 'schema_version') ON CONFLICT DO NOTHING"
        )
    store.run("DETACH part")


# Shards have no call in common, unless a file was exchanged between them: then one reply stands, and both are paid.
_TAKE_CALLS = """
INSERT INTO calls BY NAME FROM part.main.calls
ON CONFLICT (call_key) DO UPDATE SET
    cost_usd = calls.cost_usd + excluded.cost_usd, possible_usd = calls.possible_usd + excluded.possible_usd,
    attempts = calls.attempts + excluded.attempts
"""
