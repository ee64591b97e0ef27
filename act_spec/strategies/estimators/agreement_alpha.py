"""Krippendorff's alpha: how far reviewers agree, where some answers are nearer to each other than others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from act_spec.strategies.estimators.agreement_interval import BY_ITEM, Resampling, ratio, with_interval
from act_spec.strategies.estimators.label_quality import Estimate

Array = NDArray[np.float64]
Level = Literal["nominal", "ordinal", "interval"]


def krippendorffs_alpha(
    counts: Array,
    level: Level = "nominal",
    *,
    values: Array | None = None,
    resampling: Resampling = BY_ITEM,
) -> Estimate:
    """
    1 - D_o / D_e: observed over expected disagreement; 1 is perfect, 0 is chance.

    D_o is the mean squared difference of two answers to one item, D_e that of
    any two answers. Items with fewer than two answers are left out.

    Args:
        counts: Shape (n, k): how many reviewers gave item i label k.
        level: Squared difference of two labels. `nominal`: 1 unless equal.
            `ordinal`: squared distance of their midranks among all answers,
            columns in rising order. `interval`: squared difference of `values`.
        values: Shape (k,), the labels as numbers; 0, 1, … if not given.
        resampling: How the interval is made.

    Raises:
        ValueError: If no item has two answers, or all answers are the same.

    Source: Krippendorff (2011), Computing Krippendorff's alpha-reliability.
    """
    labels = counts.shape[1]
    if level == "ordinal":
        return with_interval(_ordinal(_paired(counts)), len(counts), resampling)
    if level == "interval":
        numbers = np.arange(labels, dtype=np.float64) if values is None else values
        return alpha_by_difference(counts, np.subtract.outer(numbers, numbers) ** 2, resampling)
    return alpha_by_difference(counts, 1 - np.eye(labels), resampling)


def alpha_by_difference(counts: Array, difference: Array, resampling: Resampling = BY_ITEM) -> Estimate:
    """
    Krippendorff's alpha for labels of any kind whose differences are known.

    Args:
        counts: Shape (n, k): how many reviewers gave item i label k.
        difference: Shape (k, k), symmetric, at least 0, 0 on the diagonal: it
            stands where the formula has the squared difference.
        resampling: How the interval is made.

    Raises:
        ValueError: As `krippendorffs_alpha`.
    """
    paired = _paired(counts)
    others = np.maximum(paired.sum(axis=1) - 1, 1)
    within = ((paired @ difference) * paired).sum(axis=1) / others

    def alpha(times: Array) -> Array:
        answers = times @ paired
        return _alpha(times @ within, ((answers @ difference) * answers).sum(axis=1), answers)

    return with_interval(alpha, len(counts), resampling)


def _ordinal(paired: Array) -> Callable[[Array], Array]:
    """Midranks depend on all answers, so every draw has its own differences."""
    others = np.maximum(paired.sum(axis=1) - 1, 1)[:, np.newaxis, np.newaxis]
    together = paired[:, :, np.newaxis] * paired[:, np.newaxis, :] / others
    flat = together.reshape(len(paired), paired.shape[1] ** 2)

    def alpha(times: Array) -> Array:
        answers = times @ paired
        rank = np.cumsum(answers, axis=1) - answers / 2
        difference = (rank[:, :, np.newaxis] - rank[:, np.newaxis, :]) ** 2
        within = ((times @ flat).reshape(difference.shape) * difference).sum(axis=(1, 2))
        return _alpha(within, np.einsum("dc,dck,dk->d", answers, difference, answers), answers)

    return alpha


def _alpha(within: Array, between: Array, answers: Array) -> Array:
    total = answers.sum(axis=1)
    return 1 - ratio(within * (total - 1), between)


def _paired(counts: Array) -> Array:
    """The same, 0 where an item has fewer than two answers."""
    return np.where(counts.sum(axis=1, keepdims=True) >= 2, counts, 0.0)
