"""How far models trained on different labels lie apart: means over seeds, and paired differences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from act_spec.store.training_rows import (
    CORRECTED,
    DELIVERED,
    HUMAN,
    MACHINE,
    TAUGHT,
    Arm,
    Difference,
    Fit,
    Score,
)
from act_spec.train.arms import MORE, last


@dataclass(frozen=True, eq=False)
class TestSet:
    """Each test item's weight and group under one seed; both have t entries."""

    __test__ = False  # not a test, whatever pytest thinks of the name

    weight: NDArray[np.float64]
    groups: Sequence[str]


@dataclass(frozen=True)
class Gap:
    """Every arm's score, and the differences that people ask for."""

    scores: tuple[Score, ...]
    differences: tuple[Difference, ...]

    def score(self, name: str, reviews: int | None = None) -> Score | None:
        """The score of an arm, if it was trained."""
        return next((one for one in self.scores if one.arm == Arm(name, reviews)), None)

    @property
    def closed(self) -> float | None:
        """
        How much of the gap from machine to human labels the delivered ones close: (m - m0) / (m_human - m0).

        None where an arm is missing, or human labels are no better.

        Source: TagLLM (arXiv:2602.20972).
        """
        machine, human, own = (self.score(name) for name in (MACHINE, HUMAN, CORRECTED))
        if machine is None or human is None or own is None or human.mean <= machine.mean:
            return None
        return (own.mean - machine.mean) / (human.mean - machine.mean)

    def as_json(self) -> dict[str, Any]:
        """The same as JSON objects."""
        return {
            "gap_closed": self.closed,
            "scores": [
                {
                    "arm": one.arm.name,
                    "reviews": one.arm.reviews,
                    "mean": one.mean,
                    "sd": one.sd,
                    "seeds": one.seeds,
                }
                for one in self.scores
            ],
            "differences": [
                {
                    "of": one.of.name,
                    "of_reviews": one.of.reviews,
                    "than": one.than.name,
                    "than_reviews": one.than.reviews,
                    "value": one.value,
                    "low": one.low,
                    "high": one.high,
                }
                for one in self.differences
            ],
        }


def measure_gap(fits: Sequence[Fit], tests: dict[int, TestSet], budget: int, made: int = 0) -> Gap:
    """
    Compare the arms.

    Args:
        fits: Every fit of a training.
        tests: Seed to what its models were tested on, in the order of their scores.
        budget: The run's reviews, to which a curve from gold adds.
        made: Reviews of a run without gold, of which its curve takes some away.
    """
    by_arm: dict[Arm, dict[int, NDArray[np.float64]]] = {}
    for fit in fits:
        if fit.scores:
            by_arm.setdefault(Arm(fit.arm, fit.reviews), {})[fit.seed] = np.array(fit.scores)
    scores = tuple(_score(arm, found, tests) for arm, found in by_arm.items())
    wanted = [
        (Arm(HUMAN), Arm(MACHINE)),
        (Arm(HUMAN), Arm(DELIVERED)),
        (Arm(HUMAN), Arm(CORRECTED)),
        (Arm(CORRECTED), Arm(DELIVERED)),
        (Arm(TAUGHT), Arm(CORRECTED)),
        (Arm(CORRECTED, budget + MORE), Arm(CORRECTED, budget)),
        (Arm(CORRECTED), Arm(CORRECTED, made - last(made))),
    ]
    differences = tuple(
        difference(of, than, by_arm[of], by_arm[than], tests)
        for of, than in wanted
        if of in by_arm and than in by_arm
    )
    return Gap(scores, differences)


def difference(
    of: Arm,
    than: Arm,
    better: dict[int, NDArray[np.float64]],
    worse: dict[int, NDArray[np.float64]],
    tests: dict[int, TestSet],
) -> Difference:
    """
    The mean paired difference over test items and seeds, for items like these.

    The variance has two parts: between groups of items, as a ratio estimate
    with groups as the units, and between seeds. What both share is counted
    twice, so the interval is rather too wide. With a single seed, or a single
    group, there is none.

    Source: Cameron, Gelbach & Miller (2011), Robust Inference with Multiway
        Clustering, without the term that is subtracted there.
    """
    from scipy.stats import t

    seeds = sorted(set(better) & set(worse))
    paired = {seed: better[seed] - worse[seed] for seed in seeds}
    total = sum(float(tests[seed].weight.sum()) for seed in seeds)
    value = sum(float((paired[seed] * tests[seed].weight).sum()) for seed in seeds) / total
    apart: dict[str, float] = {}
    for seed in seeds:
        residual = (paired[seed] - value) * tests[seed].weight / total
        for group, one in zip(tests[seed].groups, residual, strict=True):
            apart[group] = apart.get(group, 0.0) + float(one)
    means = np.array([_mean(paired[seed], tests[seed]) for seed in seeds])
    if len(seeds) < 2 or len(apart) < 2:
        return Difference(of, than, value, None, None)
    items = sum(one**2 for one in apart.values()) * len(apart) / (len(apart) - 1)
    half = float(t.ppf(0.975, len(seeds) - 1)) * np.sqrt(means.var(ddof=1) / len(seeds) + items)
    return Difference(of, than, value, value - half, value + half)


def _score(arm: Arm, found: dict[int, NDArray[np.float64]], tests: dict[int, TestSet]) -> Score:
    means = np.array([_mean(scores, tests[seed]) for seed, scores in found.items()])
    sd = float(means.std(ddof=1)) if len(means) > 1 else None
    return Score(arm, float(means.mean()), sd, len(means))


def _mean(scores: NDArray[np.float64], test: TestSet) -> float:
    return float((scores * test.weight).sum() / test.weight.sum())
