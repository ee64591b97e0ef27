"""Which runs of a matrix are done, and their figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from act_spec.records import canonical_json
from act_spec.store.database import Store


def keep_only(store: Store, plans: Sequence[str]) -> None:
    """Let the view `matrix` show the runs of these plans alone; what they produced stays in any case."""
    store.run("DELETE FROM history.cells WHERE plan_hash NOT IN (SELECT unnest(?::VARCHAR[]))", [list(plans)])


def done(store: Store) -> set[str]:
    """Hashes of the plans that are walked to their end."""
    return {row[0] for row in store.rows("SELECT plan_hash FROM history.cells")}


def write_cell(
    store: Store,
    plan_hash: str,
    place: tuple[int, Mapping[str, str], Mapping[str, int]],
    measure_key: str,
    now: datetime,
) -> None:
    """
    Record that a run is walked to its end.

    Args:
        store: The run's database.
        plan_hash: Of its plan.
        place: Its number in the matrix, its setting and its repeat.
        measure_key: Of its figures.
        now: UTC.
    """
    position, setting, repeat = place
    store.run(
        "INSERT OR REPLACE INTO history.cells VALUES (?, ?, ?, ?, ?, ?)",
        [plan_hash, position, canonical_json(dict(setting)), canonical_json(dict(repeat)), measure_key, now],
    )


def figures(store: Store) -> list[tuple[str, str, float | None]]:
    """Plan hash, name and value of every figure, runs in the matrix's order."""
    return store.rows("SELECT plan_hash, name, value FROM matrix")
