import pytest
from scripted import SENTIMENT, finish, prompts_for, said

from act_spec.records import Annotation, Item, Judgment, Reply
from act_spec.strategies.judges.multiple_choice import multiple_choice

ITEM = Item("1", {"text": "Broke at once."})


def run(*replies):
    return finish(multiple_choice(ITEM, Annotation("positive"), SENTIMENT, prompts_for(SENTIMENT)), *replies)


@pytest.mark.parametrize(
    ("letter", "expected"), [("A", 0.05), ("B", 0.25), ("C", 0.5), ("D", 0.75), ("E", 0.95)]
)
def test_each_grade_has_its_probability(letter, expected):
    _, judgment = run(said({"choice": letter, "suggested_label": "negative"}))

    assert judgment == Judgment(expected, "negative")


def test_the_prompt_explains_every_choice_of_the_schema():
    [request], _ = run(said({"choice": "A", "suggested_label": "positive"}))
    letters = request.reply_schema["properties"]["choice"]["enum"]

    assert letters == ["A", "B", "C", "D", "E"]
    assert all(f"\n{letter}. " in request.messages[1]["content"] for letter in letters)
    assert "<annotation>\npositive\n</annotation>" in request.messages[1]["content"]


def test_a_failed_reply_becomes_a_judgment_with_its_status_and_no_number():
    assert run(Reply("invalid", None))[1] == Judgment(None, status="invalid")
