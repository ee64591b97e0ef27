import numpy as np
import pytest
from numpy.typing import NDArray

from act_spec.registry import find
from act_spec.strategies.estimators.calibration import calibrated, cross_fitted, held_out_parts
from act_spec.strategies.estimators.label_quality import _assisted_errors
from act_spec.strategies.estimators.reliability import expected_calibration_error
from act_spec.strategies.estimators.rounds import Reviews
from act_spec.strategies.sampling import design, draw

METHODS = ["isotonic", "logistic", "platt"]
Array = NDArray[np.float64]


def overconfident(count: int, seed: int = 0) -> tuple[Array, Array]:
    """A judge that says 0.02 to 0.5 where errors are 10% to 60% likely."""
    rng = np.random.default_rng(seed)
    chance = rng.uniform(0.1, 0.6, size=count)
    return np.round(chance**2 * 1.3, 2), (rng.random(count) < chance).astype(float)


@pytest.mark.parametrize("method", METHODS)
def test_calibration_brings_scores_near_the_shares_of_errors(method) -> None:
    """The expected calibration error on unseen items falls to less than a third."""
    score, wrong = overconfident(6000)
    weight = np.where(np.arange(6000) < 1500, 1.0, 0.0)
    unseen = 1.0 - weight
    after = expected_calibration_error(calibrated(score, wrong, weight, method=method), wrong, unseen)

    assert after < expected_calibration_error(score, wrong, unseen) / 3


@pytest.mark.parametrize("method", METHODS)
def test_it_never_turns_a_judge_around(method) -> None:
    """Also of a judge that is worse than random: its scores are flattened, not reversed."""
    score, wrong = overconfident(800)
    backwards = calibrated(1 - score, wrong, np.ones(800), method=method)

    assert np.diff(backwards[np.argsort(1 - score)]).min() >= 0


@pytest.mark.parametrize("method", METHODS)
def test_no_probability_is_0_or_1(method) -> None:
    score = np.linspace(0, 1, 100)
    fitted = calibrated(score, (score > 0.5).astype(float), np.ones(100), method=method)

    assert 0 < fitted.min() < 0.05
    assert 0.95 < fitted.max() < 1


@pytest.mark.parametrize("method", METHODS)
def test_few_errors_say_how_many_and_not_where(method) -> None:
    """Four errors among 100: everything gets (4 + 1/2) / 101."""
    score = np.linspace(0, 1, 100)

    fitted = calibrated(score, (np.arange(100) >= 96).astype(float), np.ones(100), method=method)
    assert fitted == pytest.approx(np.full(100, 4.5 / 101))


@pytest.mark.parametrize("method", METHODS)
def test_a_constant_score_says_nothing(method) -> None:
    fitted = calibrated(np.full(40, 0.9), np.repeat([1.0, 0.0], [10, 30]), np.ones(40), method=method)

    assert fitted == pytest.approx(np.full(40, 10.5 / 41))


def test_the_share_speaks_for_all_items() -> None:
    """An error that had a chance of 1/2 and three right labels that had 1/6: 2 of 20, not 1 of 4."""
    weight = np.array([2.0, 6, 6, 6, 0])
    size = 400 / 112

    fitted = calibrated(np.full(5, 0.3), np.array([1, 0, 0, 0, np.nan]), weight)
    assert fitted == pytest.approx(np.full(5, (size * 0.1 + 0.5) / (size + 1)))


def test_without_reviews_it_is_even_odds() -> None:
    assert calibrated(np.array([0.1, 0.9]), np.full(2, np.nan), np.zeros(2)).tolist() == [0.5, 0.5]


@pytest.mark.parametrize("method", METHODS)
def test_a_failed_judgement_stays_missing(method) -> None:
    score, wrong = overconfident(200)
    score[::10] = np.nan

    fitted = cross_fitted(score, wrong, np.ones(200), method=method)
    assert np.isnan(fitted).tolist() == np.isnan(score).tolist()
    assert np.isnan(calibrated(score, wrong, np.ones(200), method=method)).sum() == 20


@pytest.mark.parametrize("method", METHODS)
def test_no_item_sees_its_own_answer_or_its_partners(method) -> None:
    """Turning around the answers of a pair changes no value of the pair, and does change others."""
    score, wrong = overconfident(200)
    groups = np.arange(200) // 2
    before = cross_fitted(score, wrong, np.ones(200), groups, method=method, seed=3)
    turned = wrong.copy()
    turned[:2] = 1 - turned[:2]
    after = cross_fitted(score, turned, np.ones(200), groups, method=method, seed=3)

    assert after[:2].tolist() == before[:2].tolist()
    assert not np.array_equal(after, before)


def test_folds_part_all_items_and_no_group() -> None:
    groups = np.repeat(np.arange(50), 3)
    parts = np.array(list(held_out_parts(150, groups, 5, 1)), dtype=int)

    assert parts.sum(axis=0).tolist() == [1] * 150
    assert [np.ptp(parts[:, groups == group], axis=1).max() for group in range(50)] == [0] * 50
    assert parts.sum(axis=1).tolist() == [30] * 5


def test_one_fold_is_refused() -> None:
    with pytest.raises(ValueError, match="two folds or more, not 1"):
        cross_fitted(np.zeros(3), np.zeros(3), np.ones(3), folds=1)


def test_estimates_assisted_by_it_are_unbiased() -> None:
    """Mean error of 400 draws within 3.5 standard errors of 0; fitted on all reviews it would be too low."""
    score, wrong = overconfident(400)
    drawn = design(score, 60, 12, find("allocator", "sqrt").build)
    found = []
    for seed in range(400):
        selected = draw(drawn, seed)
        reviews = Reviews.once(drawn.inclusion_probability, selected)
        seen = np.where(selected, wrong, np.nan)
        probability = cross_fitted(score, seen, reviews.weights, seed=seed)
        found.append(_assisted_errors(seen, reviews, probability, np.zeros(400, dtype=bool)) - wrong.sum())

    assert abs(np.mean(found)) < 3.5 * np.std(found) / 20
