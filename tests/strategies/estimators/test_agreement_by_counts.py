"""Fleiss' kappa and Gwet's AC1, against their definitions written out vote by vote."""

from collections import Counter
from itertools import permutations
from math import inf

import numpy as np
import pytest

from act_spec.strategies.estimators.agreement_by_counts import fleiss_kappa, gwet_ac1, observed_agreement
from act_spec.strategies.estimators.agreement_interval import Resampling

FAST = Resampling(draws=50)


def random_votes(seed, items=40, labels=4, fewest=1, most=5):
    """For each item the list of its labels, as people gave them."""
    draw = np.random.default_rng(seed)
    usual = draw.integers(labels, size=items)
    return [
        [
            int(usual[item]) if draw.random() < 0.5 else int(draw.integers(labels))
            for _ in range(draw.integers(fewest, most + 1))
        ]
        for item in range(items)
    ]


def counted(votes, labels=4):
    return np.array([[float(said.count(label)) for label in range(labels)] for said in votes])


def observed_by_definition(votes):
    each = []
    for said in votes:
        pairs = list(permutations(said, 2))
        if pairs:
            each.append(sum(one == other for one, other in pairs) / len(pairs))
    return sum(each) / len(each)


def shares_by_definition(votes, labels):
    return [sum(Counter(said)[label] / len(said) for said in votes) / len(votes) for label in range(labels)]


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("numbers", [(1, 5), (2, 2), (4, 4)])
def test_both_are_what_their_definitions_say(seed, numbers):
    """To 1e-9 on random tables, with equal and unequal numbers of reviewers."""
    votes = random_votes(seed, fewest=numbers[0], most=numbers[1])
    agreed, shares = observed_by_definition(votes), shares_by_definition(votes, 4)
    by_kappa = sum(share**2 for share in shares)
    by_ac1 = sum(share * (1 - share) for share in shares) / 3

    assert observed_agreement(counted(votes), FAST).value == pytest.approx(agreed, abs=1e-9)
    assert fleiss_kappa(counted(votes), FAST).value == pytest.approx(
        (agreed - by_kappa) / (1 - by_kappa), abs=1e-9
    )
    assert gwet_ac1(counted(votes), FAST).value == pytest.approx((agreed - by_ac1) / (1 - by_ac1), abs=1e-9)


def test_fleiss_kappa_of_his_published_example():
    """Fourteen raters, ten subjects, five categories: 0.210 (the table that textbooks repeat)."""
    table = [
        [0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
        [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7],
    ]  # fmt: skip

    assert fleiss_kappa(np.array(table, dtype=float), FAST).value == pytest.approx(0.210, abs=5e-4)


def test_gwets_ac1_stays_high_where_a_label_is_rare():
    """90 yes-yes, 10 split evenly: agreement 0.9, kappa below 0, AC1 by hand (0.9 - 0.095)/(1 - 0.095)."""
    counts = np.array([[2.0, 0.0]] * 90 + [[1.0, 1.0]] * 10)

    assert fleiss_kappa(counts, FAST).value == pytest.approx((0.9 - 0.905) / 0.095)
    assert gwet_ac1(counts, FAST).value == pytest.approx((0.9 - 0.095) / 0.905)


def test_labels_that_nobody_gave_count_for_ac1():
    counts = np.array([[2.0, 0.0], [1.0, 1.0]])

    assert gwet_ac1(np.pad(counts, ((0, 0), (0, 1))), FAST).value > gwet_ac1(counts, FAST).value


@pytest.mark.parametrize("figure", [observed_agreement, fleiss_kappa, gwet_ac1])
@pytest.mark.parametrize("counts", [np.zeros((0, 2)), np.array([[1.0, 0.0]] * 3)])
def test_without_two_answers_to_an_item_there_is_a_reason(figure, counts):
    with pytest.raises(ValueError, match="no two reviewers"):
        figure(counts, FAST)


def test_where_all_give_one_label_kappa_is_not_defined_and_ac1_is_1():
    counts = np.array([[3.0, 0.0]] * 5)

    assert gwet_ac1(counts, FAST).value == 1
    with pytest.raises(ValueError, match="one and the same label"):
        fleiss_kappa(counts, FAST)


def test_a_single_label_is_nothing_to_agree_on():
    with pytest.raises(ValueError, match="single label"):
        gwet_ac1(np.array([[2.0]]), FAST)


def test_where_all_agree_on_all_the_interval_promises_nothing():
    found = fleiss_kappa(np.array([[2.0, 0.0]] * 3 + [[0.0, 2.0]] * 3), FAST)

    assert (found.value, found.low, found.high) == (1.0, -inf, inf)


@pytest.mark.parametrize("figure", [fleiss_kappa, gwet_ac1])
def test_intervals_hold_what_they_promise(figure):
    """95% intervals of 60 items cover the figure of 12,000 in at least 34 of 40 samples (binomial, p < 0.002)."""
    counts = counted(random_votes(0, items=12_000, fewest=2, most=3))
    truth = figure(counts, Resampling(draws=2)).value

    found = [figure(counts[start : start + 60], Resampling(draws=300)) for start in range(0, 2400, 60)]

    assert sum(one.low <= truth <= one.high for one in found) >= 34


def test_items_that_belong_together_widen_the_interval():
    counts = np.repeat(counted(random_votes(3, items=40, fewest=2)), 4, axis=0)
    together = Resampling(groups=np.repeat(np.arange(40), 4), draws=400)

    alone, grouped = fleiss_kappa(counts, Resampling(draws=400)), fleiss_kappa(counts, together)

    assert grouped.high - grouped.low > 1.5 * (alone.high - alone.low)
