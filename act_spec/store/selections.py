"""Rounds in the tables: which items are still open, what was chosen for whom, and what each student is worth."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from act_spec.store.database import Store

PEOPLE, MODEL = "people", "model"
"""Sources of labels, as `selections.source` names them."""


@dataclass(frozen=True)
class Open:
    """
    All items, sorted by id, and which of them no round has chosen; every field has n entries.

    Attributes:
        item_ids: Of the items.
        contents: Shown fields by shown name.
        groups: Name of the group; the item's own id where there is none.
        gold: Canonical labels, None where not known.
        chosen: Whether an earlier round has chosen it.
    """

    item_ids: Sequence[str]
    contents: Sequence[Mapping[str, Any]]
    groups: Sequence[str]
    gold: Sequence[str | None]
    chosen: Sequence[bool]


@dataclass(frozen=True)
class RoundRow:
    """
    What one round came to.

    Attributes:
        number: From 1.
        people: Items that people were to label.
        answered: Those of them with a label.
        model: Items that the annotator was to label.
        labelled: Those of them with a label.
        calls_usd: What the round's calls cost; None where a price is unknown.
        learnt: Items that the student learnt from; None before it did.
        tested: Known answers that it was tested on.
        score: Mean score on them, in [0, 1], with its 95% interval; None where there are none.
        low: Likewise.
        high: Likewise.
        note: What the score is of, or why there is none.
    """

    number: int
    people: int
    answered: int
    model: int
    labelled: int
    calls_usd: float | None
    learnt: int | None = None
    tested: int = 0
    score: float | None = None
    low: float | None = None
    high: float | None = None
    note: str = ""


def open_items(store: Store) -> Open:
    """Every item of the current plan, and whether a round has chosen it."""
    rows = store.rows(
        """
        SELECT item_id, i.content, coalesce(i.group_id, item_id), i.gold, s.item_id IS NOT NULL
        FROM items i LEFT JOIN selections s USING (item_id) ORDER BY item_id
        """
    )
    columns = list(zip(*rows, strict=True)) or [()] * 5
    return Open(columns[0], [json.loads(one) for one in columns[1]], columns[2], columns[3], columns[4])


def write_selection(
    store: Store, stage_key: str, number: int, chosen: Mapping[str, Sequence[tuple[str, str | None]]]
) -> None:
    """
    Record what a round chose, in the place of what an interrupted attempt at it left.

    Args:
        store: The run's database.
        stage_key: Of the rounds.
        number: Of the round.
        chosen: Source to the items chosen for it, with the label that the
            last student expects of each.
    """
    with store.transaction():
        store.run("DELETE FROM history.selections WHERE stage_key = ? AND round = ?", [stage_key, number])
        for source, items in chosen.items():
            store.run(
                """
                INSERT INTO history.selections
                SELECT ?, item_id, ?, ?, row_number() OVER () - 1, expected
                FROM (SELECT unnest(?::VARCHAR[]) AS item_id, unnest(?::VARCHAR[]) AS expected)
                """,
                [stage_key, number, source, [one for one, _ in items], [label for _, label in items]],
            )


def labelled_by(store: Store, source: str | None, number: int) -> list[tuple[str, Mapping[str, Any], str]]:
    """
    Items chosen up to a round that have a label: id, content, label; in the order in which they were chosen.

    Args:
        store: The run's database.
        source: `people` or `model`; None for both.
        number: The last round that counts.
    """
    rows = store.rows(
        """
        SELECT item_id, i.content, CASE s.source WHEN 'people' THEN l.human_label ELSE l.machine_label END AS label
        FROM selections s JOIN items i USING (item_id) JOIN labels l USING (item_id)
        WHERE s.round <= ? AND (s.source = ? OR ? IS NULL) AND label IS NOT NULL
        ORDER BY s.round, s.source DESC, s.place
        """,
        [number, source, source],
    )
    return [(item_id, json.loads(content), label) for item_id, content, label in rows]


def learnt_rounds(store: Store, stage_key: str) -> set[int]:
    """Rounds whose student has been trained."""
    return {row[0] for row in store.rows("SELECT round FROM history.rounds WHERE stage_key = ?", [stage_key])}


def write_learnt(
    store: Store,
    stage_key: str,
    number: int,
    learnt: int,
    score: tuple[int, float | None, float | None, float | None, str],
    now: datetime,
) -> None:
    """Record a round's student: items that it learnt from; items tested on, score, low, high, note."""
    store.run(
        "INSERT OR REPLACE INTO history.rounds VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [stage_key, number, learnt, *score, now],
    )


def expected_and_answered(store: Store, number: int) -> list[tuple[str, str, str | None]]:
    """Of a round's items for people: id, what the student before expected, what people say."""
    return store.rows(
        """
        SELECT item_id, s.expected, h.label
        FROM selections s LEFT JOIN history.human_labels h USING (item_id)
        WHERE s.round = ? AND s.source = 'people' AND s.expected IS NOT NULL ORDER BY item_id
        """,
        [number],
    )


def open_at(store: Store, number: int) -> list[tuple[str, float]]:
    """The items that a round could choose from, sorted by id, with their inclusion probabilities."""
    return store.rows(
        "SELECT item_id, inclusion_probability FROM allocations WHERE round = ? ORDER BY item_id", [number]
    )


def round_rows(store: Store, stage_key: str) -> list[RoundRow]:
    """What each round came to so far, in order."""
    rows = store.rows(
        """
        WITH chosen AS (
            SELECT s.round, count(*) FILTER (WHERE s.source = 'people') AS people,
                count(*) FILTER (WHERE s.source = 'people' AND l.human_label IS NOT NULL) AS answered,
                count(*) FILTER (WHERE s.source = 'model') AS model,
                count(*) FILTER (WHERE s.source = 'model' AND l.machine_label IS NOT NULL) AS labelled
            FROM selections s JOIN labels l USING (item_id) GROUP BY s.round),
        paid AS (
            SELECT round, sum(cost_usd) AS usd, count(*) FILTER (WHERE cost_usd IS NULL AND status = 'ok') AS unknown
            FROM calls GROUP BY round)
        SELECT c.round, c.people, c.answered, c.model, c.labelled,
            CASE WHEN coalesce(p.unknown, 0) = 0 THEN coalesce(p.usd, 0) END,
            r.learnt, coalesce(r.tested, 0), r.score, r.low, r.high, coalesce(r.note, '')
        FROM chosen c LEFT JOIN paid p USING (round)
        LEFT JOIN (SELECT * FROM history.rounds WHERE stage_key = ?) r USING (round)
        ORDER BY c.round
        """,
        [stage_key],
    )
    return [RoundRow(*row) for row in rows]
