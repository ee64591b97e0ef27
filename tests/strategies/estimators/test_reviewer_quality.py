"""What a reviewer's score is made of, and what is made of it; `tests/systems/test_contaminated_crowd.py` has the crowds."""

import numpy as np
import pytest
from crowds import crowd, table

from act_spec.strategies.estimators.reviewer_quality import (
    ReviewerQuality,
    conditional_agreement,
    reviewer_quality,
    trust,
)
from act_spec.strategies.vote_table import NO_VOTE


def by_definition(votes, machine):
    """Peer by peer, machine label by machine label, pair of answers by pair of answers."""
    scores = []
    for one in range(votes.codes.shape[1]):
        total = shared = 0.0
        for other in range(votes.codes.shape[1]):
            both = (votes.codes[:, one] != NO_VOTE) & (votes.codes[:, other] != NO_VOTE)
            if one == other or not both.any():
                continue
            expected = 0.0
            for z in np.unique(machine[both]):
                x, y = votes.codes[both & (machine == z)][:, [one, other]].T
                differences = [
                    np.mean((x == a) & (y == b)) - np.mean(x == a) * np.mean(y == b)
                    for a in np.unique(votes.codes)
                    for b in np.unique(votes.codes)
                ]
                expected += np.mean(machine[both] == z) * sum(max(0.0, one) for one in differences)
            total, shared = total + both.sum() * expected, shared + both.sum()
        scores.append(total / shared)
    return scores


@pytest.mark.parametrize("answered", [1.0, 0.5])
def test_the_score_is_what_the_formula_says(answered):
    votes, machine = crowd(0, items=60, answered=answered)

    assert conditional_agreement(votes, machine) == pytest.approx(by_definition(votes, machine), abs=1e-12)


def test_the_null_holds_its_level():
    """Of 200 reviewers who answer at random, p <= 0.1 for at most 33 (binomial, p < 0.005)."""
    low = 0
    for seed in range(25):
        votes, machine = crowd(seed, items=80, honest=0, copying=0, guessing=8, constant=0)
        found = reviewer_quality(votes, machine, permutations=39, seed=seed)
        low += sum(one.p_value <= 0.1 for one in found)

    assert 5 <= low <= 33


def test_equal_seeds_give_equal_figures():
    votes, machine = crowd(3, items=60)

    assert reviewer_quality(votes, machine, permutations=9) == reviewer_quality(
        votes, machine, permutations=9
    )


def test_who_shares_no_item_has_no_score():
    codes = np.array([[0, 1, NO_VOTE], [1, 1, NO_VOTE], [NO_VOTE, NO_VOTE, 0]])

    found = reviewer_quality(table(codes), np.zeros(3, dtype=np.int64), permutations=9)

    assert found[2] == ReviewerQuality("r2", None, 0.0, 1.0, 0)
    assert [one.shared for one in found] == [2, 2, 0]


def quality(score, *, by_chance=0.0, p_value=0.01, shared=100):
    return ReviewerQuality("r", score, by_chance, p_value, shared)


GOOD, FAIR = quality(0.3, by_chance=0.1), quality(0.2, by_chance=0.1)
COPY, NEW = quality(0.0, p_value=1.0), quality(0.3, p_value=0.2, shared=10)


@pytest.mark.parametrize(
    ("use", "expected"),
    [("report", [1, 1, 1, 1]), ("exclude", [1, 1, 0, 1]), ("weight", [1, 0.5, 0, 0.5])],
)
def test_trust_follows_what_the_recipe_says(use, expected):
    assert trust([GOOD, FAIR, COPY, NEW], use) == pytest.approx(expected)


@pytest.mark.parametrize("use", ["weight", "exclude"])
def test_where_nobody_tells_more_than_chance_all_keep_their_trust(use):
    """Two reviewers cannot be told apart, and an annotator that is always right leaves nothing to tell."""
    assert trust([COPY, COPY], use).tolist() == [1, 1]
    assert trust([], use).size == 0
