"""Reviews: what people answered, every revision kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from act_spec.errors import ReviewError
from act_spec.store.database import Store
from act_spec.store.inserts import insert
from act_spec.store.times import after_all


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


@dataclass(frozen=True, slots=True)
class Given:
    """A person's latest word on an item; `revision` counts from 1."""

    item_id: str
    reviewer: str
    revision: int
    label: str | None
    outcome: str
    note: str | None
    seconds: float | None


class AnsweredElsewhereError(ReviewError):
    """An answer was given to an item as it stood before another answer came in; `given` is that one."""

    def __init__(self, given: Given) -> None:
        super().__init__(
            f"{given.reviewer} has answered '{given.item_id}' elsewhere meanwhile; look at that answer first."
        )
        self.given = given


# Label and note may be NULL, which plain arg_max passes over for an older value.
_LATEST = """
SELECT item_id, reviewer, max(revision), arg_max_null(label, revision), arg_max(outcome, revision),
    arg_max_null(note, revision), arg_max_null(seconds, revision)
FROM history.reviews WHERE stage_key = ?{more} GROUP BY item_id, reviewer
"""


def latest_answers(store: Store, stage_key: str) -> list[Given]:
    """Everybody's latest word on every item, skips included."""
    return [Given(*row) for row in store.rows(_LATEST.format(more=""), [stage_key])]


def answered_items(store: Store, stage_key: str) -> set[str]:
    """Items to which somebody gave an answer under this key."""
    rows = store.rows("SELECT DISTINCT item_id FROM history.reviews WHERE stage_key = ?", [stage_key])
    return {row[0] for row in rows}


def reviewer_names(store: Store) -> list[str]:
    """Everybody who has answered, sorted."""
    return [row[0] for row in store.rows("SELECT DISTINCT reviewer FROM reviews ORDER BY reviewer")]


def write_answer(store: Store, stage_key: str, review: Review, expected: int, now: datetime) -> Given:
    """
    Record one answer, if the reviewer's last one is still the expected one.

    The same answer once more changes nothing, so a browser may send it again.
    Time adds up over an item's revisions.

    Args:
        store: The run's database; the answer is committed on return.
        stage_key: Key of the reviews.
        review: The answer.
        expected: Revision that the reviewer saw; 0 for none.
        now: UTC.

    Raises:
        AnsweredElsewhereError: If another answer of the reviewer came in between.
    """
    more = " AND item_id = ? AND reviewer = ?"
    rows = store.rows(_LATEST.format(more=more), [stage_key, review.item_id, review.reviewer])
    before = Given(*rows[0]) if rows else None
    if before and (before.label, before.outcome, before.note) == (review.label, review.outcome, review.note):
        return before
    revision = before.revision if before else 0
    if before and revision != expected:
        raise AnsweredElsewhereError(before)
    spent = None if review.seconds is None else review.seconds + ((before and before.seconds) or 0.0)
    row = _row(stage_key, replace(review, seconds=spent), revision + 1, after_all(store, now))
    with store.transaction():
        insert(store, "history.reviews", _TYPES, [row])
    return Given(
        review.item_id, review.reviewer, revision + 1, review.label, review.outcome, review.note, spent
    )


def write_reviews(store: Store, stage_key: str, reviews: Sequence[Review], now: datetime) -> int:
    """
    Record answers; one that says what is recorded already changes nothing.

    Returns:
        How many answers were new or changed.
    """
    latest = {(given.item_id, given.reviewer): given for given in latest_answers(store, stage_key)}
    rows, now = [], after_all(store, now)
    for one in reviews:
        given = latest.get((one.item_id, one.reviewer))
        if given and (given.label, given.outcome, given.note) == (one.label, one.outcome, one.note):
            continue
        rows.append(_row(stage_key, one, given.revision + 1 if given else 1, now))
    with store.transaction():
        insert(store, "history.reviews", _TYPES, rows)
    return len(rows)


def carry_over(
    store: Store, former: Sequence[str], stage_key: str, renamed: Callable[[str | None], str | None]
) -> int:
    """
    Take answers along that were given when labels had other names; the former rows stay as they are.

    What a reviewer has answered since goes before what they answered then; of
    several former sets of names, an item's answers come from the one under
    which the reviewer answered it last.

    Args:
        store: The run's database.
        former: Keys of the answers under former names.
        stage_key: Key of the answers under the new ones.
        renamed: A label under its new name.

    Returns:
        How many answers were taken along.
    """
    columns = ", ".join(name for name in _TYPES if name != "stage_key")
    rows = store.rows(
        f"""
        SELECT {columns} FROM history.reviews WHERE list_contains(?, stage_key)
        AND (item_id, reviewer) NOT IN (SELECT (item_id, reviewer) FROM history.reviews WHERE stage_key = ?)
        QUALIFY stage_key = arg_max(stage_key, (reviewed_at, revision, stage_key))
            OVER (PARTITION BY item_id, reviewer)
        ORDER BY item_id, reviewer, revision
        """,
        [list(former), stage_key],
    )
    place = list(_TYPES).index("label") - 1
    carried = [(stage_key, *row[:place], renamed(row[place]), *row[place + 1 :]) for row in rows]
    with store.transaction():
        insert(store, "history.reviews", _TYPES, carried)
    return len(carried)


def _row(stage_key: str, one: Review, revision: int, now: datetime) -> tuple[object, ...]:
    return (
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
        revision,
        now,
    )
