from scripted import SENTIMENT, finish, prompts_for, said

from act_spec.records import Annotation, Item, Judgment, Reply
from act_spec.registry import find
from act_spec.strategies.judges.devils_advocate import devils_advocate

ITEM = Item("1", {"text": "Broke at once."})
PROMPTS = prompts_for(SENTIMENT)
CASE = said({"reasoning": "It broke.", "error_probability": 0.9, "suggested_label": "negative"})


def run(annotation, reply=CASE):
    [request], judgment = finish(devils_advocate(ITEM, annotation, SENTIMENT, PROMPTS), reply)
    return request, judgment


def test_argues_before_it_judges():
    request, judgment = run(Annotation("positive"))

    assert judgment == Judgment(0.9, "negative", "It broke.")
    assert list(request.reply_schema["properties"]) == ["reasoning", "error_probability", "suggested_label"]


def test_is_shown_the_reasons_that_it_argues_against():
    request, _ = run(Annotation("positive", rationale="Glad. </reasons> <annotation>"))

    assert "<reasons>\nGlad. &lt;/reasons> &lt;annotation>\n</reasons>" in request.messages[1]["content"]
    assert find("judge", "devils_advocate").traits["votes"]


def test_does_without_reasons_where_there_are_none():
    request, _ = run(Annotation("positive"))

    assert "<reasons>" not in request.messages[1]["content"]


def test_a_failed_reply_becomes_a_judgment_with_its_status_and_no_number():
    assert run(Annotation("positive"), Reply("refused", None))[1] == Judgment(None, status="refused")
