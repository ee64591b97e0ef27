"""Krippendorff's alpha, against its definition written out pair by pair, and on real votes."""

from collections import Counter
from itertools import permutations, product

import numpy as np
import pytest

from act_spec.strategies.estimators.agreement_alpha import (
    _ordinal,
    _paired,
    alpha_by_difference,
    krippendorffs_alpha,
)
from act_spec.strategies.estimators.agreement_interval import Resampling

FAST = Resampling(draws=50)


def random_votes(seed, items=30, labels=5):
    draw = np.random.default_rng(seed)
    usual = draw.integers(labels, size=items)
    return [
        [int(np.clip(usual[item] + draw.integers(-1, 2), 0, labels - 1)) for _ in range(draw.integers(1, 5))]
        for item in range(items)
    ]


def counted(votes, labels=5):
    return np.array([[float(said.count(label)) for label in range(labels)] for said in votes])


def alpha_by_definition(votes, difference):
    """Mean difference within items, each vote counting alike, over that of all ordered pairs of votes."""
    paired = [said for said in votes if len(said) > 1]
    every = [label for said in paired for label in said]
    within = sum(
        sum(difference(*pair) for pair in permutations(said, 2)) / (len(said) - 1) for said in paired
    ) / len(every)
    between = sum(
        difference(one, other) * times_one * times_other
        for (one, times_one), (other, times_other) in product(Counter(every).items(), repeat=2)
    )
    return 1 - within / (between / (len(every) * (len(every) - 1)))


def nominal(votes):
    return lambda one, other: float(one != other)


def interval(votes):
    return lambda one, other: float(one - other) ** 2


def ordinal(votes):
    """As Krippendorff writes it: all answers from one label to the other, the two ends counting half."""
    times = Counter(label for said in votes if len(said) > 1 for label in said)

    def difference(one, other):
        low, high = sorted((one, other))
        return (sum(times[label] for label in range(low, high + 1)) - (times[low] + times[high]) / 2) ** 2

    return difference


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("level", [nominal, ordinal, interval])
def test_alpha_is_what_its_definition_says(level, seed):
    """To 1e-9 on random tables, for each level of measurement."""
    votes = random_votes(seed)

    found = krippendorffs_alpha(counted(votes), level.__name__, resampling=FAST)

    assert found.value == pytest.approx(alpha_by_definition(votes, level(votes)), abs=1e-9)


def test_alpha_of_krippendorffs_own_example():
    """Four observers, twelve units, as he prints it: nominal 0.743, ordinal 0.815, interval 0.849."""
    observers = [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
        [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
    ]
    votes = [[said - 1 for one in observers if (said := one[unit]) is not None] for unit in range(12)]

    found = [
        krippendorffs_alpha(counted(votes), level, resampling=FAST).value
        for level in ("nominal", "ordinal", "interval")
    ]

    assert found == pytest.approx([0.743, 0.815, 0.849], abs=5e-4)


def test_resampled_ordinal_alphas_are_alphas_of_resampled_items():
    """An item drawn twice stands twice."""
    counts = counted(random_votes(4, items=12))
    times = np.array([2, 0, 1, 1, 0, 3, 1, 0, 1, 1, 2, 0])
    repeated = np.repeat(counts, times, axis=0)

    drawn = _ordinal(_paired(counts))(times[np.newaxis].astype(float))[0]

    assert drawn == pytest.approx(krippendorffs_alpha(repeated, "ordinal", resampling=FAST).value, abs=1e-12)


def test_labels_whose_differences_are_all_1_are_nominal():
    counts = counted(random_votes(5))

    found = alpha_by_difference(counts, 1 - np.eye(5), FAST)

    assert found == krippendorffs_alpha(counts, "nominal", resampling=FAST)


def test_nearer_labels_make_disagreement_smaller():
    counts = np.array([[1.0, 1.0, 0.0]] * 5 + [[0.0, 0.0, 2.0]] * 5)
    near = np.array([[0, 0.1, 1], [0.1, 0, 1], [1, 1, 0]])

    assert alpha_by_difference(counts, near, FAST).value > krippendorffs_alpha(counts, resampling=FAST).value


def test_where_all_give_one_label_there_is_a_reason():
    with pytest.raises(ValueError, match="one and the same label"):
        krippendorffs_alpha(np.array([[2.0, 0.0]] * 4), resampling=FAST)


def test_intervals_hold_what_they_promise():
    """95% intervals of 50 items cover the alpha of 10,000 in at least 34 of 40 samples (binomial, p < 0.002)."""
    counts = counted(random_votes(1, items=10_000))
    truth = krippendorffs_alpha(counts, "ordinal", resampling=Resampling(draws=2)).value

    samples = [counts[start : start + 50] for start in range(0, 2000, 50)]
    found = [krippendorffs_alpha(one, "ordinal", resampling=Resampling(draws=300)) for one in samples]

    assert sum(one.low <= truth <= one.high for one in found) >= 34
