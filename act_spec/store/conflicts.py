"""Where annotator, judge and people disagree: confusable pairs, confusion tables, settled boundary cases."""

from __future__ import annotations

import json
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


def settled_cases(store: Store, before_round: int, limit: int) -> list[tuple[str, dict[str, Any], str, str]]:
    """
    Id, content, settled label and note of reviewed items that people changed, from rounds before this one.

    An item of a round that still awaits answers is never among them.
    """
    rows = store.rows(
        """
        SELECT i.item_id, i.content, r.label, coalesce(r.note, '') FROM reviews r JOIN items i USING (item_id)
        WHERE r.round < ? AND r.outcome = 'change' ORDER BY r.note IS NULL, r.reviewed_at DESC, r.item_id LIMIT ?
        """,
        [before_round, limit],
    )
    return [(item_id, json.loads(content), label, note) for item_id, content, label, note in rows]


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
