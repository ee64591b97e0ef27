"""Intervals of a mean by resampling items."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_DRAWS = 1_000
_AT_ONCE = 2_000_000


def percentile_interval(values: NDArray[np.float64], *, seed: int = 0) -> tuple[float, float]:
    """
    95% percentile interval of the mean, over 1,000 resamples of the values with replacement.

    Args:
        values: Shape (n,), at least one, without missing ones.
        seed: Of the resampling; the same seed gives the same interval.
    """
    # Multinomial counts say how often each value was drawn, which is all that a mean needs.
    random = np.random.Generator(np.random.PCG64(seed))
    share = np.full(values.size, 1 / values.size)
    step = max(1, _AT_ONCE // values.size)
    means = [
        random.multinomial(values.size, share, size=min(step, _DRAWS - start)) @ values / values.size
        for start in range(0, _DRAWS, step)
    ]
    low, high = np.percentile(np.concatenate(means), [2.5, 97.5])
    return float(low), float(high)
