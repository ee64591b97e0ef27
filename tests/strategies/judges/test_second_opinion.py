import pytest
from scripted import SENTIMENT, finish, prompts_for, said

from act_spec.records import Annotation, Item, Judgment, Reply
from act_spec.registry import declared, find
from act_spec.strategies.annotators.direct import direct
from act_spec.strategies.judges.second_opinion import second_opinion

ITEM = Item("1", {"text": "Broke at once."})
PROMPTS = prompts_for(SENTIMENT)


def run(reply, label="positive", **parameters):
    steps = second_opinion(ITEM, Annotation(label), SENTIMENT, PROMPTS, **parameters)
    [request], judgment = finish(steps, reply)
    return request, judgment


@pytest.mark.parametrize(("label", "expected"), [("positive", 0.9), ("negative", 0.1)])
def test_agreement_gives_what_confidence_leaves_and_disagreement_the_confidence(label, expected):
    """d*c + (1 - d)*(1 - c) with d 0 or 1 and c = 0.9."""
    _, judgment = run(said({"label": "negative", "confidence": 0.9}), label)

    assert judgment.error_probability == pytest.approx(expected)
    assert judgment.suggested_label == "negative"


def test_answers_without_seeing_the_annotation():
    request, _ = run(said({"label": "negative", "confidence": 0.9}))

    assert request == next(direct(ITEM, SENTIMENT, PROMPTS, confidence=True))[0]


def test_reasons_where_wanted():
    reply = said({"reasoning": "It broke.", "label": "negative", "confidence": 1})
    _, judgment = run(reply, reasoning=True)

    assert judgment == Judgment(1, "negative", "It broke.")
    assert declared(find("judge", "second_opinion"), "prompts", {"reasoning": True}) == ("annotate_cot.v1",)


@pytest.mark.parametrize(
    ("reply", "status"),
    [(Reply("refused", None), "refused"), (said({"label": "mixed", "confidence": 1}), "invalid")],
)
def test_no_second_label_is_a_failed_judgment(reply, status):
    assert run(reply)[1] == Judgment(None, status=status)
