"""What the pilot found: the candidates' gains, the judge that is used, and how right the annotator is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass

import numpy as np

from act_spec.store.database import Store
from act_spec.store.inserts import insert


@dataclass(frozen=True)
class PilotRow:
    """One candidate judge as the pilot saw it; fields are the columns of `pilots`. Gains are None without errors."""

    stage_key: str
    position: int
    name: str
    judge_key: str
    gain: float | None
    gain_low: float | None
    gain_high: float | None
    behind: float | None
    behind_low: float | None
    behind_high: float | None
    used: bool
    told_apart: bool
    beats_chance: bool
    reviewed: int
    machine_right: int
    accuracy_bound: float


_TYPES = {
    "stage_key": "VARCHAR",
    "position": "INTEGER",
    "name": "VARCHAR",
    "judge_key": "VARCHAR",
    **dict.fromkeys(("gain", "gain_low", "gain_high", "behind", "behind_low", "behind_high"), "DOUBLE"),
    **dict.fromkeys(("used", "told_apart", "beats_chance"), "BOOLEAN"),
    "reviewed": "BIGINT",
    "machine_right": "BIGINT",
    "accuracy_bound": "DOUBLE",
}


def write_pilot(store: Store, rows: Sequence[PilotRow]) -> None:
    """Record a pilot's verdict; it is not decided twice."""
    with store.transaction():
        insert(store, "history.pilots", _TYPES, [astuple(row) for row in rows])


def read_pilot(store: Store, stage_key: str) -> list[PilotRow]:
    """The verdict of an allocation's pilot, best candidate first; empty before there is one."""
    rows = store.rows("SELECT * FROM history.pilots WHERE stage_key = ? ORDER BY position", [stage_key])
    return [PilotRow(*row) for row in rows]


def pilot_items(store: Store, judge_keys: Sequence[str]) -> dict[str, np.ndarray]:
    """
    The first round's items with an answer, sorted by id.

    Returns:
        Booleans `failed` (no machine label) and `wrong`, `group` (equal text
        where items belong together), and by each key the error probabilities,
        NaN where there is none; all of shape (n,).
    """
    listed = ", ".join(
        f"coalesce(max(j.error_probability) FILTER (WHERE j.stage_key = ?), 'nan'::DOUBLE) AS j{number}"
        for number in range(len(judge_keys))
    )
    found = store.arrays(
        f"""
        SELECT any_value(l.machine_label IS NULL) AS failed,
            any_value(l.human_label IS DISTINCT FROM l.machine_label) AS wrong,
            any_value(coalesce(i.group_id, i.item_id)) AS grp{", " + listed if listed else ""}
        FROM labels l JOIN items i USING (item_id) LEFT JOIN history.judgments j USING (item_id)
        WHERE l.selected AND l.round = 1 AND l.human_label IS NOT NULL
        GROUP BY l.item_id ORDER BY l.item_id
        """,
        list(judge_keys),
    )
    filled = {
        name: np.ma.filled(values) if np.ma.isMaskedArray(values) else values
        for name, values in found.items()
    }
    return {
        "failed": filled["failed"].astype(bool),
        "wrong": filled["wrong"].astype(bool),
        "group": np.asarray(filled["grp"], dtype=str),
        **{key: filled[f"j{number}"] for number, key in enumerate(judge_keys)},
    }
