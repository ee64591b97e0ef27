"""How often each machine label is wrong, from reviews alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from act_spec.strategies.estimators.label_quality import (
    Estimate,
    Estimator,
    check_reviews,
    count_errors,
)
from act_spec.strategies.estimators.rounds import Reviews


@dataclass(frozen=True)
class LabelEstimate:
    """
    The items that the machine gave one label.

    Attributes:
        label: In canonical text.
        items: How many there are.
        reviewed: How many of them were reviewed.
        wrong: Share of them whose label is wrong, with its interval.
    """

    label: str
    items: int
    reviewed: int
    wrong: Estimate


def estimate_by_label(
    labels: Sequence[str | None],
    wrong: NDArray[np.float64],
    reviews: Reviews,
    error_probability: NDArray[np.float64],
    *,
    certainty: float = 0.95,
    estimator: Estimator = "assisted",
) -> list[LabelEstimate]:
    """
    Estimate the share of wrong labels among the items of each machine label.

    Domain estimation: each label's items are an estimate of their own with
    the weights of the whole. Their number is known, so the value stays
    unbiased before it is cut to what is possible. A label that no review met
    gets the judge's word (0 without one) and the interval from 0 to 1.

    Args:
        labels: Machine labels, n of them, None where the machine gave none.
        wrong: Shape (n,), 1 where the machine label is wrong and 0 where right; read where reviewed.
        reviews: Of all n items.
        error_probability: Shape (n,), in [0, 1], NaN where missing.
        certainty: Level of each interval, in (0, 1).
        estimator: As for `estimate_accuracy`.

    Returns:
        One entry a label, in the order of their names.

    Raises:
        ValueError: As `estimate_accuracy`.

    Source: Särndal, Swensson & Wretman, Model Assisted Survey Sampling (1992), chapter 10.
    """
    given = np.array(labels, dtype=np.object_)
    failed = np.array([label is None for label in labels], dtype=np.bool_)
    check_reviews(wrong, reviews, failed)
    result = []
    for label in sorted(set(given[~failed].tolist())):
        part = given == label
        inside, count = reviews.within(part), int(part.sum())
        errors = count_errors(
            wrong[part],
            inside,
            error_probability[part],
            failed=np.zeros(count, dtype=np.bool_),
            certainty=certainty,
            estimator=estimator,
        )
        share = Estimate(*(min(1.0, bound / count) for bound in (errors.value, errors.low, errors.high)))
        result.append(LabelEstimate(label, count, int(inside.reviewed.sum()), share))
    return result
