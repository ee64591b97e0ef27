from fractions import Fraction

import numpy as np
import pytest
from every_sample import every_sample
from numpy.typing import NDArray

from act_spec.registry import find
from act_spec.strategies.estimators.rounds import (
    Reviews,
    returned_probability,
    round_shares,
    sampling_weights,
)
from act_spec.strategies.sampling import audit_size, design, draw

ITEMS = 600


def test_one_round_weighs_by_the_inverse_probability() -> None:
    probability = np.array([0.5, 0.25, 1.0, 0.1])
    reviews = Reviews.once(probability, np.array([True, True, True, False]))

    assert reviews.shares.tolist() == [1]
    assert reviews.weights.tolist() == [2, 4, 1, 0]


def test_shares_follow_each_rounds_precision() -> None:
    """In proportion to n / (N (N - n)): 60/(600*540) against 60/(540*480)."""
    first, second = 60 / (600 * 540), 60 / (540 * 480)

    assert round_shares([(600, 60), (540, 60)]) == pytest.approx(
        [first / (first + second), second / (first + second)]
    )


def test_a_round_that_takes_all_that_is_left_counts_alone() -> None:
    reviews = Reviews(
        np.array([[0.5, 0.5, 0.5, 0.5], [np.nan, 1, 1, np.nan]]), np.array([0, 1, 1, 0], dtype=np.int64)
    )

    assert reviews.shares.tolist() == [0, 1]
    assert reviews.weights.tolist() == [1, 1, 1, 1]


def test_a_round_without_answers_counts_nothing() -> None:
    assert round_shares([(10, 3), (7, 0)]).tolist() == [1, 0]


@pytest.mark.parametrize(
    ("sizes", "message"),
    [([(10, 0)], "nothing has been reviewed"), ([], "nothing has been"), ([(10, 11)], "more items than")],
)
def test_impossible_schedules_are_refused(sizes: list[tuple[int, int]], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        round_shares(sizes)


@pytest.mark.parametrize("probability", [0.0, np.nan, 1.1])
def test_a_reviewed_item_without_a_probability_is_refused(probability: float) -> None:
    with pytest.raises(ValueError, match="inclusion probability of a reviewed item"):
        sampling_weights(np.array([probability]), np.array([0]), np.array([1.0]))


def test_the_first_part_of_a_worklist_thins_probabilities() -> None:
    assert returned_probability(np.array([1.0, 0.4]), 10, 5).tolist() == [0.5, 0.2]


def test_two_rounds_are_unbiased_where_the_second_follows_the_firsts_answers() -> None:
    """Exhaustive: over all samples of both rounds the weighted errors average the true number."""
    wrong = np.array([1.0, 0.0, 1.0, 0.0, 0.0])
    expectation = Fraction(0)
    first = design(np.array([0.1, 0.4, 0.2, 0.3, 0.6]), 2, 1, find("allocator", "sqrt").build)
    for sample, chance in every_sample(first.units).items():
        left = np.array(sorted(set(range(5)) - sample))
        found = wrong[list(sample)].sum()
        second = design(0.1 + 0.2 * found * (left % 2), 2, 1, find("allocator", "normalized").build)
        for part, chance_then in every_sample(second.units).items():
            probabilities = np.full((2, 5), np.nan)
            probabilities[0], probabilities[1, left] = (
                first.inclusion_probability,
                second.inclusion_probability,
            )
            rounds = np.full(5, -1)
            rounds[list(sample)], rounds[left[list(part)]] = 0, 1
            expectation += (
                chance * chance_then * Fraction(float(Reviews(probabilities, rounds).weights @ wrong))
            )

    assert float(expectation) == pytest.approx(2, abs=1e-9)


@pytest.mark.parametrize("batches", [[60, 60], [30] * 5], ids=["pilot", "batches"])
def test_the_weighted_count_of_errors_is_unbiased_where_rounds_learn(batches: list[int]) -> None:
    """
    Over 300 seeded walks the mean lies within 2 standard errors of the 92 errors.

    The chance of ever being reviewed, 1 - product of (1 - probability), is
    not: rounds that learn make it wrong by more than ten standard errors.
    """
    group, wrong = six_groups(errors=92)
    walks = [walk(group, wrong, batches, seed) for seed in range(300)]
    weighted = np.array([reviews.weights @ wrong for reviews in walks])
    combined = np.array([(wrong / ever(reviews))[reviews.reviewed].sum() for reviews in walks])

    assert abs(weighted.mean() - 92) < 2 * weighted.std() / np.sqrt(300)
    assert abs(combined.mean() - 92) > 10 * combined.std() / np.sqrt(300)


def six_groups(errors: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """A population of 600 in which some groups hold more errors than others."""
    group = np.repeat(np.arange(6), ITEMS // 6)
    pull = (1.0 + group) ** 1.5
    wrong = np.zeros(ITEMS)
    wrong[np.random.default_rng(1).choice(ITEMS, errors, replace=False, p=pull / pull.sum())] = 1
    return group, wrong


def walk(group: NDArray[np.int64], wrong: NDArray[np.float64], batches: list[int], seed: int) -> Reviews:
    """Rounds that each follow the error rates that earlier rounds found in the groups."""
    probabilities = np.full((len(batches), ITEMS), np.nan)
    rounds = np.full(ITEMS, -1)
    for index, batch in enumerate(batches):
        left, seen = np.flatnonzero(rounds < 0), rounds >= 0
        hits = np.bincount(group[seen], weights=wrong[seen], minlength=6)
        suspicion = (hits + 0.2) / (np.bincount(group[seen], minlength=6) + 1)
        drawn = design(
            suspicion[group[left]], batch, audit_size(batch, 0.2), find("allocator", "normalized").build
        )
        probabilities[index, left] = drawn.inclusion_probability
        rounds[left[draw(drawn, seed, round_number=index)]] = index
    return Reviews(probabilities, rounds)


def ever(reviews: Reviews) -> NDArray[np.float64]:
    """The tempting formula: one minus the chance that every round passes an item by."""
    chance: NDArray[np.float64] = 1 - np.prod(1 - np.nan_to_num(reviews.inclusion_probability), axis=0)
    return chance
