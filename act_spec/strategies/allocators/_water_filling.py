"""Probabilities in proportion to a size, none above 1: what `normalized` and `sqrt` share."""

from __future__ import annotations

from math import ceil

import numpy as np
from numpy.typing import NDArray


def fill(size: NDArray[np.float64], budget: int, floor: float = 0.0) -> NDArray[np.float64]:
    """
    Spend a budget in proportion to sizes, each probability within [floor, 1].

    Items of size 0 get more than the floor only once all others have reached 1.

    Args:
        size: Shape (n,), finite and not negative.
        budget: Sum of the probabilities; 0 <= budget <= n.
        floor: Smallest probability, in [0, 1].

    Returns:
        min(1, max(floor, c * size)), shape (n,), with c such that the sum is the budget.

    Raises:
        ValueError: If the floor alone costs more than the budget.
    """
    count, positive = size.size, int(np.count_nonzero(size))
    if floor * count > budget:
        raise ValueError(
            f"a floor of {floor} on {count} items needs {ceil(floor * count)} reviews, the rule has {budget}."
        )
    if budget == 0:
        return np.zeros(count)
    if budget >= positive + floor * (count - positive):
        return np.where(size > 0, 1.0, (budget - positive) / max(1, count - positive))
    # A tiny cap makes the quotient infinite, which means certain.
    with np.errstate(over="ignore"):
        return np.clip(size / _cap(np.sort(size), budget, floor), floor, 1.0)


def _cap(size: NDArray[np.float64], budget: int, floor: float) -> float:
    """The size from which on items are certain, by bisection over sorted sizes: one sort, then scalars."""
    count = size.size
    running = np.concatenate(([0.0], np.cumsum(size)))

    def spent(cap: float) -> float:
        floored, uncertain = np.searchsorted(size, (floor * cap, cap))
        middle = float(running[uncertain] - running[floored])
        return float(floor * floored + middle / cap + (count - uncertain))

    low, high = 0.0, float(size[-1] / floor if floor else running[-1] / budget)
    while low < (middle := (low + high) / 2) < high:
        low, high = (middle, high) if spent(middle) > budget else (low, middle)
    floored, uncertain = np.searchsorted(size, (floor * high, high))
    room = budget - floor * floored - (count - uncertain)
    return float(size[floored:uncertain].sum() / room) if room > 0 and uncertain > floored else high
