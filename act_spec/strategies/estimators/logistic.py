"""Logistic regression by Newton's method: small, weighted, held back a little."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_STEPS = 50
_TOLERANCE = 1e-10


@dataclass(frozen=True, eq=False)
class Logistic:
    """
    sigmoid(intercept + slopes . (x - centre) / scale).

    Attributes:
        intercept: At the weighted mean of the fitted data.
        slopes: Shape (k,), per standard deviation.
        centre: Shape (k,), weighted means.
        scale: Shape (k,), weighted standard deviations; 1 where constant.
    """

    intercept: float
    slopes: NDArray[np.float64]
    centre: NDArray[np.float64]
    scale: NDArray[np.float64]

    def __call__(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """Probabilities, shape (n,), of features of shape (n, k)."""
        return _sigmoid(self.intercept + (features - self.centre) / self.scale @ self.slopes)


def fit_logistic(
    features: NDArray[np.float64],
    outcome: NDArray[np.float64],
    weight: NDArray[np.float64],
    *,
    ridge: float = 0.1,
) -> Logistic:
    """
    The coefficients of greatest weighted likelihood, less a small penalty on slopes.

    Weights are scaled to sum to their effective number, (sum w)**2 / sum w**2,
    so that a few heavy reviews do not count as many. The penalty keeps slopes
    finite where a score separates right from wrong.

    Args:
        features: Shape (n, k), without missing values.
        outcome: Shape (n,), in [0, 1], not all 0 and not all 1.
        weight: Shape (n,), above 0.
        ridge: Penalty ridge / 2 * slope**2 on slopes per standard deviation.
    """
    share = weight / weight.sum()
    centre = share @ features
    spread = np.sqrt(share @ (features - centre) ** 2)
    scale = np.where(spread > 1e-12, spread, 1.0)
    design = np.column_stack((np.ones(outcome.size), (features - centre) / scale))
    penalty = np.diag([0.0, *[ridge] * features.shape[1]])
    effective = share / float(share @ share)
    mean = float(share @ outcome)
    start = np.array([np.log(mean / (1 - mean)), *[0.0] * features.shape[1]])
    found = _newton(design, outcome, effective, penalty, start)
    return Logistic(float(found[0]), found[1:], centre, scale)


def _newton(
    design: NDArray[np.float64],
    outcome: NDArray[np.float64],
    weight: NDArray[np.float64],
    penalty: NDArray[np.float64],
    found: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Newton steps, each halved until it does not lose: the loss is convex, so this ends at its minimum."""
    loss = _loss(design, outcome, weight, penalty, found)
    for _ in range(_STEPS):
        probability = _sigmoid(design @ found)
        slope = design.T @ (weight * (probability - outcome)) + penalty @ found
        curvature = (design.T * (weight * probability * (1 - probability))) @ design + penalty
        step = np.linalg.lstsq(curvature, slope, rcond=None)[0]
        nearer = _loss(design, outcome, weight, penalty, found - step)
        while nearer > loss and float(np.abs(step).max()) > _TOLERANCE:
            step = step / 2
            nearer = _loss(design, outcome, weight, penalty, found - step)
        found, loss = found - step, nearer
        if float(np.abs(step).max()) <= _TOLERANCE:
            break
    return found


def _loss(
    design: NDArray[np.float64],
    outcome: NDArray[np.float64],
    weight: NDArray[np.float64],
    penalty: NDArray[np.float64],
    found: NDArray[np.float64],
) -> float:
    linear = design @ found
    return float(weight @ (np.logaddexp(0, linear) - outcome * linear) + found @ penalty @ found / 2)


def _sigmoid(linear: NDArray[np.float64]) -> NDArray[np.float64]:
    from scipy.special import expit

    probability: NDArray[np.float64] = expit(linear)
    return probability
