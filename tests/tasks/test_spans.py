from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from act_spec.records import Item, Labelled
from act_spec.tasks.spans import Spans

TEXT = "Ada Lovelace met Charles Babbage in London. London was foggy."


def make(text: str = TEXT, **changed: Any) -> Spans:
    task = Spans.model_validate(
        {"question": "Who and where?", "labels": ["person", "place"], "text": "body", **changed}
    )
    return task.about(Item("i", {"body": text}))


def passage(label: str, text: str, start: int | None = None) -> dict[str, Any]:
    return {"label": label, "text": text} | ({} if start is None else {"start": start})


def places(label: str) -> list[tuple[int, int, str]]:
    return [(one["start"], one["end"], one["label"]) for one in json.loads(label)]


def test_a_passage_at_its_place_is_taken_as_it_is():
    value = [passage("place", "London", 36), passage("person", "Ada Lovelace", 0)]

    assert places(make().parse(value)) == [(0, 12, "person"), (36, 42, "place")]
    assert make().repairs(value) == {}


@pytest.mark.parametrize(("start", "found"), [(35, 36), (50, 44), (-7, 36), (9999, 44), (41, 44)], ids=str)
def test_quoted_words_are_put_where_they_stand_nearest_and_that_is_counted(start, found):
    value = [passage("place", "London", start)]

    assert places(make().parse(value)) == [(found, found + 6, "place")]
    assert make().repairs(value) == {"relocated": 1}


def test_words_that_differ_in_case_and_white_space_are_found():
    assert places(make("New\n  York is big").parse([passage("place", "new york", 0)])) == [(0, 10, "place")]


def test_without_a_place_the_same_words_are_taken_one_after_the_other():
    assert places(make().parse([passage("place", "London")] * 2)) == [(36, 42, "place"), (44, 50, "place")]


def test_what_cannot_be_taken_is_left_out_and_counted():
    value = [
        passage("person", "Ada Lovelace", 0),
        passage("animal", "Ada", 0),
        passage("person", "Lord Byron", 3),
        ["London", "place", 36.5, 42],
        "London",
    ]

    assert places(make().parse(value)) == [(0, 12, "person")]
    assert make().repairs(value) == {"unknown_label": 1, "not_in_text": 1, "malformed": 2}


def test_a_reply_of_which_nothing_is_left_failed_and_an_empty_one_did_not():
    assert make().parse([]) == "[]"
    with pytest.raises(ValueError, match="'Lord Byron' does not stand in the text"):
        make().parse([passage("person", "Lord Byron", 0)])


@pytest.mark.parametrize(
    ("overlap", "kept"),
    [
        ("refused", [(0, 12, "person"), (36, 42, "place")]),
        ("nested", [(0, 3, "person"), (0, 12, "person"), (36, 42, "place")]),
        ("allowed", [(0, 3, "person"), (0, 12, "person"), (4, 20, "place"), (36, 42, "place")]),
    ],
)
def test_overlaps_follow_the_policy(overlap, kept):
    value = [
        passage("person", "Ada", 0),
        passage("person", "Ada Lovelace", 0),
        passage("place", "London", 36),
        *([passage("place", TEXT[4:20], 4)] if overlap == "allowed" else []),
    ]

    assert places(make(overlap=overlap).parse(value)) == kept


def test_passages_that_cross_are_not_nested():
    value = [passage("person", "Ada Lovelace", 0), passage("person", "Lovelace met Charles", 4)]

    assert places(make(overlap="nested").parse(value)) == [(4, 24, "person")]
    assert make(overlap="nested").repairs(value) == {"overlapping": 1}


def test_recorded_token_places_are_taken_with_the_last_one_included():
    task = make(places="tokens", trust="places")

    assert places(task.parse([["Charles Babbage", "person", 3, 4]])) == [(17, 32, "person")]
    assert places(task.parse([["Babbage", "person", 3, 4]])) == [(17, 32, "person")]
    assert task.repairs([["Babbage", "person", 3, 4]]) == {"misquoted": 1}
    assert places(make(places="tokens").parse([["Babbage", "person", 3, 4]])) == [(25, 32, "person")]


def test_canonical_labels_are_read_back_whatever_places_count():
    label = make().parse([passage("place", "London", 44)])

    for changed in ({}, {"places": "tokens"}):
        assert make(**changed).parse(label) == make(**changed).parse(json.loads(label)) == label


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("Ada Lovelace [person]; London [Place]", [(0, 12, "person"), (36, 42, "place")]),
        ("London @ 44 [place]", [(44, 50, "place")]),
        ("London [place];London [place]\nCharles Babbage [person];", None),
        ("none", []),
        (" None ", []),
    ],
)
def test_people_write_words_with_their_label(cell, found):
    expected = found or [(17, 32, "person"), (36, 42, "place"), (44, 50, "place")]

    assert places(make().read(cell)) == (found if found == [] else expected)


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("London", "is not a list of passages such as 'words [person]'"),
        ("London [city]", "'city' is not one of the labels"),
        ("Paris [place]", "'Paris' does not stand in the text"),
        ("Ada [person]; Ada Lovelace [person]", "overlaps"),
        ("[{]", "begins like a JSON list"),
        ("Ada Lovelace [person]; and London", "not a list"),
    ],
)
def test_a_persons_passage_that_cannot_be_taken_is_an_error(cell, words):
    with pytest.raises(ValueError, match=r".*") as caught:
        make().read(cell)

    assert words in str(caught.value)


@given(st.text(max_size=60), st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20)), max_size=6))
def test_what_is_shown_is_read_back(text, cuts):
    task = make(text, overlap="allowed")
    value = [
        passage("person", text[start : start + size], start)
        for start, size in cuts
        if text[start : start + size].strip()
    ]
    label = task.parse(value)

    assert task.read(task.show(label)) == label
    assert task.distance(label, label) == 0


def test_distance_is_one_less_f1():
    one = make().parse([passage("place", "London", 36), passage("person", "Ada Lovelace", 0)])
    other = make().parse([passage("place", "London", 36)])

    assert make().distance(one, other) == pytest.approx(1 - 2 / 3)
    assert make().distance("[]", "[]") == 0
    assert make().distance(one, "[]") == 1


def test_votes_settle_passage_by_passage():
    first = make().parse([passage("place", "London", 36), passage("person", "Ada Lovelace", 0)])
    second = make().parse([passage("place", "London", 36)])
    third = make().parse([passage("person", "London", 36)])

    assert places(make().settle([first, second, third])) == [(36, 42, "place")]


def test_f1_is_strict_and_partial():
    gold = make().parse([passage("person", "Ada Lovelace", 0), passage("place", "London", 36)])
    machine = make().parse([passage("person", "Ada", 0), passage("place", "London", 36)])
    found = {
        one.name: one.value
        for one in make().figures([Labelled("1", machine, gold, gold), Labelled("2", None, "[]", "[]")])
    }

    assert found["machine_f1"] == pytest.approx(1 / 2)
    assert found["final_f1"] == 1
    # A quarter of the name, and the place.
    assert found["machine_partial_f1"] == pytest.approx(2 * 1.25 / 4)
    assert found["machine_f1:place"] == 1
    assert found["machine_f1:person"] == 0


def test_without_gold_there_is_no_f1():
    assert {one.value for one in make().figures([Labelled("1", "[]", "[]", None)])} == {None}


def test_an_answer_of_hundreds_of_passages_survives():
    text = " ".join(f"word{number}" for number in range(289))
    value = [passage("place", f"word{number}", 0) for number in range(289)]

    assert len(places(make(text).parse(value))) == 289
    assert make(text).repairs(value) == {"relocated": 288}
