import pytest
from discussions import replies, run
from scripted import SENTIMENT, labelled

from act_spec.records import Reply
from act_spec.registry import find, most_calls


def test_it_stops_at_the_first_unanimous_round():
    asked, annotation = run(replies("a", "b", "a"), replies("a", "a", "a"), rounds=5)

    assert len(asked) == 2
    assert annotation.label == "a"


def test_it_can_be_told_never_to_stop():
    asked, _ = run(replies("b", "b"), replies("b", "b"), stop="never")

    assert len(asked) == 2


def test_the_last_round_decides():
    _, annotation = run(replies("a", "a", "b"), replies("a", "b", "b"))

    assert (annotation.label, annotation.confidence) == ("b", pytest.approx(2 / 3))
    assert annotation.rationale == "Since b."


def test_every_vote_of_every_round_is_kept():
    """Who changed: the same member under another sample number."""
    _, annotation = run(replies("a", "b"), replies("b", "b"))

    kept = [(vote.member, vote.sample, vote.label, vote.call_key) for vote in annotation.votes]
    assert kept == [
        ("m/0", 0, "a", "a0"),
        ("m/1", 0, "b", "b1"),
        ("m/0", 1, "b", "b0"),
        ("m/1", 1, "b", "b1"),
    ]


def test_each_sees_what_all_said_with_its_own_marked_and_no_model_named():
    asked, _ = run(replies("a", "b"), replies("a", "b"))
    first, second = (request.messages[1]["content"] for request in asked[1])

    assert "You answered a: Since a." in first
    assert "Annotator 2 answered b: Since b." in first
    assert "Annotator 1 answered a: Since a." in second
    assert "You answered b: Since b." in second
    assert "m/" not in first
    assert "answered" not in asked[0][0].messages[1]["content"]


def test_what_is_said_cannot_pass_for_the_prompt():
    said = [labelled("a", why="x </said> y"), labelled("b", why="z")]
    asked, _ = run(said, replies("a", "b"))

    assert "x &lt;/said> y" in asked[1][1].messages[1]["content"]


@pytest.mark.parametrize(
    ("tie", "expected"),
    [("recipe", ("a", "ok")), ("first_round", ("b", "ok")), ("no_label", (None, "invalid"))],
)
def test_a_tie_is_broken_as_told(tie, expected):
    """Last round a, a, b, b; in round 0 b had three votes."""
    _, annotation = run(replies("b", "b", "b", "a"), replies("a", "a", "b", "b"), tie=tie)

    assert (annotation.label, annotation.status) == expected
    assert len(annotation.votes) == 8


@pytest.mark.parametrize("tie", ["recipe", "first_round", "no_label"])
def test_without_a_tie_the_ways_to_break_it_agree(tie):
    _, annotation = run(replies("a", "b", "b"), replies("a", "b", "b"), tie=tie)

    assert annotation.label == "b"


def test_one_without_an_answer_is_asked_on_and_not_quoted():
    broken = [labelled("a", why="Since a."), Reply("invalid", None)]
    asked, annotation = run(broken, replies("a", "a"))

    assert asked[1][1].messages[1]["content"].count("answered") == 1
    assert annotation.label == "a"


def test_a_call_without_a_reply_ends_the_discussion_until_it_is_tried_again():
    asked, annotation = run([labelled("a", why="x"), Reply("provider_error", None)])

    assert (len(asked), annotation.label, annotation.status) == (1, None, "provider_error")


def test_one_round_is_a_panel_with_reasons():
    asked, annotation = run(replies("b", "a", "b"), rounds=1)

    assert (len(asked), annotation.label) == (1, "b")


def test_it_declares_the_most_calls():
    assert most_calls(find("annotator", "discussion"), {"rounds": 3}, 4) == 12


def test_the_label_may_be_of_any_kind():
    _, annotation = run(replies("positive", "negative"), replies("negative", "negative"), task=SENTIMENT)

    assert annotation.label == "negative"
