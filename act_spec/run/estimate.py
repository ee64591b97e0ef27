"""The reviews as estimators want them, and whether the target of an automatic budget is met."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from act_spec.plan.model import Plan
from act_spec.store import allocations
from act_spec.store.database import Store
from act_spec.store.metrics import label_columns, review_rounds
from act_spec.strategies.estimators.label_quality import AccuracyEstimate, estimate_accuracy
from act_spec.strategies.estimators.rounds import Reviews, returned_probability


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
    columns = label_columns(store)
    if plan.judge is None:
        columns["error_probability"] = np.where(columns["failed"], np.nan, 0.0)
    return columns


def estimate(plan: Plan, store: Store, certainty: float) -> AccuracyEstimate:
    """
    The accuracies of machine and delivered labels, from the reviews so far.

    Raises:
        ValueError: If the reviews allow no estimate.
    """
    columns = scored_columns(plan, store)
    sample = sample_of(store, columns)
    keep = sample.keep
    return estimate_accuracy(
        columns["corrected"][keep].astype(np.float64),
        sample.reviews,
        columns["error_probability"][keep],
        failed=columns["failed"][keep],
        certainty=certainty,
    )


def machine_accuracy_bound(plan: Plan, store: Store) -> float:
    """One-sided 95% upper bound of the machine labels' accuracy; 1 while the reviews allow none."""
    try:
        return estimate(plan, store, certainty=0.90).machine.high
    except ValueError:
        return 1.0


def target_bound(plan: Plan, store: Store) -> float:
    """
    Lower bound of the delivered labels' accuracy, at the share of the error chance that one look may use.

    With K looks fixed beforehand each is one-sided at (1 - certainty) / K, so
    that all of them together claim falsely no more often than 1 - certainty.

    Raises:
        ValueError: If the plan has no target, or the reviews allow no estimate.
    """
    target = plan.spending.target
    if target is None:
        raise ValueError("the budget has no target.")
    return estimate(plan, store, certainty=1 - 2 * (1 - target.certainty) / target.looks).final.low


def target_met(plan: Plan, store: Store) -> bool:
    """Whether the delivered labels are as accurate as the target wants, so far as reviews can tell."""
    target = plan.spending.target
    if target is None:
        return False
    try:
        return target_bound(plan, store) >= target.accuracy
    except ValueError:
        return False
