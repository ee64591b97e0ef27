from collections.abc import Callable

import numpy as np
import pytest
from halueval import USEFUL, HaluEval
from numpy.typing import NDArray
from scipy.stats import binom

from act_spec.strategies.estimators.detection import gain
from act_spec.strategies.estimators.label_quality import Estimate
from act_spec.strategies.estimators.resampling import (
    Suspicion,
    gain_difference,
    mean_difference,
    percentile_interval,
    resampled_counts,
)

Array = NDArray[np.float64]
JUDGE = Suspicion(np.array([0.9, 0.5, 0.5, np.nan, 0.1]), np.array([1.0, 1.0, 0.0, 0.0, 0.0]))


def test_the_gain_of_a_share_counts_ties_in_part_and_failures_first() -> None:
    """Three of five: the failure, the one at 0.9 and half of the two tied at 0.5, so 1.5 of 2 errors."""
    assert JUDGE.gain(0.6) == pytest.approx(0.75)
    assert JUDGE.gain(0.6) == gain(np.array([1, 0.5, 0.5, 1, 0]), JUDGE.wrong > 0)


def test_a_resampled_gain_is_that_of_the_repeated_items() -> None:
    rng = np.random.default_rng(0)
    judge = Suspicion(np.round(rng.random(40), 1), (rng.random(40) < 0.3).astype(float))
    (counts,) = resampled_counts(40, None, 20, seed=1)
    repeated = [np.repeat(np.arange(40), times.astype(int)) for times in counts]

    expected = [Suspicion(judge.error_probability[rows], judge.wrong[rows]).gain(0.27) for rows in repeated]
    assert judge.resampled_gain(0.27, counts) == pytest.approx(expected)


def test_a_draw_without_errors_says_nothing() -> None:
    assert np.isnan(JUDGE.resampled_gain(0.5, np.array([[0.0, 0, 2, 2, 1]]))).tolist() == [True]


def test_groups_are_drawn_whole() -> None:
    (counts,) = resampled_counts(9, np.repeat([5, 3, 8], 3), 100, seed=0)

    assert np.ptp(counts.reshape(100, 3, 3), axis=2).max() == 0
    assert counts.sum(axis=1).tolist() == [9] * 100


def test_large_runs_are_drawn_in_blocks() -> None:
    """Three million items: one draw at a time, each of three million."""
    blocks = list(resampled_counts(3_000_000, None, 2, seed=0))

    assert [block.shape for block in blocks] == [(1, 3_000_000)] * 2
    assert [block.sum() for block in blocks] == [3e6] * 2
    assert not np.array_equal(blocks[0], blocks[1])


def test_equal_seeds_give_equal_intervals() -> None:
    first, second = (np.random.default_rng(seed).random(50) for seed in (0, 1))

    assert mean_difference(first, second, seed=4) == mean_difference(first, second, seed=4)
    assert mean_difference(first, second, seed=4) != mean_difference(first, second, seed=5)


def test_a_judge_does_not_differ_from_itself() -> None:
    assert gain_difference(JUDGE, JUDGE, 0.4) == Estimate(0, 0, 0)


def test_a_single_group_says_nothing_of_others() -> None:
    assert percentile_interval(np.zeros(10), 1, 0.95) == (-np.inf, np.inf)


def coverage(
    draw: Callable[[np.random.Generator], tuple[Array, Array, NDArray[np.int64] | None]],
    truth: float,
    repeats: int = 300,
) -> int:
    """How many of the intervals over drawn data hold the truth."""
    held = 0
    for seed in range(repeats):
        first, second, groups = draw(np.random.default_rng(seed))
        estimate = mean_difference(first, second, groups, draws=400, seed=seed)
        held += estimate.low <= truth <= estimate.high
    return held


@pytest.mark.parametrize("grouped", [True, False])
def test_intervals_cover_over_resampled_pairs_if_the_pairs_are_known(grouped) -> None:
    """
    Two answers to a question share their fate: 95% intervals over groups hold.

    In 300 samples of 100 pairs, 94% is not rejected at 1%; taken one by one it is.
    """

    def pairs(rng: np.random.Generator) -> tuple[Array, Array, NDArray[np.int64] | None]:
        group = np.repeat(np.arange(100), 2)
        first, second = (
            np.where(rng.random(200) < 0.9, (rng.random(100) < rate)[group], rng.random(200) < rate)
            for rate in (0.8, 0.7)
        )
        return first.astype(float), second.astype(float), group if grouped else None

    held = coverage(pairs, 0.1)
    assert (binom.cdf(held, 300, 0.94) >= 0.01) == grouped


def test_gain_differences_cover_over_resampled_pairs() -> None:
    """300 samples of 150 pairs from a finite population of 4,000: 94% is not rejected at 1%."""
    rng = np.random.default_rng(0)
    hardness = np.repeat(rng.normal(size=4000), 2)
    wrong = (rng.random(8000) < 1 / (1 + np.exp(1.2 - 1.5 * hardness))).astype(float)
    scores = [1 / (1 + np.exp(-hardness - rng.normal(size=8000) * noise)) for noise in (0.8, 2)]
    sharp, blunt = (Suspicion(score, wrong) for score in scores)
    truth, held = sharp.gain(0.2) - blunt.gain(0.2), 0
    for seed in range(300):
        pair = np.random.default_rng([seed, 1]).integers(4000, size=150)
        rows = np.column_stack((2 * pair, 2 * pair + 1)).ravel()
        first, second = (Suspicion(score[rows], wrong[rows]) for score in scores)
        estimate = gain_difference(first, second, 0.2, np.repeat(np.arange(150), 2), draws=300, seed=seed)
        held += estimate.low <= truth <= estimate.high

    assert binom.cdf(held, 300, 0.94) >= 0.01


def test_comparisons_of_real_models_cover_over_resampled_pairs(recorded_data) -> None:
    """HaluEval, gpt-4o against deepseek-v3, 300 samples of 150 of 600 pairs: 94% is not rejected at 1%."""
    recorded = HaluEval(recorded_data)
    rows = np.argsort(recorded.pairs(), kind="stable").reshape(600, 2)
    first, second = (recorded.right(model).astype(float)[rows] for model in ("gpt-4o", USEFUL))

    def pairs(rng: np.random.Generator) -> tuple[Array, Array, NDArray[np.int64]]:
        drawn = rng.integers(600, size=150)
        return first[drawn].ravel(), second[drawn].ravel(), np.repeat(np.arange(150), 2)

    assert binom.cdf(coverage(pairs, float(first.mean() - second.mean())), 300, 0.94) >= 0.01
