from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from act_spec.records import Item, Labelled
from act_spec.tasks.relations import Relations

TEXT = "Ada Byron, born in London, married William King. London is large."


def found(text: str = TEXT, **changed: Any) -> Relations:
    task = Relations.model_validate(
        {
            "question": "Which?",
            "labels": ["born_in", "married_to"],
            "text": "body",
            "symmetric": ["married_to"],
            **changed,
        }
    )
    return task.about(Item("i", {"body": text}))


def asked(**changed: Any) -> Relations:
    return Relations.model_validate(
        {
            "question": "How?",
            "labels": ["cause", "part", "other"],
            "between": ["one", "two"],
            "none": "other",
            **changed,
        }
    )


def relation(head: str, label: str, tail: str) -> dict[str, str]:
    return {"head": head, "label": label, "tail": tail}


def test_heads_and_tails_are_written_as_the_text_has_them():
    label = found().parse([relation("ada  byron", "born_in", "LONDON")])

    assert json.loads(label) == [relation("Ada Byron", "born_in", "London")]


def test_direction_counts_unless_the_label_has_none():
    assert found().distance(
        found().parse([relation("Ada Byron", "born_in", "London")]),
        found().parse([relation("London", "born_in", "Ada Byron")]),
    )
    assert found().parse([relation("William King", "married_to", "Ada Byron")]) == found().parse(
        [relation("Ada Byron", "married_to", "William King")]
    )


def test_what_cannot_be_taken_is_left_out_and_counted():
    value = [
        relation("Ada Byron", "born_in", "London"),
        relation("Ada Byron", "born_in", "Paris"),
        relation("Ada Byron", "met", "William King"),
        ["Ada Byron", "born_in"],
    ]

    assert json.loads(found().parse(value)) == [relation("Ada Byron", "born_in", "London")]
    assert found().repairs(value) == {"not_in_text": 1, "unknown_label": 1, "malformed": 1}
    with pytest.raises(ValueError, match="'Paris' does not stand in the text"):
        found().parse(value[1:])
    assert found().parse([]) == "[]"


@pytest.mark.parametrize(
    "cell",
    ["Ada Byron -[born_in]-> London; William King -[married_to]-> Ada Byron", "none"],
)
def test_a_persons_relations_are_read_and_shown(cell):
    label = found().read(cell)

    assert found().read(found().show(label)) == label
    assert len(json.loads(label)) == (0 if cell == "none" else 2)


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("Ada Byron born_in London", "is not a list of relations"),
        ("Ada Byron -[born_in]-> Paris", "'Paris' does not stand"),
        ("Ada Byron -[met]-> London", "'met' is not one of the labels"),
        ("[1", "begins like a JSON list"),
    ],
)
def test_a_persons_relation_that_cannot_be_taken_is_an_error(cell, words):
    with pytest.raises(ValueError, match=".") as caught:
        found().read(cell)

    assert words in str(caught.value)


def test_a_given_pair_is_asked_for_its_label():
    task = asked()

    assert task.answer_schema() == {"type": "string", "enum": ["cause", "part", "other"]}
    assert task.show(task.parse("Cause")) == "cause"
    assert task.parse("other") == "[]"
    assert task.show("[]") == "other"
    assert json.loads(task.parse("cause")) == [relation("one", "cause", "two")]


def test_the_direction_of_a_given_pair_is_asked_for_where_the_recipe_says_so():
    task = asked(directed=True, symmetric=["part"])
    forward = task.parse({"label": "cause", "direction": "forward"})
    backward = task.parse({"label": "cause", "direction": "backward"})

    assert json.loads(backward) == [relation("two", "cause", "one")]
    assert task.distance(forward, backward) == 1
    assert task.read(task.show(backward)) == backward == task.read("cause backward")
    assert task.parse({"label": "part", "direction": "backward"}) == task.parse("part")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"between": None}, "name one of them"),
        ({"text": "body"}, "name one of them"),
        ({"none": "nothing"}, "'nothing' is not one of the labels"),
        ({"symmetric": ["x"]}, "'x' is not one of the labels"),
        ({"between": None, "text": "body"}, "are of a given pair"),
    ],
)
def test_a_recipe_says_where_relations_are(changed, words):
    with pytest.raises(ValidationError, match=words):
        asked(**changed)


def test_votes_settle_relation_by_relation():
    one, other = (
        relation("Ada Byron", "born_in", "London"),
        relation("Ada Byron", "married_to", "William King"),
    )
    votes = [found().parse([one]), found().parse([one, other]), found().parse([])]

    assert json.loads(found().settle(votes)) == [one]


def test_f1_is_of_whole_relations_and_no_relation_counts_as_none():
    one, other = asked().parse("cause"), asked().parse("part")
    rows = [
        Labelled("1", one, one, one),
        Labelled("2", other, one, one),
        Labelled("3", "[]", "[]", "[]"),
        Labelled("4", None, "[]", one),
    ]
    figures = {metric.name: metric.value for metric in asked().figures(rows)}

    assert figures["machine_f1"] == pytest.approx(2 * 1 / (2 + 3))
    assert figures["machine_f1:cause"] == pytest.approx(2 * 1 / (1 + 3))
    assert figures["final_f1"] == pytest.approx(2 * 2 / (2 + 3))
