"""The `normalized` rule: reviews in proportion to suspicion."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from act_spec.registry import register
from act_spec.strategies.allocators._water_filling import fill


@register("allocator", "normalized.v1")
def normalized(error_probability: NDArray[np.float64], budget: int) -> NDArray[np.float64]:
    """
    Send items to people in proportion to their error probability.

    Departs from the source in one point: a probability that would pass 1 is
    cut to 1 and what it leaves goes to the others, because a ratio above 1
    kept in a denominator biases the loss. Items with error probability 0
    share only what the others cannot take.

    Args:
        error_probability: Shape (n,), in [0, 1].
        budget: Number of human labels that the rule spends; 0 <= budget <= n.

    Returns:
        Probabilities, shape (n,), in [0, 1], summing to the budget.

    Source: ACT (arXiv:2511.09833), normalised sampling; the cut is ours.
    """
    return fill(error_probability, budget)
