from scripted import SENTIMENT, finish, prompts_for, said

from act_spec.records import Annotation, Item, Judgment, Reply
from act_spec.strategies.judges.cot import cot

ITEM = Item("1", {"text": "Broke at once."})
ANNOTATION = Annotation("positive", rationale="The reviewer sounds glad.")
REPLY = {"reasoning": "It broke.", "error_probability": 0.95, "suggested_label": "negative"}


def run(*replies):
    return finish(cot(ITEM, ANNOTATION, SENTIMENT, prompts_for(SENTIMENT)), *replies)


def test_keeps_its_argument_as_the_rationale():
    _, judgment = run(said(REPLY))

    assert judgment == Judgment(0.95, "negative", "It broke.")


def test_argues_before_it_gives_the_number():
    [request], _ = run(said(REPLY))
    form = request.messages[1]["content"]

    assert list(request.reply_schema["properties"]) == ["reasoning", "error_probability", "suggested_label"]
    assert form.index('"reasoning"') < form.index('"error_probability"')


def test_never_sees_the_annotators_rationale():
    [request], _ = run(said(REPLY))

    assert "sounds glad" not in str(request.messages)


def test_a_failed_reply_becomes_a_judgment_with_its_status_and_no_number():
    _, judgment = run(Reply("refused", None))

    assert judgment == Judgment(None, status="refused")
