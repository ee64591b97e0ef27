"""Isotonic regression: the closest rising curve through outcomes, pooling neighbours that fall."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_PASSES = 3
"""Array passes before the last one in plain Python: each shrinks random outcomes by more than half."""


@dataclass(frozen=True, eq=False)
class Isotonic:
    """
    A rising curve, straight between its points and level beyond them.

    Attributes:
        score: Shape (points,), rising.
        level: Shape (points,), in [0, 1], never falling.
    """

    score: NDArray[np.float64]
    level: NDArray[np.float64]

    def __call__(self, score: NDArray[np.float64]) -> NDArray[np.float64]:
        """Levels at these scores, of the same shape."""
        return np.interp(score, self.score, self.level)


def fit_isotonic(
    score: NDArray[np.float64], outcome: NDArray[np.float64], weight: NDArray[np.float64]
) -> Isotonic:
    """
    The never falling curve of least weighted squared distance to the outcomes.

    Args:
        score: Shape (n,), n >= 1, without missing values; equal scores get equal levels.
        outcome: Shape (n,), in [0, 1].
        weight: Shape (n,), above 0.

    Source: Ayer et al. (1955), pool adjacent violators.
    """
    distinct, group = np.unique(score, return_inverse=True)
    mass = np.bincount(group, weights=weight).astype(np.float64)
    level, size = pool_falling(np.bincount(group, weights=weight * outcome) / mass, mass)
    last = np.cumsum(size) - 1
    ends = np.unique(np.concatenate((last - size + 1, last)))
    return Isotonic(distinct[ends], np.repeat(level, size)[ends])


def pool_falling(
    level: NDArray[np.float64], mass: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """
    Pool neighbours until levels rise.

    Args:
        level: Shape (n,), in order.
        mass: Shape (n,), above 0.

    Returns:
        Levels of the pools, strictly rising, and how many entries each holds.
    """
    size = np.ones(level.size, dtype=np.int64)
    for _ in range(_PASSES):
        # All of a falling run ends in one pool, whatever else joins it.
        starts = np.flatnonzero(np.concatenate(([True], level[1:] > level[:-1])))
        pooled = np.add.reduceat(mass, starts)
        level = np.add.reduceat(level * mass, starts) / pooled
        mass, size = pooled, np.add.reduceat(size, starts)
    return _pool_rest(level.tolist(), mass.tolist(), size.tolist())


def _pool_rest(
    level: list[float], mass: list[float], size: list[int]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """One pass with a stack: linear, whatever the order."""
    levels: list[float] = []
    masses: list[float] = []
    sizes: list[int] = []
    for value, weight, entries in zip(level, mass, size, strict=True):
        while levels and levels[-1] >= value:
            below = masses.pop()
            value = (levels.pop() * below + value * weight) / (below + weight)  # noqa: PLW2901 - the growing pool
            weight += below  # noqa: PLW2901 - likewise
            entries += sizes.pop()  # noqa: PLW2901 - likewise
        levels.append(value)
        masses.append(weight)
        sizes.append(entries)
    return np.array(levels), np.array(sizes, dtype=np.int64)
