"""What a budget will tell and change, before anything is reviewed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from act_spec.strategies.estimators.korn_graubard import effective_size, share_interval
from act_spec.strategies.sampling import Rule, design

_CONCENTRATION = 3.0
_GRID = 2001


@dataclass(frozen=True)
class Forecast:
    """
    What reviews are expected to do.

    Attributes:
        half_width: Of the interval for the estimated accuracy, in [0, 1];
            None where reviews cannot tell, because some items are out of reach.
        expected_changes: Machine labels that reviews are expected to change.
        most_changes: How many they can change at most.
    """

    half_width: float | None
    expected_changes: float
    most_changes: int


def forecast(
    inclusion_probability: NDArray[np.float64],
    error_probability: NDArray[np.float64],
    *,
    certainty: float = 0.95,
) -> Forecast:
    """
    What a design will tell and change, if the error probabilities are right.

    Args:
        inclusion_probability: Shape (n,), in [0, 1].
        error_probability: Shape (n,), in [0, 1]: a judge's, or assumed ones.
        certainty: Level of the interval, in (0, 1).
    """
    return Forecast(
        half_width=expected_half_width(inclusion_probability, error_probability, certainty=certainty),
        expected_changes=float(inclusion_probability @ error_probability),
        most_changes=round(float(inclusion_probability.sum())),
    )


def expected_half_width(
    inclusion_probability: NDArray[np.float64],
    error_probability: NDArray[np.float64],
    *,
    certainty: float = 0.95,
) -> float | None:
    """
    Half the width of the interval that `korn_graubard` will give, to be expected.

    Puts expectations in place of what the sample will show, so it is near the
    mean width, and exact for none. See `forecast` for the arguments.

    Returns:
        In [0, 1/2]; None if some item cannot be reviewed.
    """
    count = inclusion_probability.size
    if count == 0 or bool(np.any(inclusion_probability <= 0)):
        return None
    open_items = inclusion_probability < 1
    probability, errors = inclusion_probability[open_items], error_probability[open_items]
    if not probability.size:
        return 0.0
    share = float(errors.mean())
    kish = probability.size**2 / float((1 / probability).sum())
    size = effective_size(share, _expected_variance(probability, errors, share), kish)
    low, high = share_interval(share, size, certainty)
    width = min(probability.size * (high - low), float((1 - probability).sum()))
    return width / count / 2


def assumed_error_probabilities(count: int, error_rate: float) -> NDArray[np.float64]:
    """
    Scores that a fair judge might give, for planning before there are any.

    Evenly spaced quantiles of a beta distribution: nothing is drawn at random.
    Its concentration is an assumption of ours: a judge whose `auroc` is about
    0.84 at an error rate of 15%.

    Args:
        count: Number of scores, n.
        error_rate: Their mean, in (0, 1).

    Returns:
        Shape (n,), rising.
    """
    from scipy.special import betaincinv

    # Interpolation keeps ten million scores as cheap as two thousand.
    grid = np.linspace(0, 1, _GRID)
    quantiles = betaincinv(_CONCENTRATION * error_rate, _CONCENTRATION * (1 - error_rate), grid)
    scores: NDArray[np.float64] = np.interp((np.arange(count) + 0.5) / max(1, count), grid, quantiles)
    return scores


def forecast_rule(
    count: int,
    budget: int,
    audit: int,
    rule: Rule,
    error_rate: float,
    *,
    certainty: float = 0.95,
) -> Forecast:
    """
    What a rule and a budget will tell and change, on assumed scores.

    Args:
        count: Number of items.
        budget: Number of reviews, 0 <= budget <= count.
        audit: Reviews among them that are drawn at random.
        rule: An allocator with its parameters set.
        error_rate: Assumed share of wrong machine labels, in (0, 1).
        certainty: Level of the interval, in (0, 1).

    Raises:
        ValueError: As `sampling.design`.
    """
    scores = assumed_error_probabilities(count, error_rate)
    drawn = design(scores, budget, audit, rule)
    return forecast(drawn.inclusion_probability, scores, certainty=certainty)


def _expected_variance(probability: NDArray[np.float64], errors: NDArray[np.float64], share: float) -> float:
    """The interval's variance, with each sum over the sample replaced by its expectation."""
    left_out = 1 - probability
    squares = float((left_out / probability) @ (errors * (1 - share) ** 2 + (1 - errors) * share**2))
    centre = float(left_out @ (errors - share)) ** 2 / float(left_out @ probability)
    return max(0.0, squares - centre) / probability.size**2
