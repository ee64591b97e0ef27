"""Which answers of people are still due, item by item."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from act_spec.plan.assignment import answers_due, assign
from act_spec.plan.model import Plan
from act_spec.store import reviews
from act_spec.store.adjudication import open_items
from act_spec.store.database import Store

Row = Mapping[str, Any]
"""An item of the worklist, with the answer that it has so far."""


def answers_due_by_item(plan: Plan, store: Store, rows: Sequence[Row]) -> list[int]:
    """Answers that each item of the worklist still needs: one, or two where it is read twice."""
    if plan.review.simulate:
        return [int(row["outcome"] is None) for row in rows]
    given: dict[str, dict[str, str | None]] = defaultdict(dict)
    for answer in reviews.latest_answers(store, plan.review_key):
        given[answer.item_id][answer.reviewer] = answer.label
    people = assign(plan.review, [row["round"] for row in rows], plan.seed)
    return [
        answers_due(plan.review, names, given[row["item_id"]])
        for row, names in zip(rows, people, strict=True)
    ]


def unfinished_rounds(plan: Plan, store: Store, rows: Sequence[Row]) -> set[int]:
    """Rounds in which an answer is due, or answers are not settled yet."""
    unsettled = set(open_items(store))
    due = answers_due_by_item(plan, store, rows)
    return {
        row["round"] for row, answers in zip(rows, due, strict=True) if answers or row["item_id"] in unsettled
    }
