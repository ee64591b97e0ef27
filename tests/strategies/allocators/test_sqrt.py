import numpy as np
import pytest
from pydantic import ValidationError

from act_spec.registry import find, parameters
from act_spec.strategies.allocators.sqrt import sqrt


def test_probabilities_are_in_proportion_to_the_square_root() -> None:
    assert sqrt(np.array([0.01, 0.04, 0.09, 0.16]), 1) == pytest.approx([0.1, 0.2, 0.3, 0.4])


@pytest.mark.parametrize("budget", [100, 250, 990])
def test_the_floor_holds_and_the_budget_is_met(budget: int) -> None:
    scores = np.concatenate([np.zeros(300), np.random.default_rng(0).beta(1, 8, size=700)])

    probability = sqrt(scores, budget, floor=0.1)

    assert probability.min() >= 0.1
    assert probability.sum() == pytest.approx(budget)


def test_a_floor_beyond_the_budget_is_refused() -> None:
    with pytest.raises(ValueError, match=r"a floor of 0\.2 on 100 items needs 20 reviews, the rule has 19"):
        sqrt(np.full(100, 0.5), 19, floor=0.2)


def test_no_allocation_has_less_variance() -> None:
    """Variance of the inverse-probability estimate, sum e / p, is least at p ~ sqrt(e)."""
    scores = np.random.default_rng(0).uniform(0.1, 0.2, size=50)
    best = sqrt(scores, 10)

    for seed in range(50):
        nudge = np.random.default_rng(seed).normal(0, 0.01, size=50)
        assert (scores / (best + nudge - nudge.mean())).sum() > (scores / best).sum()


@pytest.mark.parametrize("floor", [-0.1, 1.5, float("nan")])
def test_a_recipe_cannot_set_an_impossible_floor(floor: float) -> None:
    with pytest.raises(ValidationError):
        parameters(find("allocator", "sqrt"))(floor=floor)
