"""The reviews as estimators want them, and whether the target of an automatic budget is met."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from act_spec.plan.model import Plan
from act_spec.run.calibration import cross_fitted_scores
from act_spec.store import allocations
from act_spec.store.database import Store
from act_spec.store.metrics import label_columns, review_rounds
from act_spec.strategies.estimators.label_quality import (
    AccuracyEstimate,
    Estimate,
    Estimator,
    estimate_accuracy,
)
from act_spec.strategies.estimators.rounds import Reviews, returned_probability
from act_spec.strategies.estimators.target import Look, look


@dataclass(frozen=True)
class Sample:
    """The reviews as the estimator wants them, over the items in `keep`; `note` says what was assumed."""

    reviews: Reviews
    keep: np.ndarray
    note: str


def sample_of(store: Store, columns: dict[str, np.ndarray]) -> Sample:
    """
    Which items were reviewed in which round, with what probability.

    A drawn item without an answer: in the last round the probabilities shrink
    to what was returned, which is exact for the first part of a worklist; of
    earlier rounds it is left out. The note says either.
    """
    sizes = allocations.rounds(store)
    if not sizes:
        raise ValueError("no reviews are drawn yet")
    probability, drawn_in = review_rounds(store, len(sizes))
    reviewed = columns["reviewed"]
    last = len(sizes) - 1
    unanswered = (drawn_in >= 0) & ~reviewed
    lost = unanswered & (drawn_in < last)
    drawn, returned = int((drawn_in == last).sum()), int((reviewed & (drawn_in == last)).sum())
    notes = []
    if lost.any():
        notes.append(f"{int(lost.sum())} drawn items of earlier rounds have no answer and are left out")
    if returned < drawn:
        notes.append(f"{returned} of {drawn} answers are in; the rest are taken as missing at random")
        probability[last] = returned_probability(probability[last], drawn, returned)
    keep = ~lost
    return Sample(
        Reviews(probability[:, keep], np.where(reviewed, drawn_in, -1)[keep]), keep, "; ".join(notes)
    )


def scored_columns(plan: Plan, store: Store) -> dict[str, np.ndarray]:
    """The labels as arrays; without a judge nothing is suspicious, and failures still are."""
    columns = label_columns(store, plan.task)
    if plan.judge is None:
        columns["error_probability"] = np.where(columns["failed"], np.nan, 0.0)
    return columns


@dataclass(frozen=True)
class Evidence:
    """
    What estimators are given, over the items that count.

    Attributes:
        wrong: Shape (n,), 1 where a reviewed machine label is wrong.
        reviews: What was drawn and came back.
        error_probability: Shape (n,), NaN where missing; cross-fitted where the judge is calibrated.
        failed: Shape (n,), where the machine gave no label.
        corrected_besides: Share of all items that people corrected outside this
            draw, in an earlier one that an edit of the recipe replaced.
    """

    wrong: np.ndarray
    reviews: Reviews
    error_probability: np.ndarray
    failed: np.ndarray
    corrected_besides: float = 0.0

    def accuracy(self, certainty: float = 0.95, estimator: Estimator = "assisted") -> AccuracyEstimate:
        """The accuracies of machine and delivered labels; raises ValueError if the reviews allow none."""
        made = estimate_accuracy(
            self.wrong,
            self.reviews,
            self.error_probability,
            failed=self.failed,
            certainty=certainty,
            estimator=estimator,
        )
        final = (made.final.value, made.final.low, made.final.high)
        return replace(made, final=Estimate(*(min(1.0, one + self.corrected_besides) for one in final)))


def evidence(
    plan: Plan, store: Store, columns: dict[str, np.ndarray] | None = None
) -> tuple[Evidence, Sample]:
    """
    The reviews so far, ready for estimators.

    Args:
        plan: The current one.
        store: The run's database.
        columns: The labels as `scored_columns` has them; or as they would be.

    Raises:
        ValueError: If nothing is drawn yet.
    """
    columns = scored_columns(plan, store) if columns is None else columns
    sample = sample_of(store, columns)
    keep = sample.keep
    score = cross_fitted_scores(plan, store, columns)
    return (
        Evidence(
            columns["corrected"][keep].astype(np.float64),
            sample.reviews,
            score[keep],
            columns["failed"][keep],
            float((columns["corrected"] & ~columns["reviewed"]).mean()),
        ),
        sample,
    )


def machine_accuracy_bound(plan: Plan, store: Store) -> float:
    """One-sided 95% upper bound of the machine labels' accuracy; 1 while the reviews allow none."""
    try:
        return evidence(plan, store)[0].accuracy(certainty=0.90).machine.high
    except ValueError:
        return 1.0


def look_at_target(plan: Plan, store: Store) -> Look | None:
    """
    What an automatic budget sees after a round.

    None without one, while answers are due (a look in between would be one
    more than were planned), or where the reviews allow no estimate.
    """
    target, number = plan.spending.target, len(allocations.rounds(store))
    if target is None or not number or allocations.unanswered(store):
        return None
    try:
        known, _ = evidence(plan, store)
        return look(
            target,
            min(number, target.looks),
            known.wrong,
            known.reviews,
            known.error_probability,
            failed=known.failed,
        )
    except ValueError:
        return None
