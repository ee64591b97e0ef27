"""What every rule promises, whatever its formula."""

from collections.abc import Callable

import numpy as np
import pytest

from act_spec.registry import find, names

RULES = ["exponential", "normalized", "rank_fraction", "sqrt", "threshold", "uniform"]
SCORES = {
    "spread": np.random.default_rng(0).beta(1, 8, size=1000),
    "tied": np.round(np.random.default_rng(1).beta(1, 4, size=1000), 1),
    "equal": np.full(1000, 0.3),
    "zeros": np.zeros(1000),
    "ones": np.ones(1000),
    "mostly zeros": np.repeat([0.0, 0.7], [950, 50]),
    "tiny": np.geomspace(1e-320, 1, 1000),
}


def test_the_rules_are_registered() -> None:
    assert set(RULES) <= set(names("allocator"))


@pytest.mark.parametrize("budget", [0, 1, 50, 200, 999, 1000])
@pytest.mark.parametrize("scores", SCORES)
@pytest.mark.parametrize("rule", RULES)
def test_it_spends_the_budget(rule: str, scores: str, budget: int) -> None:
    """Probabilities lie in [0, 1] and sum to the budget, also where some reach 1."""
    probability = find("allocator", rule).build(SCORES[scores], budget)

    assert probability.shape == (1000,)
    assert probability.min() >= 0
    assert probability.max() <= 1
    assert probability.sum() == pytest.approx(budget, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("rule", RULES)
def test_equal_items_fare_equally(rule: str) -> None:
    probability = find("allocator", rule).build(SCORES["tied"], 130)

    for value in np.unique(SCORES["tied"]):
        assert np.ptp(probability[SCORES["tied"] == value]) == 0


@pytest.mark.parametrize("rule", RULES)
def test_more_suspicion_never_means_less_review(rule: str) -> None:
    scores = np.sort(SCORES["spread"])

    assert np.all(np.diff(find("allocator", rule).build(scores, 130)) >= 0)


@pytest.mark.parametrize("rule", RULES)
def test_no_items_and_one_item(rule: str) -> None:
    allocate = find("allocator", rule).build

    assert allocate(np.zeros(0), 0).tolist() == []
    assert allocate(np.array([0.4]), 0).tolist() == [0]
    assert allocate(np.array([0.4]), 1).tolist() == [1]


def test_only_uniform_needs_no_audit() -> None:
    assert [rule for rule in RULES if find("allocator", rule).traits.get("audit", True) is False] == [
        "uniform"
    ]


@pytest.mark.long
@pytest.mark.parametrize("rule", RULES)
def test_ten_million_items_take_about_a_sort(rule: str) -> None:
    """At most as long as ordering the items once, with some room; of three times the shortest, in a processor's time."""
    from time import process_time

    scores = np.random.default_rng(0).beta(0.6, 4, size=10**7)

    def shortest_s(work: Callable[[], object]) -> float:
        taken = []
        for _ in range(3):
            start = process_time()
            work()
            taken.append(process_time() - start)
        return min(taken)

    allocate = find("allocator", rule).build

    assert shortest_s(lambda: allocate(scores, 10**6)) < 2 * shortest_s(lambda: np.argsort(scores))
