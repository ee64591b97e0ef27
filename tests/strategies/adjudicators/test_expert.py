import numpy as np
import pytest

from act_spec.strategies.adjudicators.expert import expert
from act_spec.strategies.settled import OPEN
from act_spec.strategies.vote_table import AMBIGUOUS, VoteTable


def settle(*items, trust=(1.0, 1.0, 1.0)):
    """One text an item, one letter a reviewer; the third is Eva."""
    votes = VoteTable.of(
        [
            (f"i{number}", name, None if said == "?" else said)
            for number, text in enumerate(items)
            for name, said in zip(("ann", "bob", "eva"), text, strict=True)
            if said != "."
        ],
        "abc",
    )
    return expert(votes, np.array(trust[: len(votes.reviewers)]), who="eva")


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("aab", 1),
        ("ab.", OPEN),
        ("aa.", 0),
        ("a..", 0),
        ("??.", AMBIGUOUS),
        ("a?.", OPEN),
        ("ab?", AMBIGUOUS),
    ],
)
def test_the_expert_has_the_last_word(said, code):
    assert settle(said, "aaa").codes[0] == code


def test_before_the_expert_answers_disagreements_wait():
    assert settle("ab.", "aa.").codes.tolist() == [OPEN, 0]


def test_the_expert_is_heard_without_trust():
    assert settle("aab", trust=(1.0, 1.0, 0.0)).codes.tolist() == [1]


def test_who_is_not_trusted_makes_no_disagreement():
    assert settle("ab.", "aaa", trust=(1.0, 0.0, 1.0)).codes.tolist() == [0, 0]


def test_confidence_is_the_share_that_agrees_with_what_was_settled():
    assert settle("aab", "bbb").confidence.tolist() == pytest.approx([1 / 3, 1])
