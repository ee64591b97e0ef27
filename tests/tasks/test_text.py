from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from act_spec.records import Labelled
from act_spec.tasks.parts.edits import word_distance
from act_spec.tasks.text import Text

WORDS = st.lists(st.sampled_from("abcd"), max_size=8)


def make(**changed: Any) -> Text:
    return Text.model_validate({"question": "Sum it up.", **changed})


def test_white_space_around_a_text_and_its_lines_does_not_count():
    assert make().parse("  One line. \r\nAnother.\n\n") == "One line.\nAnother."
    assert make().parse("e\u0301t\u00e9") == "\u00e9t\u00e9"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("  ", "the text is empty"),
        (["a"], "is not a text"),
        (3, "is not a text"),
        ("one two three", "has 3 words, and at most 2"),
    ],
)
def test_what_is_no_text_is_no_answer(value, words):
    with pytest.raises(ValueError, match=".") as caught:
        make(max_words=2).parse(value)

    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [
        ("the lamp is broken", "the lamp is broken", 0),
        ("the lamp is broken", "the lamp is new", 1 / 4),
        ("the lamp is broken", "the red lamp is broken", 1 / 5),
        ("the lamp", "", 1),
        ("a b c", "c b a", 2 / 3),
    ],
)
def test_distance_is_in_words(one, other, distance):
    assert word_distance(one, other) == pytest.approx(distance)


def plain_levenshtein(one: list[str], other: list[str]) -> int:
    """As it is taught, cell by cell."""
    row = list(range(len(other) + 1))
    for number, word in enumerate(one, start=1):
        before, row[0] = row[0], number
        for place, against in enumerate(other, start=1):
            before, row[place] = (
                row[place],
                min(row[place] + 1, row[place - 1] + 1, before + (word != against)),
            )
    return row[-1]


@given(WORDS, WORDS)
def test_distance_is_levenshteins(one, other):
    expected = plain_levenshtein(one, other) / (max(len(one), len(other)) or 1)

    assert word_distance(" ".join(one), " ".join(other)) == pytest.approx(expected)


def test_only_equal_texts_have_no_distance_and_the_tolerance_bounds_the_same_answer():
    assert make().distance("a b", "a\nb") > 0
    assert make().exact
    assert make(tolerance=0.3).same("the lamp is broken", "the lamp is new")
    assert not make(tolerance=0.2).same("the lamp is broken", "the lamp is new")


def test_votes_settle_on_the_text_in_the_middle():
    assert make().settle(["a b c d", "a b c", "x y"]) == "a b c d"
    assert make().settle(["a b", "a b c", "a b c d"]) == "a b c"


def test_the_judge_looks_at_each_criterion():
    task = make(criteria={"short": "One sentence."})

    assert task.parts("any text") == ("short",)
    assert "(short: One sentence)" in task.answer_instruction()


def test_what_people_changed_is_measured():
    rows = [
        Labelled("1", "the lamp is broken", "the lamp is new", "the lamp is new", outcome="change"),
        Labelled("2", "one", "one", None, outcome="keep"),
        Labelled("3", "not reviewed", "not reviewed", None),
    ]
    found = {one.name: one.value for one in make().figures(rows)}

    assert found == {
        "edited_share": 0.5,
        "edit_distance": pytest.approx(1 / 8),
        "machine_edit_distance": pytest.approx(1 / 4),
        "final_edit_distance": 0,
    }
