from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as some

from act_spec.strategies.schedules import constant, decaying, last, listed, quadratic

TOTALS = some.integers(0, 5000)
ROUNDS = some.integers(1, 40)


@given(TOTALS, ROUNDS, some.fractions(Fraction(1, 100), 1))
def test_decaying_batches_sum_to_the_total_and_never_grow(total, rounds, rate):
    sizes = decaying(total, rounds, rate)

    assert sum(sizes) == total
    assert list(sizes) == sorted(sizes, reverse=True)
    assert len(sizes) == rounds


@given(TOTALS, ROUNDS)
def test_constant_batches_differ_by_one_at_most(total, rounds):
    sizes = constant(total, rounds)

    assert sum(sizes) == total
    assert max(sizes) - min(sizes) <= 1


@given(TOTALS, ROUNDS)
def test_quadratic_batches_sum_to_the_total(total, rounds):
    assert sum(quadratic(total, rounds)) == total


def test_quadratic_batches_of_the_source():
    assert quadratic(500, 10) == (5, 15, 25, 35, 45, 55, 65, 75, 85, 95)


def test_a_list_must_sum_to_the_total():
    assert listed(60, [30, 20, 10]) == (30, 20, 10)
    with pytest.raises(ValueError, match="sum to 60, and 61"):
        listed(61, [30, 20, 10])


def test_all_can_wait_for_the_last_round():
    assert last(60, 3) == (0, 0, 60)
    assert last(60, 1) == (60,)
