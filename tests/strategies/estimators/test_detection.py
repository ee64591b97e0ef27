from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from act_spec.strategies.allocators.threshold import threshold
from act_spec.strategies.estimators.detection import (
    auroc,
    gain,
    gain_at_error_rate,
    gain_curve,
    norm_area,
)


def judged(seed: int, decimals: int = 1, count: int = 500) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Scores (tied where rounded) and the errors that they hint at."""
    rng = np.random.default_rng(seed)
    scores = rng.beta(1, 4, size=count)
    return np.round(scores, decimals), rng.random(count) < scores


@pytest.mark.parametrize("decimals", [1, 2, 9])
@pytest.mark.parametrize("seed", range(5))
def test_auroc_agrees_with_scikit_learn(seed: int, decimals: int) -> None:
    scores, wrong = judged(seed, decimals)

    assert auroc(scores, wrong) == pytest.approx(roc_auc_score(wrong, scores), abs=1e-12)


@pytest.mark.parametrize("decimals", [0, 1, 2, 9])
@pytest.mark.parametrize("seed", range(5))
def test_norm_area_is_twice_auroc_minus_1(seed: int, decimals: int) -> None:
    """The identity holds to 1e-9, ties included, though one is an area and the other a rank sum."""
    scores, wrong = judged(seed, decimals)

    assert norm_area(scores, wrong) == pytest.approx(2 * auroc(scores, wrong) - 1, abs=1e-9)


def test_a_perfect_judge_and_its_opposite() -> None:
    wrong = np.arange(100) < 20
    right_scores, opposite = np.where(wrong, 0.5, 0.0), np.where(wrong, 0.0, 0.5)

    assert auroc(right_scores, wrong) == norm_area(right_scores, wrong) == pytest.approx(1)
    assert gain_at_error_rate(right_scores, wrong) == pytest.approx(1)
    assert auroc(opposite, wrong) == pytest.approx(0)
    assert norm_area(opposite, wrong) == pytest.approx(-1)


def test_a_judge_that_says_the_same_of_all_is_worth_as_much_as_chance() -> None:
    wrong = np.arange(100) < 20
    scores = np.full(100, 0.3)

    assert auroc(scores, wrong) == 0.5
    assert norm_area(scores, wrong) == pytest.approx(0)
    assert gain_at_error_rate(scores, wrong) == pytest.approx(0.2)


def test_gain_is_the_share_of_errors_that_review_reaches() -> None:
    wrong = np.array([True, True, False, True, False])

    assert gain(np.array([True, False, True, True, False]), wrong) == pytest.approx(2 / 3)
    assert gain(np.full(5, 0.4), wrong) == pytest.approx(0.4)


@pytest.mark.parametrize("budget", [1, 17, 100, 250, 500])
def test_the_curve_is_the_gain_of_reviewing_the_most_suspicious(budget: int) -> None:
    """At any budget the curve gives what the threshold rule reaches in expectation, ties shared."""
    scores, wrong = judged(3)

    assert np.interp(budget / 500, *gain_curve(scores, wrong)) == pytest.approx(
        gain(threshold(scores, budget), wrong)
    )


def test_the_curve_has_a_point_for_each_group_of_ties() -> None:
    reviewed, gains = gain_curve(np.array([0.9, 0.1, 0.9, 0.1]), np.array([True, False, True, True]))

    assert reviewed.tolist() == [0, 0.5, 1]
    assert gains == pytest.approx([0, 2 / 3, 1])


@pytest.mark.parametrize("measure", [auroc, norm_area])
@pytest.mark.parametrize("answer", [True, False])
def test_what_takes_both_kinds_says_so(measure: Callable[..., object], answer: bool) -> None:
    with pytest.raises(ValueError, match="both wrong and right"):
        measure(np.array([0.1, 0.2]), np.array([answer, answer]))


@pytest.mark.parametrize("measure", [gain, gain_curve, gain_at_error_rate])
def test_without_errors_there_is_no_gain(measure: Callable[..., object]) -> None:
    with pytest.raises(ValueError, match="no error to find"):
        measure(np.array([0.1, 0.2]), np.array([False, False]))
