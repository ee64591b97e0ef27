import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from act_spec.strategies.estimators.agreement import cohens_kappa, cohens_kappa_interval
from act_spec.strategies.estimators.agreement_interval import Resampling


def labels(text):
    return np.array(list(text), dtype=object)


def test_kappa_is_what_its_formula_says():
    """20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no: p_o = 0.7, p_e = 0.5."""
    first, second = labels("y" * 25 + "n" * 25), labels("y" * 20 + "n" * 5 + "y" * 10 + "n" * 15)

    assert cohens_kappa(first, second) == pytest.approx(0.4)


@pytest.mark.parametrize(
    ("first", "second", "expected"), [("abc", "abc", 1.0), ("ab", "ba", -1.0), ("aabb", "abab", 0.0)]
)
def test_kappa_at_its_marks(first, second, expected):
    assert cohens_kappa(labels(first), labels(second)) == pytest.approx(expected)


def test_labels_that_only_one_uses_count():
    assert cohens_kappa(labels("ab"), labels("ac")) == pytest.approx((0.5 - 0.25) / 0.75)


@pytest.mark.parametrize(("first", "second"), [("", ""), ("aaa", "aaa")])
def test_where_it_is_not_defined_there_is_a_reason(first, second):
    with pytest.raises(ValueError, match="label"):
        cohens_kappa(labels(first), labels(second))


@pytest.mark.parametrize("seed", range(20))
def test_kappa_is_scikit_learns(seed):
    """To 1e-9 on random tables, and so is the value that comes with an interval."""
    draw = np.random.default_rng(seed)
    first = draw.integers(4, size=50)
    second = np.where(draw.random(50) < 0.6, first, draw.integers(5, size=50))
    one, other = first.astype(object), second.astype(object)

    expected = cohen_kappa_score(first, second)

    assert cohens_kappa(one, other) == pytest.approx(expected, abs=1e-9)
    assert cohens_kappa_interval(one, other, Resampling(draws=20)).value == pytest.approx(expected, abs=1e-9)


def test_the_interval_holds_what_it_promises():
    """95% intervals of 80 items cover the kappa of 80,000 in at least 34 of 40 samples (binomial, p < 0.002)."""
    draw = np.random.default_rng(7)
    first = draw.integers(3, size=80_000)
    second = np.where(draw.random(first.size) < 0.5, first, draw.integers(3, size=first.size))
    one, other = first.astype(str).astype(object), second.astype(str).astype(object)
    truth = cohens_kappa(one, other)

    parts = [slice(start, start + 80) for start in range(0, 3200, 80)]
    found = [cohens_kappa_interval(one[part], other[part], Resampling(draws=300)) for part in parts]

    assert sum(one.low <= truth <= one.high for one in found) >= 34


def test_an_interval_of_nothing_has_a_reason():
    with pytest.raises(ValueError, match="no two reviewers"):
        cohens_kappa_interval(labels(""), labels(""))
