"""What a small random sample tells before the budget is spent: which judge to use, and whether to go on."""

from __future__ import annotations

from collections.abc import Mapping
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

_CERTAINTY = 0.95
"""Of the intervals, and of all comparisons of one kind together."""


@dataclass(frozen=True)
class Candidate:
    """
    A judge, or a combination of judges, as the pilot saw it.

    Attributes:
        name: As the caller named it.
        gain: Of reviewing the budget's share, with its interval.
        behind: How much less it gains than the one that is used, with its
            interval; 0 for that one itself. Below 0 for a combination that
            found more, but not surely so.
        combined: Whether it is a combination.
    """

    name: str
    gain: Estimate
    behind: Estimate
    combined: bool = False


@dataclass(frozen=True)
class Verdict:
    """
    Which judge is used.

    Attributes:
        ranking: Highest gain first; empty where the pilot met no error, so that there was nothing to find.
        used: Name of the combination that surely gains more than the best
            judge, if there is one; else of the judge with the highest gain; of
            the first one if there is no ranking.
        told_apart: Whether the data tell it from every other judge, at the
            certainty of 95% over all comparisons; otherwise it is used all
            the same. Combinations do not count here: they resemble their parts.
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
    combinations: Mapping[str, NDArray[np.float64]] | None = None,
    draws: int = 2000,
    seed: int = 0,
) -> Verdict:
    """
    Rank judges by the gain that they would bring at the budget, on a simple random sample.

    Intervals and comparisons are bootstrapped over items, or groups; the
    comparisons are paired, since all judges saw the same labels, and shared
    out over the rivals of the best (Bonferroni), all at 95%. A combination costs the calls
    of all its parts, so it is used only if it surely gains more than the best
    judge, at the same certainty shared out over all combinations.

    Args:
        candidates: Name to error probabilities of the pilot's items, shape
            (n,), NaN where the judge failed. Equal gains keep this order.
        wrong: Shape (n,), 1 where the machine label is wrong and 0 where right.
        share: Share of all items that the budget reviews, in (0, 1].
        groups: Shape (n,), equal numbers where items belong together.
        combinations: The same for combinations of the judges. A fitted one
            comes cross-fitted; see `mix`.
        draws: Bootstrap samples.
        seed: Equal seeds give equal verdicts.

    Raises:
        ValueError: If there is no candidate.

    Source: the ranking by gain at the budget is ours.
    """
    if not candidates:
        raise ValueError("there is no judge to rank.")
    if not wrong.any():
        return Verdict((), next(iter(candidates)), told_apart=len(candidates) == 1, beats_chance=False)
    scores = {**candidates, **(combinations or {})}
    judges = [Suspicion(score, wrong) for score in scores.values()]
    blocks = resampled_counts(wrong.size, groups, draws, seed)
    resampled = np.concatenate(
        [[judge.resampled_gain(share, counts) for judge in judges] for counts in blocks], axis=1
    )
    gains = np.array([judge.gain(share) for judge in judges])
    found = _Gains(tuple(scores), len(candidates), gains, resampled, group_count(wrong.size, groups))
    used = found.used
    ranking = tuple(found.candidate(index, used) for index in np.argsort(-gains, kind="stable").tolist())
    return Verdict(
        ranking,
        found.names[used],
        told_apart=all(
            one.behind.low > 0 for one in ranking if one.name != found.names[used] and not one.combined
        ),
        beats_chance=found.gain(used).low > share,
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


@dataclass(frozen=True, eq=False)
class _Gains:
    """
    Gains of judges and then of their combinations, on the sample and on resamples of it.

    Attributes:
        names: Of the judges, and of the combinations after them.
        judges: How many of them are judges.
        values: Shape (names,).
        resampled: Shape (names, draws).
        units: Items, or groups, that were drawn from.
    """

    names: tuple[str, ...]
    judges: int
    values: NDArray[np.float64]
    resampled: NDArray[np.float64]
    units: int

    @property
    def used(self) -> int:
        """Index of the combination that surely gains most, or else of the best judge."""
        best = int(np.argmax(self.values[: self.judges]))
        surely = [index for index in range(self.judges, len(self.names)) if self._behind(best, index).low > 0]
        return max(surely, key=lambda index: self.values[index], default=best)

    def candidate(self, index: int, used: int) -> Candidate:
        """One of them as the verdict shows it."""
        combined = index >= self.judges
        behind = self._behind(index, used) if index != used else Estimate(0.0, 0.0, 0.0)
        return Candidate(self.names[index], self.gain(index), behind, combined)

    def gain(self, index: int) -> Estimate:
        """With its interval."""
        return self._estimate(self.values[index], self.resampled[index], _CERTAINTY)

    def _behind(self, index: int, other: int) -> Estimate:
        """How much less one gains than another, at the certainty that is left to one comparison of its kind."""
        combined = max(index, other) >= self.judges
        comparisons = len(self.names) - self.judges if combined else self.judges - 1
        certainty = 1 - (1 - _CERTAINTY) / max(1, comparisons)
        return self._estimate(
            self.values[other] - self.values[index], self.resampled[other] - self.resampled[index], certainty
        )

    def _estimate(self, value: float, resampled: NDArray[np.float64], certainty: float) -> Estimate:
        low, high = percentile_interval(resampled, self.units, certainty)
        return Estimate(float(value), min(low, float(value)), max(high, float(value)))
