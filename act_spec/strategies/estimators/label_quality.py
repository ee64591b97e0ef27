"""How right the labels are, from reviews alone: no reference needed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from act_spec.strategies.estimators.korn_graubard import error_interval
from act_spec.strategies.estimators.rounds import Reviews

Estimator = Literal["assisted", "inverse_probability"]
"""Where the value comes from: reviews and the judge together, or reviews alone."""
ESTIMATORS: tuple[Estimator, ...] = get_args(Estimator)

_REACH = 0.1
"""Fewest reviews that all items would be due at the probability of the least likely one."""


@dataclass(frozen=True)
class Estimate:
    """A value with its interval: low <= value <= high."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class AccuracyEstimate:
    """
    Accuracies of these very items, and how far the reviews carry.

    Attributes:
        machine: Share of the items whose machine label is right.
        final: The same of the delivered labels: people's where reviewed, the
            machine's elsewhere. Presumes that reviewers are right.
        effective_sample_size: (sum w)**2 / sum w**2 over reviewed items: how
            many equally weighted reviews would tell as much.
        largest_weight: The largest w.
    """

    machine: Estimate
    final: Estimate
    effective_sample_size: float
    largest_weight: float


def estimate_accuracy(
    wrong: NDArray[np.float64],
    reviews: Reviews,
    error_probability: NDArray[np.float64],
    *,
    failed: NDArray[np.bool_] | None = None,
    certainty: float = 0.95,
    estimator: Estimator = "assisted",
) -> AccuracyEstimate:
    """
    Estimate the accuracy of machine labels and of delivered labels.

    The value is the judge-assisted mean (1/n) sum[p + (wrong - p) w], with p
    the error probability and w the sampling weight: unbiased whatever the
    judge is worth, and the better the judge, the steadier. It is cut to what
    is possible. The interval is Korn and Graubard's, widened where the value
    lies outside. A missing p is the mean of the others (0 if there are none):
    any number fixed before the reviews keeps the mean unbiased. The
    inverse-probability mean is the same with every p at 0.

    Args:
        wrong: Shape (n,), 1 where the machine label is wrong and 0 where right
            (degrees in between are allowed); read where reviewed.
        reviews: What was drawn and came back. Where drawn items have no
            answer, with the probabilities of what was returned.
        error_probability: Shape (n,), in [0, 1], NaN where missing.
        failed: Shape (n,), where the machine gave no label: wrong without a
            review, and put right by one.
        certainty: Level of the intervals, in (0, 1).
        estimator: `assisted` or `inverse_probability`.

    Raises:
        ValueError: If nothing was reviewed, or some items could not have been.

    Source: Zrnic & Candès (arXiv:2403.03208); Angelopoulos et al. (arXiv:2301.09633).
    """
    failed = np.zeros(wrong.size, dtype=np.bool_) if failed is None else failed
    check_reviews(wrong, reviews, failed)
    corrected = float((reviews.reviewed & failed).sum() + wrong[reviews.reviewed & ~failed].sum())
    errors = count_errors(
        wrong, reviews, error_probability, failed=failed, certainty=certainty, estimator=estimator
    )
    weights = reviews.weights[reviews.reviewed]
    return AccuracyEstimate(
        machine=_accuracy(errors, 0.0, wrong.size),
        final=_accuracy(errors, corrected, wrong.size),
        effective_sample_size=float(weights.sum() ** 2 / (weights @ weights)),
        largest_weight=float(weights.max()),
    )


def count_errors(
    wrong: NDArray[np.float64],
    reviews: Reviews,
    error_probability: NDArray[np.float64],
    *,
    failed: NDArray[np.bool_],
    certainty: float = 0.95,
    estimator: Estimator = "assisted",
) -> Estimate:
    """
    Estimate the number of wrong machine labels among these items, or this part of them.

    Arguments as for `estimate_accuracy`; refuses nothing, see `check_reviews`.
    """
    low, high = error_interval(wrong, reviews, failed, certainty)
    expected = error_probability if estimator == "assisted" else np.zeros(wrong.size)
    proven = float(failed.sum() + wrong[reviews.reviewed & ~failed].sum())
    most = proven + float((~reviews.reviewed & ~failed).sum())
    errors = min(max(_assisted_errors(wrong, reviews, expected, failed), proven), most)
    return Estimate(errors, min(low, errors), max(high, errors))


def _assisted_errors(
    wrong: NDArray[np.float64],
    reviews: Reviews,
    error_probability: NDArray[np.float64],
    failed: NDArray[np.bool_],
) -> float:
    missing = np.isnan(error_probability)
    typical = 0.0 if missing.all() else float(error_probability[~missing].mean())
    expected = np.where(missing, typical, error_probability)
    seen = reviews.reviewed & ~failed
    surprise = float(reviews.weights[seen] @ (wrong[seen] - expected[seen]))
    return float(failed.sum() + expected[~failed].sum()) + surprise


def _accuracy(errors: Estimate, corrected: float, count: int) -> Estimate:
    # Rounding may leave an empty remainder of errors a hair below 0.
    left = np.array([errors.value, errors.high, errors.low]) - corrected
    return Estimate(*map(float, np.clip(1 - left / count, 0, 1)))


def check_reviews(wrong: NDArray[np.float64], reviews: Reviews, failed: NDArray[np.bool_]) -> None:
    """
    Refuse what no formula can repair.

    Raises:
        ValueError: If nothing was reviewed, a comparison or a probability is
            missing, or some items had no real chance of review.
    """
    if np.isnan(wrong[reviews.reviewed & ~failed]).any():
        raise ValueError("a reviewed item lacks the comparison with its machine label.")
    for index in np.flatnonzero(reviews.shares).tolist():
        could_be_drawn = reviews.open_at(index) & ~failed
        probability = reviews.inclusion_probability[index][could_be_drawn]
        _check_probability(probability)
        if np.any(reviews.inclusion_probability[index][~reviews.reviewed & ~failed] == 1):
            raise ValueError(
                "items that were drawn for certain have no answer; the estimate needs the whole worklist, "
                "or its first part with the probabilities of what was returned."
            )


def _check_probability(probability: NDArray[np.float64]) -> None:
    """Below a tenth of a review for all, an item is out of reach, and weights cannot stand in for it."""
    if np.isnan(probability).any():
        raise ValueError("inclusion probabilities are missing, and they cannot be found out afterwards.")
    out_of_reach = int((probability * probability.size < _REACH).sum())
    if out_of_reach:
        raise ValueError(
            f"{out_of_reach} of {probability.size} items had no real chance of review, so reviews say nothing about them; "
            "give the budget an audit."
        )
