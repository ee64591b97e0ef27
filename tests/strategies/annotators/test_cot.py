from scripted import SENTIMENT, finish, prompts_for, said

from act_spec.records import Annotation, Item, Reply
from act_spec.strategies.annotators.cot import cot

ITEM = Item("1", {"text": "Broke at once."})


def run(*replies, **parameters):
    return finish(cot(ITEM, SENTIMENT, prompts_for(SENTIMENT), **parameters), *replies)


def test_keeps_the_reasoning_as_the_rationale():
    _, annotation = run(said({"reasoning": "It broke.", "label": "negative"}))

    assert annotation == Annotation("negative", rationale="It broke.")


def test_asks_for_the_reasoning_before_the_label():
    [request], _ = run(said({"reasoning": "", "label": "negative", "confidence": 1}), confidence=True)
    form = request.messages[1]["content"]

    assert list(request.reply_schema["properties"]) == ["reasoning", "label", "confidence"]
    assert form.index('"reasoning"') < form.index('"label"')


def test_an_unreadable_label_keeps_its_reasoning():
    _, annotation = run(said({"reasoning": "Both.", "label": "mixed"}))

    assert annotation == Annotation(None, rationale="Both.", status="invalid")


def test_a_failed_reply_becomes_an_annotation_with_its_status_and_no_label():
    _, annotation = run(Reply("truncated", None))

    assert annotation == Annotation(None, status="truncated")
