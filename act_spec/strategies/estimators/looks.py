"""
When an automatic budget is looked at, and what each look may risk.

Looks at one growing sample resemble one another, so together they risk less
than the sum of their risks. How much less follows from how much each look
knows, which the schedule alone decides.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_GROWTH = 5
"""A round holds at least a fifth of what is reviewed before it: late looks are worth it only if they see more."""

_GRID = np.linspace(-8, 8, 801)
_STEP = float(_GRID[1] - _GRID[0])


def next_batch(budget: int, batch: int, reviewed: int) -> int:
    """
    How many reviews the next round holds.

    Args:
        budget: The most reviews of all rounds together.
        batch: The fewest of a round, while the budget lasts.
        reviewed: Of the rounds before.

    Raises:
        ValueError: If a batch holds no review.
    """
    if batch < 1:
        raise ValueError(f"a batch needs at least one review, not {batch}.")
    return max(0, min(max(batch, reviewed // _GROWTH), budget - reviewed))


def schedule(budget: int, batch: int, pilot: int = 0) -> list[int]:
    """
    Sizes of the rounds that spend a budget, one look after each.

    Args:
        budget: The most reviews of all rounds together.
        batch: As for `next_batch`.
        pilot: Reviews of a first round of its own; 0 for none.
    """
    sizes = [pilot] if pilot else []
    while size := next_batch(budget, batch, sum(sizes)):
        sizes.append(size)
    return sizes


def information(items: int, sizes: Sequence[int]) -> NDArray[np.float64]:
    """
    How much is known after each round, up to a factor: shape (rounds,), infinite once all items are reviewed.

    Sum of n / (N (N - n)) over the rounds so far, with N items not yet
    reviewed and n reviews: the precision by which `round_shares` weighs them.
    """
    taken = np.array(sizes, dtype=np.float64)
    left = items - np.concatenate(([0.0], np.cumsum(taken)[:-1]))
    over = left - taken
    each = np.where(over > 0, taken / (left * np.where(over > 0, over, 1.0)), np.inf)
    told: NDArray[np.float64] = np.cumsum(each)
    return told


def shared_alpha(known: NDArray[np.float64], alpha: float) -> tuple[float, ...]:
    """
    The chance of a false claim that each look may take, so that all together take `alpha`.

    Every look adds the same part of alpha to what the looks before it have
    spent. What a look adds is less than its own chance, because it sees what
    they saw: after standardising, estimates of looks s < t correlate by
    sqrt(known_s / known_t), as the values of a Brownian motion do. The equal
    parts of Bonferroni are what is left where looks have nothing in common.

    Args:
        known: Shape (looks,), rising, from `information`. After a look at
            infinite information nothing is left to chance.
        alpha: In (0, 1).

    Returns:
        One-sided levels, one a look, each at least alpha / looks.

    Source: Lan & DeMets (1983), Biometrika 70(3); the recursion is Armitage, McPherson & Rowe's (1969).
    The equal parts are ours.
    """
    from scipy.special import ndtr

    counted = known[np.isfinite(known)]
    levels = []
    density = np.array([])
    for number, now in enumerate(counted):
        density = _moved(density, counted[number - 1] / now) if number else _normal(_GRID)
        beyond = (np.cumsum(density[::-1])[::-1] - density / 2) * _STEP
        bound = float(np.interp(-alpha / counted.size, -beyond, _GRID))
        levels.append(float(ndtr(-bound)))
        density = np.where(bound > _GRID, density, 0.0)
    return (*levels, *[alpha] * (known.size - counted.size))


def _moved(density: NDArray[np.float64], shared: float) -> NDArray[np.float64]:
    """The density of the next standardised value, of which the last one is the `shared` part of the variance."""
    spread = np.sqrt(1 - shared)
    step = (_GRID[:, np.newaxis] - np.sqrt(shared) * _GRID) / spread
    moved: NDArray[np.float64] = _normal(step) @ density * (_STEP / spread)
    return moved


def _normal(value: NDArray[np.float64]) -> NDArray[np.float64]:
    density: NDArray[np.float64] = np.exp(-(value**2) / 2) / np.sqrt(2 * np.pi)
    return density
