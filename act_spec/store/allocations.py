"""Allocations: each round's probability and draw for every item, and who comes next on the worklist."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from act_spec.store.database import Store
from act_spec.store.times import after_all


@dataclass(frozen=True)
class Candidates:
    """
    Items that a round can draw, sorted by id.

    Attributes:
        places: Shape (n,), each item's place among all items sorted by id, from 1.
        error_probability: Shape (n,), NaN where there is none.
        failed: Shape (n,), whether annotation or judgment failed.
        addressed: Shape (n,), whether the item shows a sign of speaking to the model.
    """

    places: np.ndarray
    error_probability: np.ndarray
    failed: np.ndarray
    addressed: np.ndarray


def candidates(store: Store) -> Candidates:
    """The items that no earlier round has drawn."""
    found = store.arrays(
        """
        WITH drawn AS (SELECT DISTINCT item_id FROM allocations WHERE selected)
        SELECT place, error_probability, failed, addressed FROM (
            SELECT row_number() OVER (ORDER BY i.item_id) AS place, i.item_id,
                coalesce(j.error_probability, 'nan'::DOUBLE) AS error_probability,
                a.label IS NULL OR j.status <> 'ok' AS failed,
                i.item_id IN (SELECT item_id FROM signs) AS addressed
            FROM items i LEFT JOIN history.said a USING (item_id) LEFT JOIN history.judged j USING (item_id))
        ANTI JOIN drawn USING (item_id)
        ORDER BY place
        """
    )
    return Candidates(
        np.asarray(found["place"], dtype=np.int64),
        np.asarray(found["error_probability"], dtype=np.float64),
        np.asarray(np.ma.filled(found["failed"], fill_value=False), dtype=bool),
        np.asarray(found["addressed"], dtype=bool),
    )


def rounds(store: Store) -> list[tuple[int, int, int]]:
    """Round, items that it could draw, items that it drew; in order."""
    return store.rows(
        """
        SELECT s.round, s.population, s.size FROM history.round_shares s
        JOIN history.current_keys k ON s.stage_key = k.stage_key AND k.stage = 'allocate' ORDER BY s.round
        """
    )


def unanswered(store: Store) -> int:
    """Drawn items that no one has answered, skipped or called ambiguous."""
    return int(
        store.one(
            """
            SELECT count(*) FROM (SELECT DISTINCT item_id FROM allocations WHERE selected)
            ANTI JOIN reviews USING (item_id)
            """
        )[0]
    )


@dataclass(frozen=True)
class Round:
    """
    One round's draw, for items in the order of `places`.

    Attributes:
        number: From 1.
        rule: Name with version.
        places: As in `Candidates`.
        inclusion_probability: Shape (n,), given everything before this round.
        selected: Shape (n,).
        reason: Shape (n,), `rule`, `audit`, `failed`, `injection` or None.
        worklist_position: Shape (n,), places on the worklist from 0; -1 where not drawn.
    """

    number: int
    rule: str
    places: np.ndarray
    inclusion_probability: np.ndarray
    selected: np.ndarray
    reason: np.ndarray
    worklist_position: np.ndarray


def write_round(
    store: Store, stage_key: str, drawn: Round, shares: list[tuple[int, int, int, float]], now: datetime
) -> None:
    """
    Record a round, and every round's share of the weight, in one transaction.

    Args:
        store: The run's database.
        stage_key: Key of the allocation.
        drawn: The new round.
        shares: Round, population, size and share a_t of all rounds so far.
        now: UTC.
    """
    later = {number: sum(share for other, _, _, share in shares if other > number) for number, *_ in shares}
    columns = {
        "place": drawn.places,
        "probability": drawn.inclusion_probability,
        "selected": drawn.selected,
        "reason": drawn.reason,
        "worklist": drawn.worklist_position,
    }
    with store.transaction(), store.lent("drawn", columns):
        store.run(
            """
            INSERT INTO history.allocations
            SELECT ?, item_id, ?, ?, probability, selected, reason, CASE WHEN selected THEN worklist END
            FROM (SELECT item_id, row_number() OVER (ORDER BY item_id) AS place FROM items)
            JOIN drawn USING (place)
            """,
            [stage_key, drawn.number, drawn.rule],
        )
        now = after_all(store, now)
        drawn_at = dict(
            store.rows("SELECT round, drawn_at FROM history.round_shares WHERE stage_key = ?", [stage_key])
        )
        store.run("DELETE FROM history.round_shares WHERE stage_key = ?", [stage_key])
        for number, population, size, share in shares:
            store.run(
                "INSERT INTO history.round_shares VALUES (?, ?, ?, ?, ?, ?, ?)",
                [stage_key, number, population, size, share, later[number], drawn_at.get(number, now)],
            )


def worklist(store: Store) -> list[dict[str, Any]]:
    """Drawn items in worklist order, with the answer that each has so far."""
    rows = store.rows(
        """
        WITH drawn AS MATERIALIZED (
            SELECT item_id, w.round, worklist_position, inclusion_probability
            FROM history.allocations w
            JOIN history.current_keys k ON w.stage_key = k.stage_key AND k.stage = 'allocate' WHERE w.selected),
        shown AS (SELECT item_id, content FROM items WHERE item_id IN (SELECT item_id FROM drawn))
        SELECT w.item_id, i.content, w.round, r.label, r.outcome, r.reviewer, r.note, a.label,
            w.inclusion_probability, (SELECT max(version) FROM history.guidelines)
        FROM drawn w
        JOIN shown i USING (item_id)
        LEFT JOIN (FROM history.said SEMI JOIN drawn USING (item_id)) a USING (item_id)
        LEFT JOIN (SELECT item_id, arg_max_null(label, (reviewed_at, revision)) AS label,
                arg_max(outcome, (reviewed_at, revision)) AS outcome,
                arg_max(reviewer, (reviewed_at, revision)) AS reviewer,
                arg_max_null(note, (reviewed_at, revision)) AS note
            FROM reviews GROUP BY item_id) r USING (item_id)
        ORDER BY w.round, w.worklist_position
        """
    )
    names = (
        "item_id",
        "content",
        "round",
        "label",
        "outcome",
        "reviewer",
        "note",
        "machine_label",
        "inclusion_probability",
        "guideline_version",
    )
    return [dict(zip(names, (row[0], json.loads(row[1]), *row[2:]), strict=True)) for row in rows]
