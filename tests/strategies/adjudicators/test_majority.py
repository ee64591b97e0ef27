import numpy as np
import pytest

from act_spec.registry import find
from act_spec.strategies.adjudicators.majority import majority
from act_spec.strategies.settled import OPEN
from act_spec.strategies.vote_table import AMBIGUOUS, VoteTable


def table(*items):
    """One text an item, one letter a reviewer: a label, `?` for ambiguous, `.` for no answer."""
    return VoteTable.of(
        [
            (f"i{number}", f"r{who}", None if said == "?" else said)
            for number, text in enumerate(items)
            for who, said in enumerate(text)
            if said != "."
        ],
        "abc",
    )


def settle(votes, trust=None):
    return majority(votes, np.ones(len(votes.reviewers)) if trust is None else np.array(trust))


def test_it_is_registered():
    assert find("adjudicator", "majority").build is majority


@pytest.mark.parametrize(
    ("said", "code", "confidence"),
    [
        ("aab", 0, 2 / 3),
        ("bbb", 1, 1.0),
        ("c..", 2, 1.0),
        ("ab.", OPEN, 1 / 2),
        ("abc", OPEN, 1 / 3),
        ("??a", AMBIGUOUS, 2 / 3),
        ("?a.", OPEN, 1 / 2),
        ("?bb", 1, 2 / 3),
    ],
)
def test_the_most_frequent_answer_settles_and_a_tie_stays_open(said, code, confidence):
    found = settle(table(said))

    assert found.codes.tolist() == [code]
    assert found.confidence.tolist() == pytest.approx([confidence])


def test_trust_breaks_a_tie():
    assert settle(table("ab"), [1.0, 2.0]).codes.tolist() == [1]


def test_who_is_not_trusted_is_not_heard():
    found = settle(table("aab", "..b"), [1.0, 1.0, 0.0])

    assert found.codes.tolist() == [0, OPEN]
    assert found.confidence[0] == 1
    assert np.isnan(found.confidence[1])


def test_equal_sums_of_trust_tie_though_they_round_apart():
    """0.1 + 0.2 against 0.3."""
    assert settle(table("aab"), [0.1, 0.2, 0.3]).codes.tolist() == [OPEN]


def test_soft_labels_are_shares_of_votes():
    assert settle(table("aab?")).soft.tolist() == [pytest.approx([2 / 3, 1 / 3, 0])]


def test_without_votes_there_is_nothing():
    assert settle(VoteTable.of([], "ab")).codes.size == 0
