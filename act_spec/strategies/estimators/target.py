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
        alphas: Chance of a false claim that each look may take, fixed before
            the first; see `looks.shared_alpha`.
    """

    accuracy: float
    certainty: float
    alphas: tuple[float, ...]

    @property
    def looks(self) -> int:
        """How many times the reviews are looked at at most."""
        return len(self.alphas)


@dataclass(frozen=True)
class Look:
    """
    What one look shows.

    Attributes:
        accuracy: Of the delivered labels; `low` and `high` are one-sided bounds
            at the look's alpha each.
        met: Whether the target may be claimed: `low` reaches it.
    """

    accuracy: Estimate
    met: bool


def look(
    target: Target,
    number: int,
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
    together claim falsely in at most 1 - certainty of runs, because what each
    may risk is settled beforehand and the bound is Korn and Graubard's; normal
    intervals at every look claim falsely far more often.

    Args:
        target: What is promised.
        number: Of the look, from 1.
        wrong: Shape (n,), 1 where the machine label is wrong and 0 where right; read where reviewed.
        reviews: Of all rounds so far.
        error_probability: Shape (n,), in [0, 1], NaN where missing.
        failed: Shape (n,), where the machine gave no label.

    Raises:
        ValueError: As `estimate_accuracy`.

    Source: the stopping rule is ours.
    """
    certainty = 1 - 2 * target.alphas[number - 1]
    found = estimate_accuracy(wrong, reviews, error_probability, failed=failed, certainty=certainty).final
    return Look(found, met=found.low >= target.accuracy)
