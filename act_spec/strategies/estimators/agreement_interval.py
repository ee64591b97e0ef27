"""An agreement figure with its interval: how far it would move, had other items been given to the reviewers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from act_spec.strategies.estimators.label_quality import Estimate
from act_spec.strategies.estimators.resampling import group_count, percentile_interval, resampled_counts

Statistic = Callable[[NDArray[np.float64]], NDArray[np.float64]]
"""From how often each item counts, shape (draws, n), to figures of shape (draws,), NaN where there is none."""


@dataclass(frozen=True, eq=False)
class Resampling:
    """
    How intervals are made: items, or groups of them, are drawn anew with all their votes.

    Attributes:
        groups: Shape (n,), equal numbers where items belong together; None if each stands alone.
        draws: Bootstrap samples.
        seed: Equal seeds give equal intervals.
        certainty: Level of the interval, in (0, 1).
    """

    groups: NDArray[np.int64] | None = None
    draws: int = 2000
    seed: int = 0
    certainty: float = 0.95


BY_ITEM = Resampling()


def with_interval(statistic: Statistic, size: int, resampling: Resampling) -> Estimate:
    """
    A figure with its percentile interval.

    Args:
        statistic: The figure as a function of how often each item counts.
        size: Number of items.
        resampling: How the interval is made.

    Returns:
        The figure; its interval is infinite where every draw gives the same,
        as where all agree on all: resampling cannot tell how far that carries.

    Raises:
        ValueError: If the figure itself is not defined.
    """
    value = float(statistic(np.ones((1, size)))[0]) if size else np.nan
    if np.isnan(value):
        raise ValueError("no two reviewers answered the same item, or all gave one and the same label.")
    blocks = resampled_counts(size, resampling.groups, resampling.draws, resampling.seed)
    drawn = np.concatenate([statistic(times) for times in blocks])
    if np.nanmax(drawn, initial=value) - np.nanmin(drawn, initial=value) < 1e-12:
        return Estimate(value, -np.inf, np.inf)
    low, high = percentile_interval(drawn, group_count(size, resampling.groups), resampling.certainty)
    return Estimate(value, min(low, value), max(high, value))


def ratio(above: NDArray[np.float64], below: NDArray[np.float64]) -> NDArray[np.float64]:
    """The quotient, NaN where the divisor is 0 but for rounding."""
    defined = np.abs(below) > 1e-12
    quotient: NDArray[np.float64] = np.full(np.broadcast(above, below).shape, np.nan)
    return np.divide(above, below, out=quotient, where=defined)
