"""The `threshold` rule: the most suspicious items, all of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from act_spec.registry import register


@register("allocator", "threshold.v1")
def threshold(error_probability: NDArray[np.float64], budget: int) -> NDArray[np.float64]:
    """
    Review the most suspicious items for certain, and no others.

    Scores of language models are heavily tied. The items tied at the
    threshold share what is left in equal parts; row order never decides.

    Args:
        error_probability: Shape (n,), in [0, 1].
        budget: Number of human labels that the rule spends; 0 <= budget <= n.

    Returns:
        1 above the threshold, an equal share at it, 0 below; shape (n,),
        summing to the budget.

    Source: ACT (arXiv:2511.09833), thresholding; threshold and ties are ours.
    """
    count = error_probability.size
    if budget == 0:
        return np.zeros(count)
    limit = np.partition(error_probability, count - budget)[count - budget]
    above, tied = error_probability > limit, error_probability == limit
    share = (budget - np.count_nonzero(above)) / np.count_nonzero(tied)
    probability: NDArray[np.float64] = above + share * tied
    return probability
