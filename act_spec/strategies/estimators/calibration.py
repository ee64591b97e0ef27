"""
From a judge's scores to error probabilities, learnt from reviews.

What is fitted is never measured on the items that it was fitted to:
`cross_fitted` gives every item, reviewed or not, the value of a fit that saw
neither it nor its group, so an estimate assisted by it stays unbiased.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from act_spec.strategies.estimators.isotonic import fit_isotonic
from act_spec.strategies.estimators.logistic import fit_logistic

Method = Literal["isotonic", "logistic", "platt"]
"""`isotonic`: any rising curve; `logistic`: on the score's log-odds; `platt`: on the score itself."""

Curve = Callable[[NDArray[np.float64]], NDArray[np.float64]]

_FEWEST = 5
"""Fewer wrong or fewer right labels than this say how many errors there are, not where."""

_EDGE = 1e-3
"""Log-odds are taken within [edge, 1 - edge]: judges do say 0 and 1."""


def calibrated(
    score: NDArray[np.float64],
    wrong: NDArray[np.float64],
    weight: NDArray[np.float64],
    *,
    method: Method = "isotonic",
) -> NDArray[np.float64]:
    """
    Error probabilities of all items, from all reviews: for deciding what is reviewed next.

    Equal scores get equal probabilities, and a higher score never a lower one.
    With fewer than five wrong or five right labels among the reviews, or with
    a constant score, every item gets the reviewed share of errors. All values
    are drawn towards that share by one review's worth, so that none is 0 or 1.

    Args:
        score: Shape (n,), NaN where the judge failed; any scale for `isotonic`
            and `platt`, in [0, 1] for `logistic`.
        wrong: Shape (n,), 1 where the machine label is wrong and 0 where right
            (degrees in between are allowed); read where reviewed.
        weight: Shape (n,), sampling weights, 0 where not reviewed.
        method: The shape of the curve.

    Returns:
        Shape (n,), in (0, 1), NaN where the score is.

    Source: Zadrozny & Elkan (2002); Platt (1999). The fallback is ours.
    """
    return fit_curve(score, wrong, weight, method)(score)


def cross_fitted(
    score: NDArray[np.float64],
    wrong: NDArray[np.float64],
    weight: NDArray[np.float64],
    groups: NDArray[np.int64] | None = None,
    *,
    folds: int = 5,
    seed: int = 0,
    method: Method = "isotonic",
) -> NDArray[np.float64]:
    """
    Error probabilities of all items, each from the reviews of the other folds: for measuring.

    Args:
        score: As for `calibrated`.
        wrong: As for `calibrated`.
        weight: As for `calibrated`.
        groups: Shape (n,), equal numbers where items belong together and so
            share a fold; None where each stands alone.
        folds: At least 2.
        seed: Of the assignment to folds, which is equal on every platform.
        method: The shape of the curve.

    Returns:
        Shape (n,), in (0, 1), NaN where the score is.
    """
    result = np.full(score.size, np.nan)
    for held_out in held_out_parts(score.size, groups, folds, seed):
        curve = fit_curve(score, wrong, np.where(held_out, 0.0, weight), method)
        result[held_out] = curve(score[held_out])
    return result


def fit_curve(
    score: NDArray[np.float64], wrong: NDArray[np.float64], weight: NDArray[np.float64], method: Method
) -> Curve:
    """The curve from scores to error probabilities; see `calibrated`."""
    seen = (weight > 0) & ~np.isnan(score)
    share, size = smoothed_share(wrong[weight > 0], weight[weight > 0])
    if too_little(wrong[seen]) or np.ptp(score[seen]) == 0:
        return lambda scores: np.where(np.isnan(scores), np.nan, share)
    raw = _raw_curve(score[seen], wrong[seen], weight[seen], method)
    return lambda scores: (size * raw(scores) + share) / (size + 1)


def held_out_parts(
    count: int, groups: NDArray[np.int64] | None, folds: int, seed: int
) -> Iterator[NDArray[np.bool_]]:
    """
    One mask a fold, shape (count,); each item lies in exactly one, groups undivided.

    Raises:
        ValueError: If there are fewer than two folds.
    """
    if folds < 2:
        raise ValueError(f"cross-fitting needs two folds or more, not {folds}.")
    _, group = np.unique(np.arange(count) if groups is None else groups, return_inverse=True)
    bits = np.random.PCG64(np.random.SeedSequence(seed)).random_raw(int(group.max(initial=-1)) + 1)
    fold = np.argsort(np.argsort(bits, kind="stable"), kind="stable") % folds
    return (fold[group] == index for index in range(folds))


def smoothed_share(wrong: NDArray[np.float64], weight: NDArray[np.float64]) -> tuple[float, float]:
    """
    The weighted share of errors, never quite 0 or 1, and how many reviews it rests on.

    Half an error and half a right label are added (Jeffreys); without reviews it is 1/2.
    """
    size = float(weight.sum() ** 2 / (weight @ weight)) if weight.size else 0.0
    share = float(weight @ wrong / weight.sum()) if weight.size else 0.0
    return (size * share + 0.5) / (size + 1), size


def too_little(wrong: NDArray[np.float64]) -> bool:
    """Whether these reviews hold too few of either kind to fit anything but their mean."""
    return min(float(wrong.sum()), float((1 - wrong).sum())) < _FEWEST


def log_odds(score: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of probabilities, kept finite; the same shape."""
    inside = np.clip(score, _EDGE, 1 - _EDGE)
    odds: NDArray[np.float64] = np.log(inside / (1 - inside))
    return odds


def _raw_curve(
    score: NDArray[np.float64], wrong: NDArray[np.float64], weight: NDArray[np.float64], method: Method
) -> Curve:
    if method == "isotonic":
        return fit_isotonic(score, wrong, weight)
    feature = log_odds if method == "logistic" else np.asarray
    fit = fit_logistic(feature(score)[:, np.newaxis], wrong, weight)
    if fit.slopes[0] < 0:
        # A calibration may flatten a judge but not turn it around; `fitted_mix` may.
        share, _ = smoothed_share(wrong, weight)
        return lambda scores: np.where(np.isnan(scores), np.nan, share)
    return lambda scores: fit(feature(scores)[:, np.newaxis])
