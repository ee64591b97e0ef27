"""
An interval for the number of wrong machine labels that holds in small samples.

Normal intervals fail here: errors are few, weights are uneven, and an audit
may meet no error at all. These treat the weighted share of errors as a
binomial share out of an effective number of reviews.

Source: Korn & Graubard (1998), Survey Methodology 24(2); two departures are
ours: items that were certain to be reviewed are counted instead of sampled,
and the effective number never exceeds Kish's (sum w)**2 / sum w**2.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from act_spec.strategies.estimators.rounds import Reviews


@dataclass(frozen=True)
class _Sample:
    """What is known of the errors, and what the sample says of the share among the `unknown` items."""

    known: float
    unknown: int
    share: float
    effective_size: float


def error_interval(
    wrong: NDArray[np.float64],
    reviews: Reviews,
    failed: NDArray[np.bool_],
    certainty: float = 0.95,
) -> tuple[float, float]:
    """
    Bounds for the number of wrong machine labels among these very items.

    Args:
        wrong: Shape (n,), 1 where the machine label is wrong and 0 where right
            (degrees in between are allowed); read where reviewed, ignored elsewhere.
        reviews: With positive probability for every item that could be drawn.
        failed: Shape (n,), where the machine gave no label, which counts as
            wrong without a review.
        certainty: Level of the interval, in (0, 1).

    Returns:
        Low and high, never outside what reviews already prove.
    """
    seen, unseen = reviews.reviewed & ~failed, ~reviews.reviewed & ~failed
    proven = float(failed.sum() + wrong[seen].sum())
    rounds = int(np.count_nonzero(reviews.shares))
    sample = (_of_one_round if rounds == 1 else _of_several_rounds)(wrong, reviews, failed)
    low, high = share_interval(sample.share, sample.effective_size, certainty)
    return (
        max(proven, sample.known + sample.unknown * low),
        min(proven + float(unseen.sum()), sample.known + sample.unknown * high),
    )


def share_interval(share: float, effective_size: float, certainty: float) -> tuple[float, float]:
    """
    Clopper and Pearson's interval for a share seen in a number of trials, which need not be whole.

    Args:
        share: In [0, 1].
        effective_size: Number of trials; 0 gives the whole of [0, 1].
        certainty: Level of the interval, in (0, 1).
    """
    from scipy.special import betaincinv

    hits, misses, tail = effective_size * share, effective_size * (1 - share), (1 - certainty) / 2
    low = float(betaincinv(hits, misses + 1, tail)) if hits > 0 else 0.0
    high = float(betaincinv(hits + 1, misses, 1 - tail)) if misses > 0 else 1.0
    return low, high


def effective_size(share: float, variance: float, kish: float) -> float:
    """The binomial sample that would estimate the share as well, at most Kish's."""
    return min(share * (1 - share) / variance, kish) if variance > 0 else kish


def _of_one_round(wrong: NDArray[np.float64], reviews: Reviews, failed: NDArray[np.bool_]) -> _Sample:
    """Certain items are counted; the others, reviewed or not, are what the sample speaks for."""
    probability = reviews.inclusion_probability[int(np.argmax(reviews.shares))]
    certain = ~failed & (probability == 1)
    known = float(failed.sum() + wrong[certain].sum())
    unknown = int((~failed & ~certain).sum())
    part = reviews.reviewed & ~failed & ~certain
    errors, weight, left_out = wrong[part], reviews.weights[part], 1 - probability[part]
    total = float(weight.sum())
    if total == 0:
        return _Sample(known, unknown, 0.0, 0.0)
    share = float(weight @ errors) / total
    variance = _variance(weight * (errors - share), left_out) / total**2
    return _Sample(known, unknown, share, effective_size(share, variance, total**2 / float(weight @ weight)))


def _of_several_rounds(wrong: NDArray[np.float64], reviews: Reviews, failed: NDArray[np.bool_]) -> _Sample:
    """All reviewed items are counted; what their weights pass 1 by speaks for the unreviewed."""
    part = reviews.reviewed & ~failed
    errors, excess = wrong[part], reviews.weights[part] - 1
    known, unknown = float(failed.sum() + errors.sum()), int((~reviews.reviewed & ~failed).sum())
    total = float(excess.sum())
    if total <= 0:
        return _Sample(known, unknown, 0.0, 0.0)
    share = min(1.0, max(0.0, float(excess @ errors) / total))
    variance = 0.0
    for index, round_share in enumerate(reviews.shares):
        mine = reviews.review_round[part] == index
        probability = reviews.own_probability[part][mine]
        spread = _variance((errors[mine] - share) / probability, 1 - probability)
        variance += round_share**2 * spread / total**2
    return _Sample(known, unknown, share, effective_size(share, variance, total**2 / float(excess @ excess)))


def _variance(residual: NDArray[np.float64], left_out: NDArray[np.float64]) -> float:
    """Variance of a weighted total under unequal probabilities; 0 where too few items tell."""
    count, weight = residual.size, float(left_out.sum())
    if count < 2 or weight == 0:
        return 0.0
    deviation = residual - float(left_out @ residual) / weight
    return count / (count - 1) * float(left_out @ deviation**2)
