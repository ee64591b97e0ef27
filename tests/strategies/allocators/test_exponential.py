import numpy as np
import pytest
from pydantic import ValidationError

from act_spec.registry import find, parameters
from act_spec.strategies.allocators.exponential import exponential
from act_spec.strategies.allocators.threshold import threshold

SCORES = np.random.default_rng(0).beta(1, 6, size=5000)


@pytest.mark.parametrize("beta", [0.01, 5, 30, 1000])
@pytest.mark.parametrize("budget", [1, 400, 4999])
def test_log_odds_rise_by_beta_and_the_budget_is_met(budget: int, beta: float) -> None:
    """The rule's formula: logit(p) = beta * (e - alpha), one alpha for all items."""
    probability = exponential(SCORES, budget, beta=beta)

    inner = (probability > 1e-6) & (probability < 1 - 1e-6)
    alpha = SCORES[inner] - np.log(probability[inner] / (1 - probability[inner])) / beta
    assert probability.sum() == pytest.approx(budget, rel=1e-9)
    assert np.ptp(alpha) < 1e-6 / beta


def test_the_default_steepness_is_30() -> None:
    assert np.array_equal(exponential(SCORES, 400), exponential(SCORES, 400, beta=30))


def test_it_is_a_threshold_where_steep_and_uniform_where_flat() -> None:
    scores = np.array([0.1, 0.2, 0.5, 0.8])

    assert exponential(scores, 2, beta=1000) == pytest.approx(threshold(scores, 2))
    assert exponential(scores, 2, beta=1e-9) == pytest.approx([0.5] * 4)


def test_no_item_is_quite_out_of_reach() -> None:
    assert exponential(np.repeat([0.0, 1.0], 100), 50, beta=1000).min() > 0


@pytest.mark.parametrize("beta", [0, -3, 1e6, float("inf"), float("nan")])
def test_a_recipe_cannot_set_an_impossible_steepness(beta: float) -> None:
    with pytest.raises(ValidationError):
        parameters(find("allocator", "exponential"))(beta=beta)
