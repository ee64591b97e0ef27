import pytest
from scripted import SENTIMENT

from act_spec.strategies.entropy import scaled_entropy
from act_spec.tasks.classification import Classification

FOUR = Classification(question="?", labels={"a": {}, "b": {}, "c": {}, "d": {}})


def test_scaled_it_is_1_where_votes_differ_most():
    """Most is log2 of the smaller of votes and answers."""
    assert scaled_entropy(["a", "b", "c"], FOUR) == pytest.approx(1)
    assert scaled_entropy(["a", "b", "c", "d"] * 3, FOUR) == pytest.approx(1)
    assert scaled_entropy(["a", "a", "b", "b"], FOUR) == pytest.approx(0.5)


def test_scaled_it_never_passes_1():
    assert scaled_entropy(["positive", "negative", None], SENTIMENT) == 1


def test_votes_without_a_label_have_no_score():
    assert scaled_entropy([None, None], FOUR) is None
    assert scaled_entropy([], FOUR) is None


def test_a_single_vote_does_not_disagree():
    assert scaled_entropy(["a"], FOUR) == 0
