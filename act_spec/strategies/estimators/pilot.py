"""What a small random sample tells before the budget is spent: which judge to use, and whether to go on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from act_spec.strategies.estimators.label_quality import Estimate
from act_spec.strategies.estimators.resampling import (
    Suspicion,
    group_count,
    percentile_interval,
    resampled_counts,
)


@dataclass(frozen=True)
class Candidate:
    """
    A judge, or a combination of judges, as the pilot saw it.

    Attributes:
        name: As the caller named it.
        gain: Of reviewing the budget's share, with its interval.
        behind: How much less it gains than the best, with its interval; 0 for the best itself.
    """

    name: str
    gain: Estimate
    behind: Estimate


@dataclass(frozen=True)
class Verdict:
    """
    Which judge is used.

    Attributes:
        ranking: Best first; empty where the pilot met no error, so that there was nothing to find.
        used: Name of the one with the highest gain; of the first candidate if there is no ranking.
        told_apart: Whether the data tell it from every other, at the certainty
            asked for over all comparisons; otherwise it is used all the same.
        beats_chance: Whether its interval lies above what random review gains.
    """

    ranking: tuple[Candidate, ...]
    used: str
    told_apart: bool
    beats_chance: bool


def rank_judges(
    candidates: Mapping[str, NDArray[np.float64]],
    wrong: NDArray[np.float64],
    share: float,
    groups: NDArray[np.int64] | None = None,
    *,
    draws: int = 2000,
    seed: int = 0,
    certainty: float = 0.95,
) -> Verdict:
    """
    Rank judges by the gain that they would bring at the budget, on a simple random sample.

    Intervals and comparisons are bootstrapped over items, or groups; the
    comparisons are paired, since all judges saw the same labels, and shared
    out over the rivals of the best (Bonferroni).

    Args:
        candidates: Name to error probabilities of the pilot's items, shape
            (n,), NaN where the judge failed. A fitted combination comes
            cross-fitted; see `mix`. Equal gains keep this order.
        wrong: Shape (n,), 1 where the machine label is wrong and 0 where right.
        share: Share of all items that the budget reviews, in (0, 1].
        groups: Shape (n,), equal numbers where items belong together.
        draws: Bootstrap samples.
        seed: Equal seeds give equal verdicts.
        certainty: Of the intervals and of the verdict, in (0, 1).

    Raises:
        ValueError: If there is no candidate.

    Source: the ranking by gain at the budget is ours.
    """
    if not candidates:
        raise ValueError("there is no judge to rank.")
    if not wrong.any():
        return Verdict((), next(iter(candidates)), told_apart=len(candidates) == 1, beats_chance=False)
    judges = [Suspicion(score, wrong) for score in candidates.values()]
    blocks = resampled_counts(wrong.size, groups, draws, seed)
    resampled = np.concatenate(
        [[judge.resampled_gain(share, counts) for judge in judges] for counts in blocks], axis=1
    )
    gains = np.array([judge.gain(share) for judge in judges])
    ranking = _ranking(tuple(candidates), gains, resampled, group_count(wrong.size, groups), certainty)
    return Verdict(
        ranking,
        ranking[0].name,
        told_apart=all(rival.behind.low > 0 for rival in ranking[1:]),
        beats_chance=ranking[0].gain.low > share,
    )


def accuracy_upper_bound(right: int, reviewed: int, population: int, *, certainty: float = 0.95) -> float:
    """
    The highest accuracy of all items that a simple random sample does not speak against.

    One-sided and exact for sampling without replacement: Clopper and Pearson's
    bound with the hypergeometric in place of the binomial distribution. With
    `data.group` it still treats items as drawn one by one, as the pilot draws them.

    Args:
        right: Reviewed items whose machine label is right, 0 <= right <= reviewed.
        reviewed: Size of the sample.
        population: Number of items, at least `reviewed`.
        certainty: Of the bound, in (0, 1).

    Returns:
        In [0, 1], a whole number of items over the population.
    """
    from scipy.stats import hypergeom

    low, high = right, population - (reviewed - right)
    while low < high:
        middle = (low + high + 1) // 2
        plausible = hypergeom.cdf(right, population, middle, reviewed) > 1 - certainty
        low, high = (middle, high) if plausible else (low, middle - 1)
    return low / population if population else 1.0


def fit_for_annotation(
    right: int, reviewed: int, population: int, *, fit_accuracy: float = 0.70, certainty: float = 0.95
) -> bool:
    """
    Whether the pilot leaves it possible that the annotator's accuracy is `fit_accuracy` or more.

    False is evidence and comes by mistake in at most 1 - certainty of pilots;
    True is only the lack of it. See `accuracy_upper_bound`.
    """
    return accuracy_upper_bound(right, reviewed, population, certainty=certainty) >= fit_accuracy


def _ranking(
    names: Sequence[str],
    gains: NDArray[np.float64],
    resampled: NDArray[np.float64],
    units: int,
    certainty: float,
) -> tuple[Candidate, ...]:
    order = np.argsort(-gains, kind="stable")
    best = order[0]
    shared = 1 - (1 - certainty) / max(1, len(names) - 1)
    return tuple(
        Candidate(
            names[index],
            _estimate(gains[index], resampled[index], units, certainty),
            _estimate(gains[best] - gains[index], resampled[best] - resampled[index], units, shared),
        )
        for index in order
    )


def _estimate(value: float, resampled: NDArray[np.float64], units: int, certainty: float) -> Estimate:
    low, high = percentile_interval(resampled, units, certainty)
    return Estimate(float(value), min(low, float(value)), max(high, float(value)))
