import pytest
from scripted import SENTIMENT, labelled

from act_spec.records import Reply, Vote
from act_spec.strategies.votes import ballot, settled
from act_spec.tasks.multilabel import Multilabel

TOPICS = Multilabel(question="Which?", none="allowed", labels={"a": {}, "b": {}})


def settle(*replies, task=SENTIMENT, earlier=()):
    ballots = [ballot(reply, task, sample=number) for number, reply in enumerate(replies)]
    return settled(ballots, task, [ballot(reply, task, "earlier") for reply in earlier])


def test_the_label_is_the_most_voted_and_the_confidence_its_share():
    made = settle(labelled("positive"), labelled("negative"), labelled("negative"))

    assert (made.label, made.confidence, made.status) == ("negative", pytest.approx(2 / 3), "ok")


def test_a_tie_goes_to_the_label_that_the_recipe_names_first():
    assert settle(labelled("negative"), labelled("positive")).label == "positive"


def test_every_vote_is_kept_with_its_call():
    made = settle(labelled("negative", key="k0"), Reply("refused", None, call_key="k1"))

    assert made.votes == (Vote("", 0, "negative", None, "k0"), Vote("", 1, None, None, "k1"))


def test_a_vote_without_a_label_counts_in_the_share_and_not_for_the_label():
    """One of three votes has the label."""
    made = settle(labelled("negative"), Reply("invalid", None), Reply("refused", None))

    assert (made.label, made.confidence) == ("negative", pytest.approx(1 / 3))


def test_the_share_of_a_graded_kind_is_by_distance():
    """[a] settles; the votes [a], [a], [a, b] are at distance 0, 0 and 1/2: (1 + 1 + 1/2)/3."""
    made = settle(labelled(["a"]), labelled(["a"]), labelled(["a", "b"]), task=TOPICS)

    assert (made.label, made.confidence) == ('["a"]', pytest.approx(2.5 / 3))


def test_no_label_at_all_is_a_failure_with_its_reason():
    made = settle(Reply("truncated", None), Reply("invalid", None))

    assert (made.label, made.status, len(made.votes)) == (None, "truncated", 2)


def test_a_call_without_a_reply_fails_the_item_and_keeps_what_came():
    made = settle(labelled("negative"), Reply("provider_error", None), labelled("negative"))

    assert (made.label, made.status) == (None, "provider_error")
    assert [vote.sample for vote in made.votes] == [0, 2]


def test_earlier_votes_are_kept_without_a_say():
    made = settle(labelled("negative"), earlier=[labelled("positive"), labelled("positive")])

    assert (made.label, made.confidence) == ("negative", 1)
    assert [vote.member for vote in made.votes] == ["earlier", "earlier", ""]


def test_the_rationale_is_of_a_vote_for_the_label():
    made = settle(
        labelled("positive", why="Glad."),
        labelled("negative"),
        labelled("negative", why="Broke."),
    )

    assert made.rationale == "Broke."
