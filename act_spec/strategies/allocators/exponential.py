"""The `exponential` rule: a soft threshold on suspicion."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from act_spec.registry import register

_BINS = 4096


@register("allocator", "exponential.v1")
def exponential(
    error_probability: NDArray[np.float64],
    budget: int,
    *,
    beta: Annotated[float, Field(gt=0, le=1000, allow_inf_nan=False)] = 30.0,
) -> NDArray[np.float64]:
    """
    Review the suspicious almost surely and the rest almost never, without a hard edge.

    The probability of error probability e is sigmoid(beta * (e - alpha)), with
    alpha such that the probabilities sum to the budget.

    Args:
        error_probability: Shape (n,), in [0, 1].
        budget: Number of human labels that the rule spends; 0 <= budget <= n.
        beta: Steepness. Near 0 it is `uniform`, large it is `threshold`.

    Returns:
        Probabilities, shape (n,), in (0, 1) for 0 < budget < n, summing to the budget.

    Source: ACT (arXiv:2511.09833), exponential weighting; how alpha follows
        from the budget, and the default of beta, are ours.
    """
    count = error_probability.size
    if budget in (0, count):
        return np.full(count, float(budget > 0))
    low, high = _narrow(error_probability, budget, beta)
    alpha = _solve(error_probability, None, budget, beta, low, high)
    return _sigmoid(error_probability, alpha, beta)


def _narrow(error_probability: NDArray[np.float64], budget: int, beta: float) -> tuple[float, float]:
    """Bounds of alpha one bin apart: every value lies at most a bin above the edge that stands for it."""
    bins = (error_probability * _BINS).astype(np.intp)
    np.minimum(bins, _BINS - 1, out=bins)
    edges, sizes = np.arange(_BINS) / _BINS, np.bincount(bins, minlength=_BINS).astype(np.float64)
    shift = float(np.log(budget / (error_probability.size - budget))) / beta
    low = _solve(edges, sizes, budget, beta, -shift, 1 - shift)
    return low, low + 1 / _BINS


def _solve(
    values: NDArray[np.float64],
    sizes: NDArray[np.float64] | None,
    budget: int,
    beta: float,
    low: float,
    high: float,
) -> float:
    """
    Alpha where the probabilities of `sizes` items (None: one) at each value sum to the budget.

    Newton steps, replaced by bisection where they leave the bracket: on 10
    million items three passes, where bisection alone takes some fifty.
    """
    alpha = (low + high) / 2
    while low < alpha < high:
        probability = _sigmoid(values, alpha, beta)
        counted = probability if sizes is None else sizes * probability
        excess = float(np.sum(counted)) - budget
        if abs(excess) <= 1e-12 * budget:
            break
        low, high = (alpha, high) if excess > 0 else (low, alpha)
        spread = 1 - probability
        spread *= counted
        slope = beta * float(np.sum(spread))
        alpha = alpha + excess / slope if slope > 0 else low
        if not low < alpha < high:
            alpha = (low + high) / 2
    return alpha


def _sigmoid(values: NDArray[np.float64], alpha: float, beta: float) -> NDArray[np.float64]:
    """1 / (1 + exp(beta * (alpha - values))), in a single array."""
    result: NDArray[np.float64] = alpha - values
    result *= beta
    # Kept below the overflow of exp; the probability stays above 0.
    np.minimum(result, 700, out=result)
    np.exp(result, out=result)
    result += 1
    return np.divide(1, result, out=result)
