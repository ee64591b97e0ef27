import pytest
from scripted import SENTIMENT, finish, labelled, prompts_for, said

from act_spec.records import Item, Reply
from act_spec.registry import find, most_calls
from act_spec.strategies.annotators.panel import panel

ITEM = Item("1", {"text": "Broke at once."})
MEMBERS = ("m/a", "m/b", "m/c")


def run(*replies, **parameters):
    return finish(panel(ITEM, SENTIMENT, prompts_for(SENTIMENT), MEMBERS, **parameters), *replies)


def test_asks_every_member_the_same_once():
    requests, _ = run(*[labelled("negative")] * 3)

    assert [request.member for request in requests] == list(MEMBERS)
    assert len({str(request.messages) for request in requests}) == 1
    assert most_calls(find("annotator", "panel"), {}, 3) == 3


def test_the_vote_settles_and_its_share_is_the_confidence():
    _, annotation = run(labelled("positive"), labelled("negative"), labelled("negative"))

    assert (annotation.label, annotation.confidence) == ("negative", pytest.approx(2 / 3))
    assert [(vote.member, vote.label) for vote in annotation.votes] == [
        ("m/a", "positive"),
        ("m/b", "negative"),
        ("m/c", "negative"),
    ]


def test_stated_confidences_stay_with_their_votes():
    replies = [said({"label": "negative", "confidence": share}) for share in (0.5, 0.9, 0.7)]
    _, annotation = run(*replies, confidence=True)

    assert annotation.confidence == 1
    assert [vote.confidence for vote in annotation.votes] == [0.5, 0.9, 0.7]


def test_a_member_that_does_not_answer_is_asked_again_later():
    _, annotation = run(labelled("negative"), Reply("provider_error", None), labelled("negative"))

    assert (annotation.label, annotation.status) == (None, "provider_error")
    assert [vote.member for vote in annotation.votes] == ["m/a", "m/c"]


def test_a_member_that_refuses_has_no_say():
    _, annotation = run(labelled("negative"), Reply("refused", None), labelled("negative"))

    assert (annotation.label, annotation.confidence) == ("negative", pytest.approx(2 / 3))
