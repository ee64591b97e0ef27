"""
How far a comparison would carry over to items like these: bootstrap over items or groups.

Items that belong together (two answers to one question, sentences of one
document) are drawn together; taken one by one they would pass for more
evidence than they are. Randomness is raw PCG64 bits, so figures repeat on
every platform.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from act_spec.strategies.estimators.detection import gain_curve
from act_spec.strategies.estimators.label_quality import Estimate

_CELLS = 1 << 22
"""Most numbers held at a time: a few draws for many items, many for few."""


@dataclass(frozen=True, eq=False)
class Suspicion:
    """
    A judge beside the truth about what it judged.

    Attributes:
        error_probability: Shape (n,), NaN where the judge failed, which counts
            as 1, as it does when a budget is spent.
        wrong: Shape (n,), 1 where the machine label is wrong, 0 where right.
    """

    error_probability: NDArray[np.float64]
    wrong: NDArray[np.float64]

    def gain(self, share: float) -> float:
        """
        The gain of reviewing this share of the items, most suspicious first.

        Raises:
            ValueError: If there is no error to find.
        """
        return float(np.interp(share, *gain_curve(_filled(self.error_probability), self.wrong > 0)))

    def resampled_gain(self, share: float, counts: NDArray[np.float64]) -> NDArray[np.float64]:
        """
        The same with each item as often as `counts` says.

        Args:
            share: Of the items, in [0, 1].
            counts: Shape (draws, n), from `resampled_counts`.

        Returns:
            Shape (draws,), NaN where a draw holds no error.
        """
        suspicion = _filled(self.error_probability)
        order = np.argsort(-suspicion, kind="stable")
        starts = np.flatnonzero(np.diff(-suspicion[order], prepend=-np.inf))
        sizes = np.add.reduceat(counts[:, order], starts, axis=1)
        errors = np.add.reduceat((counts * self.wrong)[:, order], starts, axis=1)
        reached = share * counts.sum(axis=1, keepdims=True) - (np.cumsum(sizes, axis=1) - sizes)
        taken = np.clip(reached / np.maximum(sizes, 1), 0, 1)
        found, all_errors = (errors * taken).sum(axis=1), errors.sum(axis=1)
        return np.where(all_errors > 0, found / np.where(all_errors > 0, all_errors, 1), np.nan)


def gain_difference(
    first: Suspicion,
    second: Suspicion,
    share: float,
    groups: NDArray[np.int64] | None = None,
    *,
    draws: int = 2000,
    seed: int = 0,
    certainty: float = 0.95,
) -> Estimate:
    """
    Gain of the first minus gain of the second, on the same items, with an interval over resampled items.

    Args:
        first: A judge of one run.
        second: Another judge or the judge of another run over the same n items in the same order.
        share: Share of the items that is reviewed, in [0, 1].
        groups: Shape (n,), equal numbers where items belong together.
        draws: Bootstrap samples.
        seed: Equal seeds give equal intervals.
        certainty: Level of the interval, in (0, 1).

    Raises:
        ValueError: If either has no error to find.
    """
    return _bootstrapped(
        first.gain(share) - second.gain(share),
        lambda counts: first.resampled_gain(share, counts) - second.resampled_gain(share, counts),
        resampled_counts(first.wrong.size, groups, draws, seed),
        group_count(first.wrong.size, groups),
        certainty,
    )


def mean_difference(
    first: NDArray[np.float64],
    second: NDArray[np.float64],
    groups: NDArray[np.int64] | None = None,
    *,
    draws: int = 2000,
    seed: int = 0,
    certainty: float = 0.95,
) -> Estimate:
    """
    Mean of the first minus mean of the second: of accuracies, where both say which labels are right.

    Args:
        first: Shape (n,), without missing values, such as 1 where a run's label is right.
        second: The same of another run over the same items in the same order.
        groups: As for `gain_difference`, and so are the others.
        draws: Bootstrap samples.
        seed: Equal seeds give equal intervals.
        certainty: Level of the interval, in (0, 1).
    """
    difference = first - second
    return _bootstrapped(
        float(difference.mean()),
        lambda counts: counts @ difference / counts.sum(axis=1),
        resampled_counts(difference.size, groups, draws, seed),
        group_count(difference.size, groups),
        certainty,
    )


def resampled_counts(
    count: int, groups: NDArray[np.int64] | None, draws: int, seed: int
) -> Iterator[NDArray[np.float64]]:
    """How often each item is drawn, shape (some, count), until there are `draws` rows; groups come whole."""
    number = np.arange(count) if groups is None else np.unique(groups, return_inverse=True)[1]
    parts = group_count(count, groups)
    bits = np.random.PCG64(np.random.SeedSequence(seed))
    rows = max(1, _CELLS // max(1, count))
    for start in range(0, draws, rows):
        block = min(rows, draws - start)
        lots = (bits.random_raw(block * parts) >> np.uint64(11)) * 2.0**-53
        drawn = (lots * parts).astype(np.int64).reshape(block, parts) + parts * np.arange(block)[
            :, np.newaxis
        ]
        times = np.bincount(drawn.ravel(), minlength=block * parts).reshape(block, parts)
        yield times[:, number].astype(np.float64)


def group_count(count: int, groups: NDArray[np.int64] | None) -> int:
    """How many units stand on their own."""
    return count if groups is None else int(np.unique(groups).size)


def percentile_interval(resampled: NDArray[np.float64], units: int, certainty: float) -> tuple[float, float]:
    """
    Percentiles of a bootstrap, a little wider than their names say, as few units need.

    Args:
        resampled: Shape (draws,); NaN, where a draw says nothing, is left out.
        units: Items, or groups, that were drawn from.
        certainty: Level of the interval, in (0, 1).

    Returns:
        Low and high; infinite if nothing can be said.

    Source: Hesterberg (2015), expanded percentiles.
    """
    from scipy.special import ndtr, stdtrit

    told = resampled[~np.isnan(resampled)]
    if units < 2 or not told.size:
        return -np.inf, np.inf
    tail = float(ndtr(np.sqrt(units / (units - 1)) * stdtrit(units - 1, (1 - certainty) / 2)))
    low, high = np.quantile(told, (tail, 1 - tail))
    return float(low), float(high)


def _bootstrapped(
    value: float,
    statistic: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    blocks: Iterator[NDArray[np.float64]],
    units: int,
    certainty: float,
) -> Estimate:
    resampled = np.concatenate([statistic(counts) for counts in blocks])
    low, high = percentile_interval(resampled, units, certainty)
    return Estimate(value, min(low, value), max(high, value))


def _filled(error_probability: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(np.isnan(error_probability), 1.0, error_probability)
