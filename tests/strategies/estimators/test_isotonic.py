import numpy as np
import pytest
from sklearn.isotonic import IsotonicRegression

from act_spec.strategies.estimators.isotonic import fit_isotonic, pool_falling


def test_neighbours_that_fall_are_pooled_by_weight() -> None:
    """0.8 (mass 1) before 0.2 (mass 3) is a pool of 0.35; before it, 0.1 stands."""
    level, size = pool_falling(np.array([0.1, 0.8, 0.2]), np.array([1.0, 1.0, 3.0]))

    assert level.tolist() == pytest.approx([0.1, 0.35])
    assert size.tolist() == [1, 2]


def test_equal_scores_are_one_point() -> None:
    curve = fit_isotonic(np.array([0.5, 0.5, 0.9]), np.array([0.0, 1.0, 1.0]), np.array([1.0, 3.0, 1.0]))

    assert curve(np.array([0.0, 0.5, 0.7, 0.9, 1.0])).tolist() == pytest.approx([0.75, 0.75, 0.875, 1, 1])


def test_a_weight_of_two_is_an_item_twice() -> None:
    rng = np.random.default_rng(0)
    score, outcome = rng.random(40), (rng.random(40) < 0.4).astype(float)
    weight = rng.integers(1, 4, size=40)
    repeated = np.repeat(np.arange(40), weight)

    weighted = fit_isotonic(score, outcome, weight.astype(float))
    twice = fit_isotonic(score[repeated], outcome[repeated], np.ones(repeated.size))
    assert weighted(score).tolist() == pytest.approx(twice(score).tolist())


@pytest.mark.parametrize("digits", [1, 2, 8])
@pytest.mark.parametrize("count", [1, 2, 30, 3000])
def test_it_is_the_curve_of_least_squares(count: int, digits: int) -> None:
    """Equal to scikit-learn's, also where scores are tied."""
    rng = np.random.default_rng(count + digits)
    score = np.round(rng.random(count), digits)
    outcome, weight = (rng.random(count) < score**2).astype(float), rng.random(count) + 0.1
    theirs = IsotonicRegression().fit(score, outcome, sample_weight=weight)

    grid = np.linspace(score.min(), score.max(), 200)
    assert fit_isotonic(score, outcome, weight)(grid) == pytest.approx(theirs.predict(grid))


def test_the_last_entry_may_pull_all_others_into_one_pool() -> None:
    """A rising row with a deep fall at its end: one pool, by the pass that is linear whatever the order."""
    level, size = pool_falling(np.append(np.linspace(0, 1, 10_000), -1e6), np.ones(10_001))

    assert size.tolist() == [10_001]
    assert level[0] == pytest.approx((5000 - 1e6) / 10_001)
