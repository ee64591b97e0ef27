"""Whether error probabilities mean what they say: reliability by bins, and one number for it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from act_spec.strategies.estimators.korn_graubard import share_interval


@dataclass(frozen=True)
class Bin:
    """
    Items of similar error probability.

    Attributes:
        probability: Their mean error probability.
        share: How many of them are wrong, in [0, 1].
        low: Lower bound of the share; of Clopper and Pearson's kind, with Kish's effective number.
        high: Upper bound.
        mass: Their part of the total weight, in (0, 1].
        count: How many of them were reviewed.
    """

    probability: float
    share: float
    low: float
    high: float
    mass: float
    count: int


def reliability(
    probability: NDArray[np.float64],
    wrong: NDArray[np.float64],
    weight: NDArray[np.float64],
    *,
    bins: int = 10,
    certainty: float = 0.95,
) -> list[Bin]:
    """
    Error probabilities beside the shares of errors that reviews found.

    Bins hold about equal weight, lowest probability first. Equal
    probabilities share a bin, so there may be fewer bins than asked for.

    Args:
        probability: Shape (n,), NaN where missing; not fitted on these very reviews.
        wrong: Shape (n,), read where reviewed.
        weight: Shape (n,), sampling weights, 0 where not reviewed.
        bins: At least 1.
        certainty: Level of each bin's interval, in (0, 1).
    """
    seen = (weight > 0) & ~np.isnan(probability)
    probability, wrong, weight = probability[seen], wrong[seen], weight[seen]
    number = _bin_numbers(probability, weight, bins)
    parts = [number == index for index in np.unique(number)]
    total = float(weight.sum())
    return [_bin(probability[part], wrong[part], weight[part], total, certainty) for part in parts]


def expected_calibration_error(
    probability: NDArray[np.float64],
    wrong: NDArray[np.float64],
    weight: NDArray[np.float64],
    *,
    bins: int = 10,
) -> float:
    """
    Mean distance between error probability and share of errors, over the bins of `reliability`.

    Each bin counts by its weight, so it speaks for all items and not for the
    reviewed. Our choices: bins of equal weight, ties undivided, absolute
    distance. Noise within bins keeps it above 0 even for a perfect judge.

    Returns:
        In [0, 1].

    Raises:
        ValueError: If nothing was reviewed.

    Source: Naeini, Cooper & Hauskrecht (2015), with bins of equal width.
    """
    pictured = reliability(probability, wrong, weight, bins=bins)
    if not pictured:
        raise ValueError("nothing has been reviewed yet.")
    return sum(part.mass * abs(part.probability - part.share) for part in pictured)


def _bin_numbers(
    probability: NDArray[np.float64], weight: NDArray[np.float64], bins: int
) -> NDArray[np.int64]:
    """The bin of each item: that in which the middle of its group of ties falls."""
    _, group = np.unique(probability, return_inverse=True)
    mass = np.bincount(group, weights=weight)
    middle = (np.cumsum(mass) - mass / 2) / max(float(mass.sum()), 1e-300)
    return np.minimum((middle * bins).astype(np.int64), bins - 1)[group]


def _bin(
    probability: NDArray[np.float64],
    wrong: NDArray[np.float64],
    weight: NDArray[np.float64],
    total: float,
    certainty: float,
) -> Bin:
    mass = float(weight.sum())
    share = float(weight @ wrong) / mass
    low, high = share_interval(share, mass**2 / float(weight @ weight), certainty)
    return Bin(float(weight @ probability) / mass, share, low, high, mass / total, wrong.size)
