"""The `uniform` rule: the baseline that ignores suspicion."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from act_spec.registry import register


@register("allocator", "uniform.v1", audit=False)
def uniform(error_probability: NDArray[np.float64], budget: int) -> NDArray[np.float64]:
    """
    Review a simple random share, whatever the judge says.

    The rule is an audit by itself, so none is added: its registration says
    `audit=False`, and callers of `sampling.design` then pass an audit of 0.

    Args:
        error_probability: Shape (n,); only its length counts.
        budget: Number of human labels that the rule spends; 0 <= budget <= n.

    Returns:
        budget / n for every item, shape (n,).
    """
    count = error_probability.size
    return np.full(count, budget / max(1, count))
