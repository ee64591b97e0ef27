from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from act_spec import registry
from act_spec.tasks.classification import Classification
from act_spec.tasks.kind import MAX_LABEL_CHARS


def make(labels: Any) -> Classification:
    return Classification.model_validate({"question": "Which?", "labels": labels})


@pytest.mark.parametrize(
    "labels",
    [
        ["a", "b"],
        {"a": None, "b": ""},
        {"a": {}, "b": {"definition": ""}},
    ],
)
def test_labels_come_at_three_lengths(labels):
    assert make(labels) == make(["a", "b"])


@pytest.mark.parametrize(
    ("labels", "where", "words"),
    [
        ([], ("labels",), "no labels"),
        ({}, ("labels",), "no labels"),
        (["a", ""], ("labels", ""), "cannot be empty"),
        (["a", " b"], ("labels", " b"), "white space"),
        (["a", "b\nc"], ("labels", "b\nc"), "line break"),
        (["a", "A"], ("labels", "A"), "only in case"),
        # A full-width letter is the same letter to the eye.
        (["price", "\uff50rice"], ("labels", "\uff50rice"), "look alike"),
        (["price", "pri\u0441e"], ("labels", "pri\u0441e"), "cyrillic small letter es"),
        (["a", "b" * (MAX_LABEL_CHARS + 1)], ("labels", "b" * (MAX_LABEL_CHARS + 1)), "longer than"),
        (["a", {"b": "x"}], ("labels", 1), "names alone"),
        (["a", "b", "b"], ("labels", 2), "stands twice"),
        ("a, b", ("labels",), "not a list"),
    ],
)
def test_a_faulty_label_is_named_where_it_stands(labels, where, words):
    with pytest.raises(ValidationError) as caught:
        make(labels)

    (error,) = caught.value.errors()
    assert error["loc"] == where
    assert words in error["msg"]


def test_a_label_is_known_whatever_its_case_and_surroundings():
    assert make(["Price", "Battery"]).known(" price ") == "Price"


def test_an_unknown_label_is_answered_with_the_known_ones():
    with pytest.raises(ValueError, match=r"'cost' is not one of the labels: Price, Battery\."):
        make(["Price", "Battery"]).known("cost")


def test_a_label_typed_on_another_keyboard_is_known():
    """A Cyrillic A, as a reviewer may type it for the grade A."""
    assert make(["A", "B"]).parse("\u0410") == "A"


@pytest.mark.parametrize(
    ("written", "quotes"),
    [
        ({"kind": "classification", "labels": ["a", "b"]}, False),
        ({"kind": "rating", "scale": [1, 5]}, False),
        ({"kind": "pairwise", "between": ["x", "y"]}, False),
        ({"kind": "spans", "text": "t", "labels": ["a"]}, True),
        ({"kind": "relations", "text": "t", "labels": ["a"]}, True),
        ({"kind": "relations", "between": ["x", "y"], "labels": ["a"]}, False),
        ({"kind": "text"}, True),
    ],
)
def test_a_kind_says_whether_its_labels_hold_words_of_an_item(written, quotes):
    kind: Any = registry.find("task", written["kind"]).build
    assert kind.model_validate({"question": "What?", **written}).quotes is quotes
