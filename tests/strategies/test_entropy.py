from itertools import permutations

import pytest
from scripted import SENTIMENT

from act_spec.strategies.entropy import entropy, scaled_entropy
from act_spec.tasks.classification import Classification

FOUR = Classification(question="?", labels={"a": {}, "b": {}, "c": {}, "d": {}})


def votes(*counts):
    return [name for name, count in zip(("a", "b", None, "c"), counts, strict=False) for _ in range(count)]


@pytest.mark.parametrize(
    ("counts", "bits"),
    [
        ((9, 0), 0),
        ((8, 1), 0.5033),
        ((7, 2), 0.7642),
        ((6, 3), 0.9183),
        ((5, 4), 0.9911),
        ((6, 2, 1), 1.2244),
        ((4, 4, 1), 1.3921),
    ],
)
def test_nine_votes_have_the_published_entropies(counts, bits):
    """The values in CoAnnotating's notebook; replies that cannot be read are a class of their own."""
    assert entropy(votes(*counts)) == pytest.approx(bits, abs=5e-5)


def test_the_order_of_the_votes_does_not_matter():
    assert len({entropy(order) for order in permutations(["a", "a", "b", None])}) == 1


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
