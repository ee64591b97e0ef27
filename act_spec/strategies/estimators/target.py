"""Reviewing until the delivered labels are good enough, without fooling oneself by looking often."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from act_spec.strategies.estimators.label_quality import Estimate, estimate_accuracy
from act_spec.strategies.estimators.rounds import Reviews


@dataclass(frozen=True)
class Target:
    """
    What is promised of the delivered labels, and how often it may be looked at.

    Attributes:
        accuracy: Least share of right labels among the delivered, in (0, 1].
        certainty: Least share of all runs that make no false claim, in (0, 1).
        looks: How many times the reviews are looked at at most; fixed before the first.
    """

    accuracy: float
    certainty: float
    looks: int

    @property
    def alpha(self) -> float:
        """Chance of a false claim at each look: the whole chance in equal parts (Bonferroni)."""
        return (1 - self.certainty) / self.looks


@dataclass(frozen=True)
class Look:
    """
    What one look shows.

    Attributes:
        accuracy: Of the delivered labels; `low` and `high` are one-sided bounds
            at the target's alpha each.
        met: Whether the target may be claimed: `low` reaches it.
    """

    accuracy: Estimate
    met: bool


def batches(budget: int, batch: int) -> list[int]:
    """
    Sizes of the rounds that spend a budget, one look after each; the last may be smaller.

    Raises:
        ValueError: If a batch holds no review.
    """
    if batch < 1:
        raise ValueError(f"a batch needs at least one review, not {batch}.")
    return [min(batch, budget - start) for start in range(0, budget, batch)]


def look(
    target: Target,
    wrong: NDArray[np.float64],
    reviews: Reviews,
    error_probability: NDArray[np.float64],
    *,
    failed: NDArray[np.bool_] | None = None,
) -> Look:
    """
    Whether the reviews so far allow the claim that the target is met.

    The claim is about these very items as they would be delivered now:
    people's labels where reviewed, the machine's elsewhere. All looks
    together claim falsely in at most 1 - certainty of runs, because the looks
    are counted beforehand and the bound is Korn and Graubard's; normal
    intervals at every look claim falsely far more often.

    Args:
        target: What is promised.
        wrong: Shape (n,), 1 where the machine label is wrong and 0 where right; read where reviewed.
        reviews: Of all rounds so far.
        error_probability: Shape (n,), in [0, 1], NaN where missing.
        failed: Shape (n,), where the machine gave no label.

    Raises:
        ValueError: As `estimate_accuracy`.

    Source: the stopping rule is ours.
    """
    certainty = 1 - 2 * target.alpha
    found = estimate_accuracy(wrong, reviews, error_probability, failed=failed, certainty=certainty).final
    return Look(found, met=found.low >= target.accuracy)
