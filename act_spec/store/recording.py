"""
A finished run beside a fresh one: what was recorded is taken over, what follows from it is compared.

The finished run is attached under the name `recorded`, for reading alone.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from act_spec.store.database import Store

_TABLES = {"annotate": "annotations", "judge": "judgments"}


@contextmanager
def beside_recorded(database: Path, fresh: Path) -> Iterator[Store]:
    """
    A fresh run's store, with a finished run attached as `recorded`.

    A copy is attached, brought to the tables of today; the run itself is left
    as it is.

    Raises:
        StoreError: If another process writes the run, or it cannot be read.
    """
    with copied(database) as copy:
        Store.open(copy).close()
        with Store.open(fresh, beside=[copy, Path(f"{copy}.wal")]) as store:
            quoted = str(copy).replace("'", "''")
            store.run(f"ATTACH '{quoted}' AS recorded (READ_ONLY)")
            yield store
            store.run("DETACH recorded")


@contextmanager
def copy_of(database: Path) -> Iterator[Store]:
    """
    A copy of a run, to try something on; the run itself is left as it is.

    Raises:
        StoreError: If another process writes the run, or it cannot be read.
    """
    with copied(database) as copy, Store.open(copy) as store:
        yield store


@contextmanager
def copied(database: Path) -> Iterator[Path]:
    """The file of a copy, gone afterwards."""
    with TemporaryDirectory(prefix="act-spec-") as scratch:
        copy = Path(scratch) / "run.duckdb"
        with Store.open(database, read_only=True):
            for ending in ("", ".wal"):
                if Path(f"{database}{ending}").is_file():
                    shutil.copyfile(f"{database}{ending}", f"{copy}{ending}")
        yield copy


@dataclass(frozen=True)
class Drawn:
    """A round as it was drawn: its number, its reviews, and when (UTC)."""

    number: int
    size: int
    at: datetime


def drawn_rounds(store: Store, *, recorded: bool = False) -> list[Drawn]:
    """The rounds of the current plan, in order."""
    schema = "recorded.history" if recorded else "history"
    return [
        Drawn(*row)
        for row in store.rows(
            f"""
            SELECT s.round, s.size, s.drawn_at FROM {schema}.round_shares s
            JOIN {schema}.current_keys k ON s.stage_key = k.stage_key AND k.stage = 'allocate'
            ORDER BY s.round
            """
        )
    ]


def replies_digest(store: Store) -> dict[str, Any]:
    """How many calls brought a usable reply, and one hash of them all."""
    return _digest(store, "SELECT call_key, response, tokens FROM calls WHERE status = 'ok'")


def answers_digest(store: Store, review_key: str, *, recorded: bool = False) -> dict[str, Any]:
    """How many answers people gave, revisions counted, and one hash of them all."""
    schema = "recorded.history" if recorded else "history"
    return _digest(
        store,
        "SELECT item_id, reviewer, revision, label, outcome, note, round "
        f"FROM {schema}.reviews WHERE stage_key = ?",
        [review_key],
    )


def _digest(store: Store, rows: str, values: Sequence[Any] = ()) -> dict[str, Any]:
    count, digest = store.one(
        f"""
        SELECT count(*), sha256(coalesce(string_agg(line, '' ORDER BY line), ''))
        FROM (SELECT sha256(to_json(r)::VARCHAR) AS line FROM ({rows}) r)
        """,
        values,
    )
    return {"count": count, "sha256": digest}


def take_calls(store: Store) -> None:
    """Every recorded call as it stands, and nothing else."""
    with store.transaction():
        store.run("DELETE FROM calls")
        store.run("INSERT INTO calls SELECT * FROM recorded.main.calls")


def take_media(store: Store) -> None:
    """What files came to, so that a replay shows the same pixels whatever decodes them now."""
    with store.transaction():
        store.run("INSERT INTO media SELECT * FROM recorded.main.media ON CONFLICT DO NOTHING")
        store.run(
            "INSERT INTO history.prepared SELECT * FROM recorded.history.prepared ON CONFLICT DO NOTHING"
        )


def take_answers(store: Store, after: datetime | None, until: datetime | None) -> None:
    """People's answers of a stretch of time: later than `after`, not later than `until`; None leaves an end open."""
    store.run(
        """
        INSERT INTO history.reviews SELECT * FROM recorded.history.reviews
        WHERE (?::TIMESTAMP IS NULL OR reviewed_at > ?::TIMESTAMP)
            AND (?::TIMESTAMP IS NULL OR reviewed_at <= ?::TIMESTAMP)
        """,
        [after, after, until, until],
    )


_WRITTEN = (
    *("guidelines", "disputes", "rule_drafts", "rule_decisions"),
    *("blind_spots", "patterns", "hypotheses", "synthetic", "synthetic_decisions"),
)


def take_guidelines(store: Store) -> None:
    """The guideline's versions, rules and examples that were drafted, and what people decided about them."""
    with store.transaction():
        for table in _WRITTEN:
            store.run(f"DELETE FROM history.{table}")
            store.run(f"INSERT INTO history.{table} SELECT * FROM recorded.history.{table}")


def forget_plans(store: Store) -> None:
    """Drop the plans that were current on the way."""
    store.run("DELETE FROM history.plans")


def settled_items(store: Store, stage: str, keys: Sequence[str]) -> set[str] | None:
    """Items that the recorded run settled in a stage, under any of these keys; None for a stage without such a table."""
    table = _TABLES.get(stage)
    if table is None:
        return None
    return {
        row[0]
        for row in store.rows(
            f"SELECT DISTINCT item_id FROM recorded.history.{table} WHERE stage_key IN (SELECT unnest(?::VARCHAR[]))",
            [list(keys)],
        )
    }


@dataclass(frozen=True)
class Compared:
    """
    One table of both runs.

    Attributes:
        name: As the run's tables name it.
        equal: Rows that are the same in both.
        total: Rows in either, those of one key counted once.
        differing: Keys of rows that differ or stand in one run only, sorted; at most a few.
    """

    name: str
    equal: int
    total: int
    differing: tuple[str, ...] = ()


_COMPARED = {
    "annotations": "item_id",
    "judgments": "item_id",
    "allocations": "item_id || ' in round ' || round",
    "labels": "item_id",
    "metrics": "name",
}
_SHOWN = 5


def compare_tables(store: Store) -> list[Compared]:
    """What was rebuilt against what was recorded, table by table, every column of every row."""
    return [_compared(store, table, key) for table, key in _COMPARED.items()]


def _compared(store: Store, table: str, key: str) -> Compared:
    def keyed(schema: str) -> str:
        return f"SELECT {key} AS name, to_json(t)::VARCHAR AS said FROM {schema}.{table} t"

    rows = f"""
        FROM ({keyed("main")}) ours FULL JOIN ({keyed("recorded.main")}) theirs USING (name)
    """
    total, equal = store.one(f"SELECT count(*), count(*) FILTER (WHERE ours.said = theirs.said) {rows}")
    differing = store.rows(
        f"SELECT name {rows} WHERE ours.said IS DISTINCT FROM theirs.said ORDER BY name LIMIT {_SHOWN}"
    )
    return Compared(table, int(equal), int(total), tuple(row[0] for row in differing))
