"""Several judges as one: a logistic mix of their scores, learnt from reviews."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from act_spec.strategies.estimators.calibration import (
    held_out_parts,
    log_odds,
    smoothed_share,
    too_little,
)
from act_spec.strategies.estimators.logistic import fit_logistic

_RIDGE = 1.0
"""Judges' scores resemble one another, so a mix is held back more than a single curve."""


@dataclass(frozen=True, eq=False)
class FittedMix:
    """
    What the reviews make of several judges.

    Attributes:
        cross_fitted: Error probabilities, shape (n,), in (0, 1), each from a
            fit that saw neither the item nor its group: for measuring.
        calibrated: The same from all reviews: for deciding what is reviewed next.
        slopes: Shape (judges,), log-odds per standard deviation of each
            judge's log-odds; all 0 where the reviews are too few to tell.
    """

    cross_fitted: NDArray[np.float64]
    calibrated: NDArray[np.float64]
    slopes: NDArray[np.float64]


def fitted_mix(
    scores: NDArray[np.float64],
    wrong: NDArray[np.float64],
    weight: NDArray[np.float64],
    groups: NDArray[np.int64] | None = None,
    *,
    folds: int = 5,
    seed: int = 0,
) -> FittedMix:
    """
    Weigh judges by what reviews say of them.

    Logistic regression on the log-odds of all scores, weighted by sampling
    weights. A judge that is wrong about which labels are wrong may get a
    slope below 0. Reviews with fewer than five wrong or five right labels
    give every item their share of errors.

    Args:
        scores: Shape (judges, n), in [0, 1]; NaN where a judge failed, which
            stands for the mean of its other scores.
        wrong: Shape (n,), read where reviewed.
        weight: Shape (n,), sampling weights, 0 where not reviewed.
        groups: Shape (n,), equal numbers where items belong together.
        folds: At least 2.
        seed: Of the assignment to folds.

    Source: stacked generalisation, Wolpert (1992); penalty and fallback are ours.
    """
    features = _features(scores)
    everywhere, slopes = _fit(features, wrong, weight, features)
    crossed = np.empty(wrong.size)
    for held_out in held_out_parts(wrong.size, groups, folds, seed):
        crossed[held_out], _ = _fit(features, wrong, np.where(held_out, 0.0, weight), features[held_out])
    return FittedMix(crossed, everywhere, slopes)


def combined_score(
    scores: NDArray[np.float64],
    wrong: NDArray[np.float64],
    *,
    fitted: bool,
    groups: NDArray[np.int64] | None = None,
    seed: int = 0,
) -> NDArray[np.float64]:
    """
    What judges say together of the items of a simple random sample, all of them reviewed: for ranking.

    Args:
        scores: Shape (judges, n), in [0, 1], NaN where a judge failed.
        wrong: Shape (n,), 1 where the machine label is wrong and 0 where right.
        fitted: The cross-fitted mix, each item from a fit that saw neither it
            nor its group; otherwise the plain mean.
        groups: Shape (n,), equal numbers where items belong together.
        seed: Of the assignment to folds.

    Returns:
        Shape (n,), NaN where any judge failed.
    """
    mean: NDArray[np.float64] = scores.mean(axis=0)
    if not fitted:
        return mean
    judged = ~np.isnan(mean)
    mixed = fitted_mix(scores, wrong, judged.astype(np.float64), groups, seed=seed)
    return np.where(judged, mixed.cross_fitted, np.nan)


def _features(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    missing = np.isnan(scores)
    found = np.maximum((~missing).sum(axis=1, keepdims=True), 1)
    typical = np.where(missing, 0.0, scores).sum(axis=1, keepdims=True) / found
    return log_odds(np.where(missing, typical, scores)).T


def _fit(
    features: NDArray[np.float64],
    wrong: NDArray[np.float64],
    weight: NDArray[np.float64],
    wanted: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Probabilities of the wanted rows, and the slopes behind them."""
    seen = weight > 0
    share, size = smoothed_share(wrong[seen], weight[seen])
    if too_little(wrong[seen]):
        return np.full(len(wanted), share), np.zeros(features.shape[1])
    fit = fit_logistic(features[seen], wrong[seen], weight[seen], ridge=_RIDGE)
    return (size * fit(wanted) + share) / (size + 1), fit.slopes
