import pytest
from scripted import SENTIMENT, finish, labelled, prompts_for, said

from act_spec.records import Item
from act_spec.registry import declared, find, most_calls, parameters
from act_spec.strategies.annotators.direct import direct
from act_spec.strategies.annotators.self_consistency import self_consistency

ITEM = Item("1", {"text": "Broke at once."})
PROMPTS = prompts_for(SENTIMENT)


def run(*replies, **parameters):
    return finish(self_consistency(ITEM, SENTIMENT, PROMPTS, **parameters), *replies)


def test_samples_are_the_same_question_with_their_numbers():
    requests, _ = run(*[labelled("negative")] * 3, n=3)

    assert [request.sample for request in requests] == [0, 1, 2]
    assert len({str(request.messages) for request in requests}) == 1
    assert requests[0] == next(direct(ITEM, SENTIMENT, PROMPTS))[0]


def test_the_confidence_is_the_share_of_the_label():
    """Three of five."""
    replies = [labelled(name) for name in ("negative", "positive", "negative", "positive", "negative")]
    _, annotation = run(*replies)

    assert (annotation.label, annotation.confidence) == ("negative", pytest.approx(0.6))
    assert [(vote.sample, vote.label) for vote in annotation.votes][:2] == [(0, "negative"), (1, "positive")]


def test_reasons_where_wanted():
    requests, annotation = run(*[labelled("negative", why="It broke.")] * 2, n=2, reasoning=True)

    assert "reasoning" in requests[0].reply_schema["properties"]
    assert annotation.rationale == "It broke."


def test_a_sample_that_cannot_be_read_is_a_vote_without_a_label():
    _, annotation = run(labelled("negative"), said({"label": "mixed"}), n=2)

    assert (annotation.label, annotation.confidence) == ("negative", 0.5)
    assert [vote.label for vote in annotation.votes] == ["negative", None]


def test_declares_its_calls_and_prompts():
    entry = find("annotator", "self_consistency")
    chosen = dict(parameters(entry).model_validate({"n": "7", "reasoning": "true"}))

    assert most_calls(entry, chosen) == 7
    assert declared(entry, "prompts", chosen) == ("annotate_cot.v1",)
    assert declared(entry, "prompts", dict(parameters(entry)())) == ("annotate_direct.v1",)
