"""Columns of a table as numbers."""

import numpy as np
import pytest

from act_spec.train.readers.columns import Category, Number, as_number, looks_like


def test_a_number_is_scaled_to_mean_0_and_deviation_1_and_a_missing_one_is_marked():
    column = Number.of("age", [10, "20", None, 30.0])
    made = column.columns([10, "20", None, 30.0, ""])

    assert made[:, 0] == pytest.approx([-(1.5**0.5), 0, 0, 1.5**0.5, 0], abs=1e-6)
    assert made[:, 1].tolist() == [0, 0, 1, 0, 1]


def test_a_number_far_out_is_cut_and_a_constant_is_zero():
    assert Number("x", 0.0, 1.0).columns([1e30])[0, 0] == 10
    assert Number.of("x", [7, 7]).columns([7, 8])[:, 0].tolist() == [0, 1]
    assert Number.of("x", []).columns([3])[0, 0] == 3


def test_a_text_where_a_number_is_wanted_is_named():
    with pytest.raises(ValueError, match="train.features.age: 'old' is not a number"):
        Number.of("age", [3, "old"])


def test_a_category_has_a_column_a_name_and_nothing_for_unknown_ones():
    column = Category.of("sector", ["b", "a", None, "b"])

    assert column.values == ("a", "b")
    assert column.columns(["b", "c", None]).tolist() == [[0, 1], [0, 0], [0, 0]]


@pytest.mark.parametrize(
    ("values", "alone", "reading"),
    [
        (["1", "2.5", None, "-3e4"], False, "number"),
        ([True, False] * 20, False, "category"),
        (["a", "b"] * 20, False, "category"),
        (["a", "b"] * 20, True, "text"),
        (["a", "b", "c"], False, "text"),
        (["x" * 100] * 20, False, "text"),
        ([["turn"], ["turn"]], False, "text"),
        ([None, ""], False, "text"),
    ],
)
def test_what_a_column_looks_like(values, alone, reading):
    assert looks_like(values, alone=alone) == reading


@pytest.mark.parametrize("value", ["1_000", "0x10", "nan", "inf", "1e999", True, "", "12 apples", np.inf])
def test_what_is_no_number(value):
    assert as_number(value) is None
