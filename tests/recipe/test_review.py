from __future__ import annotations

import pytest

from act_spec.recipe.values import Share

_TWO = "reviewers: [ada, sam], "


@pytest.fixture
def reviewed(good):
    """A good recipe with this `review`."""
    return lambda review: f"{good}review: {{{review}}}\n"


def test_nobody_reads_twice_and_labels_show_after_the_answer_unless_said_otherwise(good, load):
    review = load(good).recipe.review

    assert (review.overlap, review.disagreements, review.reveal) == (Share.parse("0%"), None, "after")


def test_what_is_written_is_kept(reviewed, load):
    review = load(reviewed(_TWO + "overlap: 20%, disagreements: sam, reveal: ask")).recipe.review

    assert (str(review.overlap), review.disagreements, review.reveal) == ("20%", "sam", "ask")


@pytest.mark.parametrize("method", ["majority", "dawid_skene", "expert", "ada"])
def test_a_method_or_a_reviewer_settles_disagreements(reviewed, load, method):
    assert load(reviewed(_TWO + f"disagreements: {method}")).recipe.review.disagreements == method


@pytest.mark.parametrize(
    ("review", "path", "said"),
    [
        ("overlap: 20%", "review.overlap", "two names"),
        ("reviewers: [ada], overlap: 20%", "review.overlap", "two names"),
        (_TWO + "overlap: 0.2", "review.overlap", "20%"),
        (_TWO + "disagreements: sem", "review.disagreements", "Did you mean 'sam'?"),
        (_TWO + "disagreements: dawid-skene", "review.disagreements", "Did you mean 'dawid_skene'?"),
        ("reveal: before", "review.reveal", "after"),
        ("disagreements: expert", "review.disagreements", "nobody is the expert"),
        ("quality: high", "review.quality", "not a choice"),
    ],
)
def test_what_cannot_be_meant_is_named_with_its_place(reviewed, faults, review, path, said):
    [problem] = faults(reviewed(review))

    assert problem.path == path
    assert said in str(problem)


def test_new_keys_at_their_default_change_no_hash(good, reviewed, load):
    from act_spec.recipe.identity import recipe_identity

    written = load(reviewed("reveal: after, overlap: 0%")).recipe

    assert recipe_identity(written) == recipe_identity(load(good).recipe)
