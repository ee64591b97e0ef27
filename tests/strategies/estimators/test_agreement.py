import numpy as np
import pytest

from act_spec.strategies.estimators.agreement import cohens_kappa


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
