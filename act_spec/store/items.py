"""The items of a run, kept in a seeded random order."""

from __future__ import annotations

import numpy as np

from act_spec.store.database import Store
from act_spec.store.scratch import Scratch

_AT_ONCE_BYTES = 10 * 2**20
_ROW_GROUP = 122_880


def keep_items(
    store: Store,
    staged: Scratch,
    stage_key: str,
    order: np.ndarray,
    sample: int | None,
    part: tuple[int, int] | None = None,
) -> None:
    """
    Bring staged items into the run, numbered by their place in the walk.

    Args:
        store: The run's database.
        staged: Where `stage_items` has read them; they are gone from it afterwards.
        stage_key: Key of the data.
        order: Shape (n,), a permutation of 0 … n-1: the places of the items
            sorted by id, in walking order.
        sample: Keep only the first so many of the walk.
        part: Of these only the part with this number, from 1, of so many. Equal
            contents fall into the same part, since they share their calls.
    """
    position = np.empty(len(order), dtype=np.int64)
    position[order] = np.arange(len(order))
    within = "true" if part is None else "('0x' || left(sha256(content::VARCHAR), 15))::BIGINT % ? = ? - 1"
    with staged.lent("walk", {"position": position, "place": np.arange(1, len(order) + 1)}):
        staged.run(
            """
            CREATE TEMP TABLE walking AS SELECT row, position
            FROM (SELECT rowid AS row, row_number() OVER (ORDER BY item_id) AS place FROM staged) JOIN walk USING (place)
            WHERE position < ? ORDER BY row
            """,
            [len(order) if sample is None else sample],
        )
    # They are stored as they come: what they say is never sorted, which takes the more memory the more it is.
    at_once = _at_once(staged)
    for first in range(0, len(order), at_once):
        staged.pass_on(
            f"""
            SELECT position, item_id, content, gold, group_id, recorded
            FROM staged JOIN walking ON staged.rowid = walking.row
            WHERE staged.rowid BETWEEN ? AND ? AND walking.row BETWEEN ? AND ? AND {within}
            """,
            [*(first, first + at_once - 1) * 2, *((part[1], part[0]) if part else ())],
            store,
            "INSERT INTO history.items SELECT ?, * FROM arrived",
            [stage_key],
        )
    for table in ("walking", "staged"):
        staged.run(f"DROP TABLE {table}")


def _at_once(staged: Scratch) -> int:
    """How many items are handed over together, as they lie in memory meanwhile: fewer where they say much."""
    said = staged.one("SELECT avg(strlen(content::VARCHAR)) FROM staged")[0]
    return max(1, min(_ROW_GROUP, int(_AT_ONCE_BYTES / said)))


def have_items(store: Store, stage_key: str) -> bool:
    """Whether the run holds these data already."""
    return bool(store.rows("SELECT 1 FROM history.items WHERE stage_key = ? LIMIT 1", [stage_key]))
