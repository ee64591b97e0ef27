"""Figures of distributions: how far from the known ones, and whether they tell where people disagree."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from act_spec.records import Labelled, Metric
from act_spec.tasks.parts.classes import class_figures
from act_spec.tasks.parts.f1 import pairs_with_gold
from act_spec.tasks.parts.numbers import pearson
from act_spec.tasks.parts.resampling import percentile_interval

Shares = Callable[[str], Sequence[float]]
_ROUNDING = 1e-9
_NARROW = 0.02
"""Where every share of a label is 0.4 to 0.6, variances lie within this; then a correlation is mostly noise."""


def share_figures(rows: Iterable[Labelled], shares: Shares, labels: Sequence[str]) -> Iterator[Metric]:
    """
    For `machine` and `final`: `…_distribution_gap`, `…_variance_correlation` and the majority label's figures.

    The gap is the mean total variation from the known distributions. The
    correlation is Pearson's, over items, of 1 - sum of squared shares: of two
    labels that is twice the variance p (1 - p).

    Args:
        rows: Items with their labels.
        shares: A label's shares, in the order of `labels`.
        labels: Their names. A majority that ties goes to the label that stands last.

    Source: VarCorr and DistAlign, Ni et al. (arXiv:2506.19467); the gap's form is ours.
    """
    listed = list(rows)
    for who, pairs in pairs_with_gold(listed).items():
        known = [(shares(label), shares(gold)) for label, gold in pairs if label is not None]
        given, truth = (np.array([pair[side] for pair in known], dtype=np.float64) for side in (0, 1))
        yield _gap(f"{who}_distribution_gap", given, truth)
        yield _correlation(f"{who}_variance_correlation", given, truth)

    def majority(label: str | None) -> str | None:
        return None if label is None else _majority(shares(label), labels)

    majorities = [
        Labelled(row.item_id, majority(row.machine), majority(row.final), majority(row.gold))
        for row in listed
    ]
    for metric in class_figures(majorities, labels):
        who, _, figure = metric.name.partition("_")
        note = f"of the label with the largest share; {metric.note}"
        yield Metric(f"{who}_majority_{figure}", metric.value, metric.low, metric.high, note)


def _gap(name: str, given: NDArray[np.float64], truth: NDArray[np.float64]) -> Metric:
    if not given.size:
        return Metric(name, None, note="nothing with a known distribution is labelled")
    gaps = np.abs(given - truth).sum(axis=1) / 2
    low, high = percentile_interval(gaps)
    note = f"mean total variation over {gaps.size:,} items; 95% interval by resampling items"
    return Metric(name, float(gaps.mean()), low, high, note)


def _correlation(name: str, given: NDArray[np.float64], truth: NDArray[np.float64]) -> Metric:
    if not given.size:
        return Metric(name, None, note="nothing with a known distribution is labelled")
    one, other = (1 - (table**2).sum(axis=1) for table in (given, truth))
    found = pearson(one, other)
    if found is None:
        side = "the answers" if np.ptp(one) < 1e-12 else "the known distributions"
        return Metric(name, None, note=f"undefined: {side} have the same variance for every item")
    note = f"over {one.size:,} items"
    if np.ptp(other) <= _NARROW + _ROUNDING:
        note += "; the known variances hardly differ, so it says little"
    return Metric(name, found, note=note)


def _majority(shares: Sequence[float], labels: Sequence[str]) -> str:
    """The label with the largest share; of several, that which stands last."""
    most = max(shares)
    return [label for label, share in zip(labels, shares, strict=True) if share == most][-1]
