import duckdb
import numpy as np
import pytest

from act_spec.strategies.vote_table import AMBIGUOUS, NO_VOTE, VoteTable

VOTES = [("i2", "sam", "b"), ("i1", "kim", "a"), ("i1", "sam", "b"), ("i2", "kim", None)]


def test_votes_become_a_table_sorted_by_item_and_reviewer():
    votes = VoteTable.of(VOTES, ["b", "c"])

    assert (votes.items, votes.reviewers, votes.labels) == (["i1", "i2"], ["kim", "sam"], ["b", "c", "a"])
    assert votes.codes.tolist() == [[2, 0], [AMBIGUOUS, 0]]


def test_who_has_not_answered_has_no_vote():
    votes = VoteTable.of(VOTES[:2])

    assert votes.codes.tolist() == [[0, NO_VOTE], [NO_VOTE, 1]]
    assert votes.answered.tolist() == [[True, False], [False, True]]


def test_a_second_answer_of_one_reviewer_is_refused():
    with pytest.raises(ValueError, match="sam answers the item 'i2' twice"):
        VoteTable.of([*VOTES, ("i2", "sam", "a")])


def test_soft_labels_leave_out_ambiguous_answers():
    assert VoteTable.of(VOTES).soft_labels().tolist() == [[0.5, 0.5], [0.0, 1.0]]


def test_soft_labels_weigh_reviewers():
    assert VoteTable.of(VOTES).soft_labels(np.array([3.0, 1.0]))[0].tolist() == [0.75, 0.25]


def test_an_item_without_a_vote_that_counts_has_no_soft_label():
    soft = VoteTable.of(VOTES).soft_labels(np.array([1.0, 0.0]))

    assert soft[0].tolist() == [1.0, 0.0]
    assert np.isnan(soft[1]).all()


def test_soft_labels_are_the_published_shares_of_the_gab_hate_corpus(recorded_data):
    """1,200 items, 0 mismatches."""
    folder = recorded_data / "ghc_disagreement"
    rows = duckdb.execute(
        "SELECT item_id, reviewer, label FROM read_parquet(?)", [str(folder / "humans.parquet")]
    )
    votes = VoteTable.of(rows.fetchall(), ["hate", "not_hate"])
    items = duckdb.execute(
        "SELECT item_id, prob_positive FROM read_parquet(?)", [str(folder / "items.parquet")]
    )
    published = dict(items.fetchall())

    shares = dict(zip(votes.items, votes.soft_labels()[:, 0].tolist(), strict=True))

    assert len(published) == 1200
    assert shares == pytest.approx(published, abs=1e-9)
