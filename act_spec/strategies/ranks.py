"""Scores that only order the items, brought onto one scale over a whole run."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def percentile_ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """
    Share of the values below each, with its ties counted half.

    (rank - 1/2) / n with average ranks, so the ranks' mean is 1/2 whatever
    the ties. They order the items and are no probabilities.

    Args:
        values: Shape (n,), finite.

    Returns:
        Shape (n,), in (0, 1).
    """
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    below = np.cumsum(counts) - counts
    ranks: NDArray[np.float64] = ((below + counts / 2) / max(1, values.size))[inverse]
    return ranks
