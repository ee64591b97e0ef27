"""Non-response: how many of the drawn items came back with a label, which part of the worklist, and what hangs on it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np

from act_spec.plan.assignment import assign
from act_spec.plan.model import Plan
from act_spec.records import Metric
from act_spec.run.estimate import evidence, scored_columns
from act_spec.store import allocations
from act_spec.store.database import Store
from act_spec.strategies.estimators.response import is_first_part

RESPONSE = "response_share"
BOUNDS = "estimated_machine_accuracy_bounds"
_WHY = {None: "not answered", "skip": "skipped", "ambiguous": "ambiguous"}
_UNSETTLED = "not settled between reviewers"
NOTHING_YET = "no answer is in yet"


@dataclass(frozen=True)
class Response:
    """
    What came back of the drawn items.

    Attributes:
        drawn: How many there are.
        labelled: Those with a label of people.
        missing: Why the others have none, to how many.
        first_part: Whether those with a label are the first ones of every queue.
    """

    drawn: int
    labelled: int
    missing: dict[str, int]
    first_part: bool

    def sentence(self) -> str:
        """For people; empty where all came back."""
        if not self.missing:
            return ""
        if set(self.missing) == {_WHY[None]} and not self.labelled:
            return NOTHING_YET
        why = ", ".join(f"{number:,} {reason}" for reason, number in self.missing.items())
        said = f"{self.labelled:,} of {self.drawn:,} drawn items have a label of people; {why}"
        if self.first_part:
            return f"{said}. They are the first of the worklist, a random part, so the estimates hold as they are"
        return f"{said}. The estimates take the rest for missing at random, which they need not be"


def response_of(plan: Plan, store: Store) -> Response | None:
    """What came back; None where nothing is drawn."""
    rows = allocations.worklist(store)
    if not rows:
        return None
    known = {
        row[0] for row in store.rows("SELECT item_id FROM labels WHERE selected AND human_label IS NOT NULL")
    }
    labelled = np.array([row["item_id"] in known for row in rows])
    people = assign(plan.review, [row["round"] for row in rows], plan.seed)
    queues: dict[tuple[int, str], int] = {}
    queue = [
        queues.setdefault((row["round"], names[0]), len(queues))
        for row, names in zip(rows, people, strict=True)
    ]
    missing = Counter(
        _WHY.get(row["outcome"], _UNSETTLED) for row, has in zip(rows, labelled, strict=True) if not has
    )
    return Response(
        len(rows),
        int(labelled.sum()),
        dict(missing.most_common()),
        is_first_part(labelled, np.array(queue)),
    )


def response_metrics(plan: Plan, store: Store) -> list[Metric]:
    """The share that came back; and, where the rest is not missing by the draw, what it could do at most."""
    found = response_of(plan, store)
    if found is None:
        return [Metric(RESPONSE, None, note="no reviews are drawn yet")]
    share = Metric(RESPONSE, found.labelled / found.drawn, note=found.sentence())
    if plan.rounds is not None or not found.missing or found.first_part or not found.labelled:
        return [share]
    return [share, _bounds(plan, store)]


def _bounds(plan: Plan, store: Store) -> Metric:
    """The estimate, were all that is missing wrong, and were it right."""
    try:
        low, high = (_accuracy_if(plan, store, wrong=wrong) for wrong in (True, False))
    except ValueError as error:
        return Metric(BOUNDS, None, note=str(error))
    note = (
        "low: were every machine label without an answer wrong; high: were they right. Sampling comes on top"
    )
    return Metric(BOUNDS, None, low, high, note)


def _accuracy_if(plan: Plan, store: Store, *, wrong: bool) -> float:
    columns = scored_columns(plan, store)
    missing = columns["selected"].astype(bool) & ~columns["reviewed"]
    # What the machine could not label is wrong in any case.
    supposed = columns["failed"] | wrong
    filled = columns | {
        "reviewed": columns["reviewed"] | missing,
        "corrected": np.where(missing, supposed, columns["corrected"]),
    }
    known, _ = evidence(plan, store, filled)
    return replace(known, corrected_besides=0.0).accuracy().machine.value
