"""Dawid and Skene's EM, against their equations written out with loops."""

from math import exp, log

import numpy as np
import pytest

from act_spec.strategies.adjudicators.dawid_skene import dawid_skene
from act_spec.strategies.settled import OPEN
from act_spec.strategies.vote_table import AMBIGUOUS, VoteTable

LABELS = "abc"


def crowd(seed, items=40, accuracies=(0.9, 0.8, 0.7, 0.4), answered=0.8):
    """Votes of reviewers with these accuracies, and the truth."""
    draw = np.random.default_rng(seed)
    truth = draw.choice(3, size=items, p=[0.5, 0.3, 0.2])
    votes = []
    for who, accuracy in enumerate(accuracies):
        for item in np.flatnonzero(draw.random(items) < answered):
            said = truth[item] if draw.random() < accuracy else draw.integers(3)
            votes.append((f"i{item:03}", f"r{who}", LABELS[said]))
    return votes, truth


def reference(votes, rounds, smoothing):
    """Label probabilities by item: their equations 2.3, 2.4 and 2.5, one sum after another."""
    items, reviewers = sorted({vote[0] for vote in votes}), sorted({vote[1] for vote in votes})
    of_item = {item: [vote for vote in votes if vote[0] == item] for item in items}
    probability = {
        item: {label: sum(vote[2] == label for vote in said) / len(said) for label in LABELS}
        for item, said in of_item.items()
    }
    for _ in range(rounds):
        prior = {label: sum(probability[item][label] for item in items) / len(items) for label in LABELS}
        errors = {}
        for reviewer in reviewers:
            for true in LABELS:
                counts = {
                    label: smoothing
                    + sum(
                        probability[item][true]
                        for item, who, said in votes
                        if who == reviewer and said == label
                    )
                    for label in LABELS
                }
                for label in LABELS:
                    errors[reviewer, true, label] = counts[label] / sum(counts.values())
        for item in items:
            scores = {
                true: log(prior[true]) + sum(log(errors[who, true, said]) for _, who, said in of_item[item])
                for true in LABELS
            }
            total = sum(exp(score) for score in scores.values())
            probability[item] = {true: exp(score) / total for true, score in scores.items()}
    return [[probability[item][label] for label in LABELS] for item in items]


def settle(votes, trust=None, **chosen):
    table = VoteTable.of(votes, LABELS)
    return dawid_skene(table, np.ones(len(table.reviewers)) if trust is None else np.array(trust), **chosen)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("rounds", [1, 20])
def test_it_is_what_the_equations_say(seed, rounds):
    """To 1e-9 on random tables with gaps."""
    votes, _ = crowd(seed)

    found = settle(votes, rounds=rounds, tolerance=1e-300)

    assert found.soft == pytest.approx(np.array(reference(votes, rounds, 0.01)), abs=1e-9)
    assert found.confidence == pytest.approx(found.soft.max(axis=1))


def test_it_knows_more_than_the_majority_where_reviewers_differ():
    """One good reviewer among four poor ones; majority knows less (600 items, one seed, difference over 5 points)."""
    votes, truth = crowd(1, items=600, accuracies=(0.98, 0.45, 0.45, 0.45, 0.45), answered=1)
    table = VoteTable.of(votes, LABELS)

    found = settle(votes)

    by_majority = table.counts.argmax(axis=1)
    assert (found.codes == truth).mean() > (by_majority == truth).mean() + 0.05
    assert (found.codes == truth).mean() > 0.93


def test_stopping_early_leaves_what_more_steps_would_hardly_move():
    votes, _ = crowd(2)

    assert settle(votes, tolerance=1e-8).soft == pytest.approx(
        settle(votes, rounds=500, tolerance=1e-300).soft, abs=1e-5
    )


def test_who_is_not_trusted_is_not_there():
    votes, _ = crowd(3)
    without = settle([vote for vote in votes if vote[1] != "r3"])

    assert settle(votes, [1.0, 1.0, 1.0, 0.0]).soft == pytest.approx(without.soft, nan_ok=True)


def test_less_trust_moves_an_answer_less():
    votes = [(f"i{n}", who, "a" if n % 2 else "b") for n in range(20) for who in ("r0", "r1", "r2")]
    votes += [("x", "r0", "a"), ("x", "r1", "a"), ("x", "r2", "b")]

    full, half = settle(votes).soft[-1, 0], settle(votes, [1.0, 1.0, 0.3]).soft[-1, 0]

    assert half > full


def test_an_item_that_most_call_ambiguous_stays_so():
    votes, _ = crowd(4)
    found = settle([*votes, ("x", "r0", None), ("x", "r1", None), ("x", "r2", "a")])

    assert found.codes[-1] == AMBIGUOUS
    assert found.confidence[-1] == pytest.approx(2 / 3)


def test_labels_that_tie_stay_open():
    """Two reviewers, mirror images of each other."""
    votes = [("i0", "r0", "a"), ("i0", "r1", "b"), ("i1", "r0", "b"), ("i1", "r1", "a")]

    assert settle(votes).codes.tolist() == [OPEN, OPEN]


def test_an_item_without_a_vote_that_counts_stays_open():
    found = settle([("i0", "r0", "a"), ("i1", "r1", "b"), ("i2", "r1", None)], [1.0, 0.0])

    assert found.codes.tolist() == [0, OPEN, OPEN]
    assert np.isnan(found.soft[1]).all()


def test_without_votes_there_is_nothing():
    assert settle([]).codes.size == 0
