"""
Contaminated crowds (arXiv:2506.06991): scoring reviewers without gold, beyond what a model's label explains.

The simulation is ours, and so are its figures.
"""

import numpy as np
import pytest
from crowds import crowd, table
from sklearn.metrics import roc_auc_score

from act_spec.strategies.estimators.reviewer_quality import conditional_agreement, reviewer_quality


@pytest.mark.parametrize("answered", [1.0, 0.5])
@pytest.mark.parametrize("seed", range(5))
def test_copies_of_the_machine_and_constant_answers_score_exactly_0(seed, answered):
    votes, machine = crowd(seed, answered=answered)

    scores = conditional_agreement(votes, machine)

    assert scores[4:6].tolist() == [0, 0]
    assert scores[8] == 0
    assert (scores[:4] > 0).all()


def test_names_of_labels_do_not_matter():
    """Renamed by people and by the machine, each their own way; deals of the null too."""
    votes, machine = crowd(1)
    renamed = table(np.array([2, 0, 1])[votes.codes])

    found = reviewer_quality(renamed, np.array([1, 2, 0])[machine], permutations=19)

    expected = reviewer_quality(votes, machine, permutations=19)
    assert [one.p_value for one in found] == [one.p_value for one in expected]
    assert [one.score for one in found] == pytest.approx([one.score for one in expected], abs=1e-12)


def test_it_tells_honest_from_lazy_where_plain_agreement_cannot():
    """30 honest, 10 copying, 5 at random, 5 constant, 1,000 items, 5 seeds: AUC at least 0.99, else 0.5."""
    honest = np.arange(50) < 30
    for seed in range(5):
        votes, machine = crowd(seed, items=1000, honest=30, copying=10, guessing=5, constant=5)

        given = roc_auc_score(honest, conditional_agreement(votes, machine))
        plain = roc_auc_score(honest, conditional_agreement(votes, np.zeros_like(machine)))

        assert given >= 0.99
        assert plain == pytest.approx(0.5)


def test_chance_explains_who_answers_at_random_and_not_who_is_honest():
    votes, machine = crowd(2)

    found = reviewer_quality(votes, machine)

    assert [one.tells for one in found] == [True] * 4 + [False] * 5
    assert found[6].score == pytest.approx(found[6].by_chance, abs=0.015)
    assert (found[4].score, found[4].by_chance, found[4].p_value) == (0, 0, 1)
