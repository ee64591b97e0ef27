import pytest
from jsonschema import Draft202012Validator
from scripted import SENTIMENT, finish, prompts_for, said

from act_spec.records import Annotation, Item, Reply
from act_spec.strategies.annotators.direct import direct

ITEM = Item("1", {"text": "Broke at once."})


def run(*replies, **parameters):
    return finish(direct(ITEM, SENTIMENT, prompts_for(SENTIMENT), **parameters), *replies)


def test_asks_once_for_a_label_of_the_task():
    [request], annotation = run(said({"label": "negative"}))

    assert annotation == Annotation("negative")
    assert request.reply_schema["required"] == ["label"]
    assert request.reply_schema["properties"]["label"]["enum"] == ["positive", "negative"]


def test_asks_for_a_confidence_only_where_wanted():
    [plain], _ = run(said({"label": "negative"}))
    [request], annotation = run(said({"label": "negative", "confidence": 0.8}), confidence=True)

    assert annotation.confidence == 0.8
    assert "confidence" in request.messages[1]["content"]
    assert "confidence" not in plain.messages[1]["content"]


@pytest.mark.parametrize("confidence", [-0.1, 1.1, "high"])
def test_the_schema_refuses_a_confidence_outside_0_and_1(confidence):
    [request], _ = run(said({"label": "negative", "confidence": 0.5}), confidence=True)

    Draft202012Validator.check_schema(request.reply_schema)
    validator = Draft202012Validator(request.reply_schema)
    assert validator.is_valid({"label": "negative", "confidence": 1})
    assert not validator.is_valid({"label": "negative", "confidence": confidence})


@pytest.mark.parametrize("status", ["refused", "truncated", "invalid", "provider_error"])
def test_a_failed_reply_becomes_an_annotation_with_its_status_and_no_label(status):
    _, annotation = run(Reply(status, None, reason="no"))

    assert annotation == Annotation(None, status=status)


def test_a_label_that_the_task_refuses_is_invalid():
    _, annotation = run(said({"label": "mixed"}))

    assert annotation == Annotation(None, status="invalid")


def test_the_prompt_holds_what_the_recipe_says_of_the_labels():
    [request], _ = run(said({"label": "negative"}))
    system = request.messages[0]["content"]

    for told in (
        "Is the review positive?",
        "Choose negative.",
        "### positive",
        "Use when: The reviewer would buy it again.",
        "Not when: Only the delivery is praised.",
        'Example: "Love it." (plain praise)',
        'Near miss, not this label: "Came fast."',
        "Costly mistake: giving this label wrongly.",
    ):
        assert told in system


def test_the_format_example_names_no_label():
    [request], _ = run(said({"label": "negative"}))
    form = request.messages[1]["content"].rpartition("</field>")[2]

    assert "positive" not in form
    assert "negative" not in form


def test_items_share_their_system_message():
    prompts = prompts_for(SENTIMENT)
    [first], _ = finish(direct(ITEM, SENTIMENT, prompts), said({"label": "negative"}))
    other = Item("2", {"text": "Good."})
    [second], _ = finish(direct(other, SENTIMENT, prompts), said({"label": "positive"}))

    assert first.messages[0] == second.messages[0]
    assert first.messages[1] != second.messages[1]
