import pytest
from scripted import SENTIMENT, finish, prompts_for, said

from act_spec.records import Annotation, Item, Judgment, Reply
from act_spec.strategies.judges.direct import direct

ITEM = Item("1", {"text": "Broke at once."})
ANNOTATION = Annotation("positive", confidence=0.77, rationale="The reviewer sounds glad.")


def run(*replies):
    return finish(direct(ITEM, ANNOTATION, SENTIMENT, prompts_for(SENTIMENT)), *replies)


def test_asks_for_an_error_probability_and_a_better_label():
    [request], judgment = run(said({"error_probability": 0.9, "suggested_label": "negative"}))

    assert judgment == Judgment(0.9, "negative")
    assert request.reply_schema["required"] == ["error_probability", "suggested_label"]


def test_sees_the_item_and_the_label_and_nothing_else_of_the_annotator():
    [request], _ = run(said({"error_probability": 0.9, "suggested_label": "negative"}))
    user = request.messages[1]["content"]

    assert "Broke at once." in user
    assert "<annotation>\npositive\n</annotation>" in user
    assert "sounds glad" not in str(request.messages)
    assert "0.77" not in str(request.messages)


def test_the_error_probability_stands_without_a_usable_suggestion():
    _, judgment = run(said({"error_probability": 0.4, "suggested_label": "mixed"}))

    assert judgment == Judgment(0.4)


@pytest.mark.parametrize("status", ["refused", "truncated", "invalid", "provider_error"])
def test_a_failed_reply_becomes_a_judgment_with_its_status_and_no_number(status):
    _, judgment = run(Reply(status, None))

    assert judgment == Judgment(None, status=status)
