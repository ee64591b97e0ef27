"""The `rank_fraction` rule: the most suspicious share of the items, by rank alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from act_spec.registry import register
from act_spec.strategies.allocators.threshold import threshold


@register("allocator", "rank_fraction.v1")
def rank_fraction(error_probability: NDArray[np.float64], budget: int) -> NDArray[np.float64]:
    """
    Rank the items by suspicion; people get the upper share, the model keeps the rest.

    The source's allocation under its own name. Only ranks count, so scores
    need not be probabilities. Once the budget is a number of items it is what
    `threshold` does. The source lets row order decide between equal scores;
    here they share what is left, so that a larger budget never lowers any
    item's probability.

    Args:
        error_probability: Shape (n,), in [0, 1].
        budget: Number of human labels that the rule spends; 0 <= budget <= n.

    Returns:
        1 above the rank, an equal share at it, 0 below; shape (n,), summing
        to the budget and rising with it.

    Source: CoAnnotating (arXiv:2310.15638); the sharing of ties is ours.
    """
    return threshold(error_probability, budget)
