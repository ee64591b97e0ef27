"""Several reviewers' answers to the same items, and what they amount to."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from act_spec.store.database import Store
from act_spec.store.inserts import insert


@dataclass(frozen=True, slots=True)
class HumanVote:
    """
    A reviewer's latest answer to an item.

    Attributes:
        item_id: Of the item.
        reviewer: Who answered.
        label: None as ambiguous.
        machine_label: Of the item; None where annotation failed.
        group: Name of the item's group; its own id where there is none.
        answers: Rows of `reviews` that the item has, revisions counted.
        columns: What the data has in columns that are kept and shown to nobody.
    """

    item_id: str
    reviewer: str
    label: str | None
    machine_label: str | None
    group: str
    answers: int
    columns: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Adjudicated:
    """What an item's answers amount to; `outcome` is settled, ambiguous or open, `shares` JSON: label to share."""

    item_id: str
    label: str | None
    outcome: str
    method: str
    confidence: float | None
    shares: str | None
    answers: int


_TYPES = {
    "stage_key": "VARCHAR",
    "item_id": "VARCHAR",
    "label": "VARCHAR",
    "outcome": "VARCHAR",
    "method": "VARCHAR",
    "confidence": "DOUBLE",
    "shares": "VARCHAR",
    "answers": "BIGINT",
}


def human_votes(store: Store) -> list[HumanVote]:
    """Every reviewer's latest answer to every item, skips left out; sorted by item and reviewer."""
    rows = store.rows(
        """
        SELECT item_id, reviewer, CASE WHEN outcome <> 'ambiguous' THEN r.label END, a.label,
            coalesce(i.group_id, item_id), answers, d.recorded
        FROM (SELECT item_id, reviewer, arg_max_null(label, revision) AS label,
                arg_max(outcome, revision) AS outcome
            FROM reviews GROUP BY item_id, reviewer) r
        JOIN (SELECT item_id, count(*) AS answers FROM reviews GROUP BY item_id) n USING (item_id)
        JOIN items i USING (item_id) LEFT JOIN annotations a USING (item_id)
        JOIN (SELECT item_id, recorded FROM history.items JOIN history.current_keys k USING (stage_key)
            WHERE k.stage = 'data') d USING (item_id)
        WHERE outcome IN ('keep', 'change', 'ambiguous') ORDER BY item_id, reviewer
        """
    )
    return [
        HumanVote(item, reviewer, label, machine, group, answers, json.loads(recorded or "{}"))
        for item, reviewer, label, machine, group, answers, recorded in rows
    ]


def write_adjudicated(store: Store, stage_key: str, rows: Sequence[Adjudicated]) -> None:
    """Replace what the answers amounted to before."""
    values = [
        (stage_key, one.item_id, one.label, one.outcome, one.method, one.confidence, one.shares, one.answers)
        for one in rows
    ]
    with store.transaction():
        store.run("DELETE FROM history.adjudicated WHERE stage_key = ?", [stage_key])
        insert(store, "history.adjudicated", _TYPES, values)


def adjudication_counts(store: Store) -> dict[str, int]:
    """How many items have each outcome, of those that several reviewers' answers decide."""
    return dict(store.rows("SELECT outcome, count(*) FROM adjudicated GROUP BY outcome ORDER BY outcome"))


def open_items(store: Store) -> list[str]:
    """Items whose answers do not settle a label, by id."""
    return [
        row[0]
        for row in store.rows("SELECT item_id FROM adjudicated WHERE outcome = 'open' ORDER BY item_id")
    ]
