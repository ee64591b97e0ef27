import json

import numpy as np
import pytest

from act_spec.strategies.adjudicators.dawid_skene import dawid_skene
from act_spec.strategies.adjudicators.majority import majority
from act_spec.strategies.settling import settle_answers, settle_composed
from act_spec.strategies.vote_table import VoteTable
from act_spec.tasks.classification import Classification
from act_spec.tasks.multilabel import Multilabel
from act_spec.tasks.rating import Rating

TOPIC = Classification(kind="classification", question="Which?", labels=["price", "battery", "other"])
TOPICS = Multilabel(kind="multilabel", question="Which?", labels=["price", "battery", "other"])


def settle(task, *answers, method=majority):
    """What reviewers' answers to one item amount to; None is ambiguous."""
    said = [None if answer is None else task.parse(answer) for answer in answers]
    votes = VoteTable.of([("i", f"r{who}", label) for who, label in enumerate(said)])
    return settle_answers(votes, np.ones(len(said)), task, method)[0]


def test_single_labels_settle_as_the_method_says():
    found = settle(TOPIC, "price", "price", "other")

    assert (found.outcome, found.label) == ("settled", "price")
    assert found.confidence == pytest.approx(2 / 3)
    assert found.shares == {"price": pytest.approx(2 / 3), "other": pytest.approx(1 / 3)}


@pytest.mark.parametrize(
    ("answers", "outcome"), [(("price", "other"), "open"), ((None, None, "other"), "ambiguous")]
)
def test_what_is_not_settled_has_no_label(answers, outcome):
    found = settle(TOPIC, *answers)

    assert (found.outcome, found.label) == (outcome, None)


def test_sets_settle_label_by_label():
    found = settle(TOPICS, ["price"], ["price", "battery"], ["battery", "other"])

    assert json.loads(found.label) == ["price", "battery"]
    assert found.confidence == pytest.approx(2 / 3)
    assert found.shares == pytest.approx({"price": 2 / 3, "battery": 2 / 3, "other": 1 / 3})


def test_a_set_with_a_label_that_ties_stays_open():
    assert settle(TOPICS, ["price"], ["price", "battery"]).outcome == "open"


def test_majorities_that_make_no_answer_together_stay_open():
    """Each label has one vote of three, and an empty set is no answer here."""
    assert settle(TOPICS, ["price"], ["battery"], ["other"]).outcome == "open"


def test_a_set_that_most_call_ambiguous_is_ambiguous():
    assert settle(TOPICS, None, None, ["price"]).outcome == "ambiguous"


def test_methods_that_learn_of_reviewers_settle_sets_too():
    found = settle(TOPICS, ["price"], ["price"], ["other"], method=dawid_skene)

    assert json.loads(found.label) == ["price"]


def test_who_is_not_trusted_leaves_an_item_open():
    votes = VoteTable.of([("i", "r", "price")])

    [found] = settle_answers(votes, np.zeros(1), TOPIC, majority)

    assert (found.outcome, found.confidence, found.shares) == ("open", None, {})


def compose(*answers, trust=None):
    """What reviewers' ratings of one item amount to; None is ambiguous."""
    task = Rating.model_validate({"question": "How good?"})
    votes = VoteTable.of([("i", f"r{who}", answer) for who, answer in enumerate(answers)])
    return settle_composed(votes, np.ones(len(answers)) if trust is None else np.array(trust), task)[0]


def test_composed_answers_settle_as_their_kind_does():
    """The median; the confidence is the mean of 1 - distance, here of none, one and two quarters."""
    found = compose("2", "3", "5")

    assert (found.outcome, found.label) == ("settled", "3")
    assert found.confidence == pytest.approx(1 - (0.25 + 0 + 0.5) / 3)


def test_composed_answers_of_reviewers_without_trust_do_not_count():
    assert compose("1", "1", "5", trust=[0, 0, 1]).label == "5"
    assert compose("1", trust=[0]).outcome == "open"


def test_what_most_call_ambiguous_is_ambiguous_in_any_kind():
    assert compose(None, None, "4").outcome == "ambiguous"
    assert compose(None, "4", "4").label == "4"
    assert compose(None).outcome == "ambiguous"
