"""The `sqrt` rule: reviews where a human label removes the most variance."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from act_spec.registry import register
from act_spec.strategies.allocators._water_filling import fill


@register("allocator", "sqrt.v1")
def sqrt(
    error_probability: NDArray[np.float64],
    budget: int,
    *,
    floor: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] = 0.0,
) -> NDArray[np.float64]:
    """
    Spend the budget where a human label removes the most variance.

    Probabilities are proportional to the square root of the error
    probability, within [floor, 1]: with calibrated scores, the allocation of
    least variance for the loss and for inverse-probability estimates. Items
    that cannot be wrong share only what the others cannot take.

    Args:
        error_probability: Shape (n,), in [0, 1].
        budget: Number of human labels that the rule spends; floor * n <= budget <= n.
        floor: Smallest probability. The audit bounds weights too, for all rules.

    Returns:
        Probabilities, shape (n,), in [floor, 1], summing to the budget.

    Raises:
        ValueError: If the budget cannot be met with this floor.

    Source: Zrnic & Candès, Active Statistical Inference (arXiv:2403.03208); Neyman (1934).
    """
    return fill(np.sqrt(error_probability), budget, floor)
