"""How far several reviewers agree beyond chance, each item answered by some of them: Fleiss and Gwet."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from act_spec.strategies.estimators.agreement_interval import BY_ITEM, Resampling, ratio, with_interval
from act_spec.strategies.estimators.label_quality import Estimate

Array = NDArray[np.float64]


def observed_agreement(counts: Array, resampling: Resampling = BY_ITEM) -> Estimate:
    """
    Share of pairs of answers to an item that are equal, averaged over items.

    Args:
        counts: Shape (n, k): how many reviewers gave item i label k. Items
            with fewer than two answers are left out.
        resampling: How the interval is made.

    Raises:
        ValueError: If no item has two answers.
    """
    return with_interval(partial(_observed, counts), len(counts), resampling)


def fleiss_kappa(counts: Array, resampling: Resampling = BY_ITEM) -> Estimate:
    """
    Agreement beyond chance: (p_o - p_e) / (1 - p_e), p_e the sum of squared label shares.

    p_o is `observed_agreement`. A label's share is the mean over items of its
    part of the item's answers. Reviewers may differ from item to item, and so
    may their number: with equal numbers this is Fleiss' own, otherwise Gwet's
    extension, in which items with one answer tell of the shares alone.

    Args:
        counts: Shape (n, k): how many reviewers gave item i label k.
        resampling: How the interval is made.

    Raises:
        ValueError: If no item has two answers, or all answers are the same.

    Source: Fleiss (1971), Measuring nominal scale agreement among many raters;
    Gwet (2014), Handbook of Inter-Rater Reliability.
    """

    def kappa(times: Array) -> Array:
        chance = (_shares(counts, times) ** 2).sum(axis=1)
        return ratio(_observed(counts, times) - chance, 1 - chance)

    return with_interval(kappa, len(counts), resampling)


def gwet_ac1(counts: Array, resampling: Resampling = BY_ITEM) -> Estimate:
    """
    Agreement beyond chance with p_e = sum over labels of p (1 - p) / (k - 1).

    Unlike kappa it does not fall when one label is rare while reviewers agree
    as before.

    Args:
        counts: Shape (n, k) with a column for every label that could be
            given, at least 2; labels that nobody gave count in k.
        resampling: How the interval is made.

    Raises:
        ValueError: If there is a single label, or no item has two answers.

    Source: Gwet (2008), Computing inter-rater reliability and its variance in
    the presence of high agreement.
    """
    if counts.shape[1] < 2:
        raise ValueError("with a single label there is nothing to agree on.")

    def ac1(times: Array) -> Array:
        shares = _shares(counts, times)
        chance = (shares * (1 - shares)).sum(axis=1) / (counts.shape[1] - 1)
        return ratio(_observed(counts, times) - chance, 1 - chance)

    return with_interval(ac1, len(counts), resampling)


def _observed(counts: Array, times: Array) -> Array:
    answers = counts.sum(axis=1)
    paired = answers >= 2
    pairs = np.where(paired, answers * (answers - 1), 1)
    equal = (counts * (counts - 1)).sum(axis=1) / pairs
    return ratio(times @ (equal * paired), times @ paired)


def _shares(counts: Array, times: Array) -> Array:
    answers = counts.sum(axis=1, keepdims=True)
    shares = counts / np.maximum(answers, 1)
    return ratio(times @ shares, times @ (answers > 0))
