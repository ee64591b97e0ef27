"""Reviews: what people answered, every revision kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from act_spec.store.database import Store
from act_spec.store.inserts import insert


@dataclass(frozen=True, slots=True)
class Review:
    """One person's answer to one item; `outcome` is keep, change, ambiguous or skip."""

    item_id: str
    round: int
    reviewer: str
    label: str | None
    outcome: str
    seconds: float | None
    note: str | None
    guideline_version: str | None
    channel: str


_TYPES = {
    "stage_key": "VARCHAR",
    "item_id": "VARCHAR",
    "round": "INTEGER",
    "reviewer": "VARCHAR",
    "label": "VARCHAR",
    "outcome": "VARCHAR",
    "seconds": "DOUBLE",
    "note": "VARCHAR",
    "guideline_version": "VARCHAR",
    "channel": "VARCHAR",
    "revision": "INTEGER",
    "reviewed_at": "TIMESTAMP",
}


def write_reviews(store: Store, stage_key: str, reviews: Sequence[Review], now: datetime) -> int:
    """
    Record answers; one that says what is recorded already changes nothing.

    Returns:
        How many answers were new or changed.
    """
    latest = {
        (item_id, reviewer): (revision, label, outcome, note)
        for item_id, reviewer, revision, label, outcome, note in store.rows(
            """
            SELECT item_id, reviewer, max(revision), arg_max(label, revision), arg_max(outcome, revision),
                arg_max(note, revision)
            FROM history.reviews WHERE stage_key = ? GROUP BY item_id, reviewer
            """,
            [stage_key],
        )
    }
    rows = []
    for one in reviews:
        revision, *said = latest.get((one.item_id, one.reviewer), (0, None, None, None))
        if said == [one.label, one.outcome, one.note]:
            continue
        rows.append(
            (
                stage_key,
                one.item_id,
                one.round,
                one.reviewer,
                one.label,
                one.outcome,
                one.seconds,
                one.note,
                one.guideline_version,
                one.channel,
                revision + 1,
                now,
            )
        )
    with store.transaction():
        insert(store, "history.reviews", _TYPES, rows)
    return len(rows)
