"""CoAnnotating (arXiv:2310.15638): wordings vote, their entropy says who answers, and shares are swept."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from scripted import SENTIMENT, finish, prompts_for, said

from act_spec.records import Item, Reply
from act_spec.strategies.allocators.rank_fraction import rank_fraction
from act_spec.strategies.annotators.variants import Variant, variants
from act_spec.strategies.entropy import entropy

ITEM = Item("1", {"text": "Broke at once."})
PLAIN = Variant(prompt="Is the review positive?", answers={"yes": "positive", "no": "negative"})
NEGATED = Variant(prompt="Is the review negative?", answers={"yes": "negative", "no": "positive"})
LETTERED = Variant(prompt="Choose: (A) good, (B) bad.", answers={"A": "positive", "B": "negative"})
BARE = Variant(prompt="Which of the two is it?")
# Entropies of nine binary votes: five values only, so nearly everything is tied.
ENTROPY = np.random.default_rng(0).choice([0, 0.5033, 0.7642, 0.9183, 0.9911], size=200)


def votes(*counts):
    return [name for name, count in zip(("a", "b", None, "c"), counts, strict=False) for _ in range(count)]


def run(wordings, *answers, task=SENTIMENT):
    replies = [Reply("invalid", None) if one is None else said({"answer": one}) for one in answers]
    return finish(variants(ITEM, task, prompts_for(task), variants=tuple(wordings)), *replies)


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


def test_every_variant_is_read_by_its_own_map():
    """Yes, a negated no and A all say positive."""
    _, annotation = run([PLAIN, NEGATED, LETTERED, BARE], "yes", "no", "A", "negative")

    assert [vote.label for vote in annotation.votes] == ["positive", "positive", "positive", "negative"]
    assert (annotation.label, annotation.confidence) == ("positive", 0.75)


def test_a_reply_that_cannot_be_read_is_a_class_of_its_own_and_never_the_label():
    """6/2/1 has 1.2244 bits; three unreadable ones of five leave the two that are."""
    _, annotation = run([PLAIN] * 9, *["yes"] * 6, *["no"] * 2, None)
    assert entropy([vote.label for vote in annotation.votes]) == pytest.approx(1.2244, abs=5e-5)

    _, annotation = run([PLAIN] * 5, "no", None, None, None, "no")
    assert (annotation.label, annotation.confidence) == ("negative", 0.4)


def test_the_order_of_the_variants_changes_nothing():
    """The same replies in every order: one label, one confidence, one entropy."""
    given = [(PLAIN, "yes"), (NEGATED, "yes"), (LETTERED, "A"), (BARE, None)]
    outcomes = set()
    for order in permutations(given):
        _, annotation = run([one for one, _ in order], *(answer for _, answer in order))
        outcomes.add((annotation.label, annotation.confidence, entropy([v.label for v in annotation.votes])))

    assert outcomes == {("positive", 0.5, 1.5)}


def test_nothing_or_everything_goes_to_people() -> None:
    assert rank_fraction(ENTROPY, 0).tolist() == [0] * 200
    assert rank_fraction(ENTROPY, 200).tolist() == [1] * 200


def test_a_larger_share_holds_the_smaller_one() -> None:
    """No item's probability falls when the budget rises, at every budget from 0 to all."""
    by_budget = np.array([rank_fraction(ENTROPY, budget) for budget in range(201)])

    assert np.diff(by_budget, axis=0).min() >= 0
