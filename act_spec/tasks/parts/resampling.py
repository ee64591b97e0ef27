"""Intervals by resampling items."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

DRAWS = 1_000
_CELLS = 20_000_000
"""Most numbers held at a time: fewer draws for very many items."""


def resampled_counts(items: int, *, seed: int = 0) -> NDArray[np.float64]:
    """
    How often each item is drawn when so many are drawn with replacement.

    Args:
        items: n, at least 1.
        seed: The same seed gives the same draws.

    Returns:
        Shape (draws, n), with 1,000 draws, or at least 100 where there are very many items.
    """
    random = np.random.Generator(np.random.PCG64(seed))
    draws = min(DRAWS, max(100, _CELLS // items))
    return random.multinomial(items, np.full(items, 1 / items), size=draws).astype(np.float64)


def percentile_interval(values: NDArray[np.float64], *, seed: int = 0) -> tuple[float, float]:
    """
    95% percentile interval of the mean.

    Args:
        values: Shape (n,), at least one, without missing ones.
        seed: Of the resampling.
    """
    means = resampled_counts(values.size, seed=seed) @ values / values.size
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)
