"""Figures of ratings: means with intervals, and how far ratings are from the known ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from act_spec.records import Labelled, Metric
from act_spec.tasks.parts.f1 import pairs_with_gold
from act_spec.tasks.parts.resampling import percentile_interval

Numbers = Callable[[str], Mapping[str, float]]


def rating_figures(
    rows: Iterable[Labelled], numbers: Numbers, rated: Sequence[str], *, mean: bool = True
) -> Iterator[Metric]:
    """
    What ratings amount to, for each criterion.

    Args:
        rows: Items with their labels.
        numbers: Criterion to number, of a label.
        rated: The criteria; a single one may have no name.
        mean: Whether their means say anything.
    """
    listed = list(rows)
    final = [numbers(row.final) for row in listed if row.final is not None]
    for name in rated if mean else ():
        if final:
            values = np.array([one[name] for one in final])
            low, high = percentile_interval(values)
            note = f"of {values.size:,} delivered ratings; 95% interval by resampling items"
            yield Metric(_named("mean", name), float(values.mean()), low, high, note)
    for who, pairs in pairs_with_gold(listed).items():
        known = [(numbers(label), numbers(gold)) for label, gold in pairs if label is not None]
        for name in rated:
            one, other = (np.array([pair[side][name] for pair in known]) for side in (0, 1))
            yield _apart(_named(f"{who}_mean_absolute_error", name), one, other)
            yield _together(_named(f"{who}_spearman", name), one, other)


def _named(figure: str, criterion: str) -> str:
    return f"{figure}:{criterion}" if criterion else figure


def _apart(name: str, one: NDArray[np.float64], other: NDArray[np.float64]) -> Metric:
    if not one.size:
        return Metric(name, None, note="nothing with a known rating is rated")
    off = np.abs(one - other)
    low, high = percentile_interval(off)
    return Metric(
        name, float(off.mean()), low, high, f"over {off.size:,} items; 95% interval by resampling items"
    )


def _together(name: str, one: NDArray[np.float64], other: NDArray[np.float64]) -> Metric:
    found = pearson(average_ranks(one), average_ranks(other)) if one.size else None
    if found is None:
        return Metric(name, None, note="ratings or known ratings are all the same")
    return Metric(name, found, note=f"rank correlation, ties with average ranks, over {one.size:,} items")


def average_ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ranks from 1, those that tie share their mean."""
    _, group, sizes = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(sizes)
    ranks: NDArray[np.float64] = ((ends - sizes + 1 + ends) / 2)[group]
    return ranks


def pearson(one: NDArray[np.float64], other: NDArray[np.float64]) -> float | None:
    """Pearson's correlation, in [-1, 1]; None where either does not vary."""
    if one.size < 2 or np.ptp(one) < 1e-12 or np.ptp(other) < 1e-12:
        return None
    return float(np.clip(np.corrcoef(one, other)[0, 1], -1, 1))
