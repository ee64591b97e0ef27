import pytest
from hypothesis import given
from hypothesis import strategies as st

from act_spec.cells import column_name, from_cell, to_cell

TOUCHED = [
    *("=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "\uff1d1"),
    *("00417", "123456789012", "1.50", "1,5", "1e5", "12:30", "3/4", "50%"),
    *("2026-11-23", "23.11.2026", "1-2", "MAR1", "sept-2", "2 Dec", "TRUE", "false"),
]
KEPT = ["R-000123", "7", "12345678901", "0", "a1", "market", "'tis", "", "yes", "x=1", "café", "12 monkeys"]


@pytest.mark.parametrize("text", TOUCHED)
def test_what_a_spreadsheet_would_run_or_rewrite_gets_an_apostrophe(text):
    assert to_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", KEPT)
def test_other_texts_are_left_alone(text):
    assert to_cell(text) == text
    assert from_cell(text) == text


@given(st.text(st.sampled_from("'=+-@\t\r\n0123.:/eE% aM"), max_size=8))
def test_every_text_comes_back(text):
    """`from_cell` undoes `to_cell` for every text, also where it begins with apostrophes itself."""
    assert from_cell(to_cell(text)) == text


@given(st.text(max_size=8))
def test_no_cell_begins_like_a_formula(text):
    assert to_cell(text)[:1] not in {"=", "+", "-", "@", "\t", "\r"}


def test_headers_are_compared_without_case_and_spaces():
    assert {column_name(header) for header in ("item_id", "Item ID", "\ufeffITEM-ID ")} == {"item_id"}
