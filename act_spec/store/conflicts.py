"""Where annotator, judge and people disagree: confusable pairs, confusion tables, settled boundary cases."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from act_spec.store.database import Store

NO_LABEL = "(no label)"
"""Stands in a confusion table for an item that the machine left without a label."""


def confusable_pairs(store: Store) -> list[tuple[str, str, int]]:
    """Label, other label and count, where the judge would give another label; most frequent first."""
    return store.rows(
        """
        SELECT least(a.label, j.suggested_label) AS one, greatest(a.label, j.suggested_label) AS other,
            count(*) AS times
        FROM annotations a JOIN judgments j USING (item_id)
        WHERE j.suggested_label IS NOT NULL AND j.suggested_label <> a.label
        GROUP BY ALL ORDER BY times DESC, one, other
        """
    )


@dataclass(frozen=True)
class SettledCase:
    """
    A reviewed item whose answer is settled, where annotator, judge and people were not of one mind.

    Attributes:
        item_id: Its own.
        content: Shown fields by their shown names.
        label: As people settled it.
        other: The label that it was taken for; the annotator's, else the judge's.
        note: The latest note beside an answer that was upheld.
    """

    item_id: str
    content: dict[str, Any]
    label: str
    other: str
    note: str


def settled_cases(store: Store, unfinished: Collection[int], limit: int) -> list[SettledCase]:
    """
    Settled conflicts of finished rounds, those with a note first.

    An item of an unfinished round is never among them, nor one that belongs to
    the group of such an item. Known answers are not looked at.

    Args:
        store: The run's database.
        unfinished: Rounds in which an answer is due.
        limit: Most that are returned.
    """
    rows = store.rows(
        """
        WITH open AS (
            SELECT item_id, group_id FROM history.draws JOIN items USING (item_id)
            WHERE selected AND list_contains(?::INTEGER[], round)),
        latest AS (
            SELECT item_id, arg_max_null(label, revision) AS label, arg_max_null(note, revision) AS note,
                max(reviewed_at) AS reviewed_at
            FROM reviews GROUP BY item_id, reviewer),
        notes AS (
            SELECT item_id, arg_max(l.note, l.reviewed_at) AS note
            FROM latest l JOIN history.human_labels h USING (item_id)
            WHERE l.label = h.label AND l.note <> '' GROUP BY item_id)
        SELECT item_id, i.content, h.label,
            CASE WHEN a.label <> h.label THEN a.label ELSE j.suggested_label END, coalesce(n.note, '')
        FROM items i JOIN history.human_labels h USING (item_id)
        JOIN annotations a USING (item_id) LEFT JOIN judgments j USING (item_id) LEFT JOIN notes n USING (item_id)
        SEMI JOIN (SELECT item_id FROM history.draws WHERE selected) USING (item_id)
        ANTI JOIN open USING (item_id)
        WHERE (a.label <> h.label OR j.suggested_label <> h.label)
            AND NOT coalesce(i.group_id IN (SELECT group_id FROM open WHERE group_id IS NOT NULL), false)
        ORDER BY n.note IS NULL, a.label = h.label, item_id LIMIT ?
        """,
        [sorted(unfinished), limit],
    )
    return [SettledCase(item, json.loads(content), *rest) for item, content, *rest in rows]


def confusion(store: Store, column: str, against: str) -> list[tuple[str, str, int]]:
    """
    How often each label met each other one, over the reviewed items or those with gold.

    Args:
        store: The run's database.
        column: `machine_label` or `label`.
        against: `human_label` or `gold`.
    """
    return store.rows(
        f"""
        SELECT coalesce({column}, ?), {against}, count(*) FROM labels JOIN items USING (item_id)
        WHERE {against} IS NOT NULL GROUP BY ALL ORDER BY ALL
        """,
        [NO_LABEL],
    )
