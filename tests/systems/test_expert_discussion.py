"""
Expert annotators (arXiv:2508.07827): models that discuss a label, and what bounds them.

Rounds, the stopping rule and how ties are broken are ours.
"""

from itertools import product

import pytest
from discussions import ITEM, LABELS, THREE, replies, run
from scripted import SENTIMENT, finish, labelled, prompts_for
from walking import plan_of, walk_recipe

from act_spec.plan.compile import run_folder
from act_spec.records import Reply, Vote
from act_spec.starter.begin import begin
from act_spec.store.database import Store
from act_spec.strategies.annotators.cot import cot
from act_spec.strategies.annotators.direct import direct
from act_spec.strategies.annotators.self_consistency import self_consistency
from act_spec.strategies.estimators.discussion import discussed


def test_agents_that_never_change_give_the_majority_of_round_0():
    """For all 27 first rounds of three agents, however ties are broken by the kind."""
    for first in product(LABELS, repeat=3):
        batch = replies(*first)
        _, annotation = run(*[batch] * (1 if len(set(first)) == 1 else 2))

        assert annotation.label == THREE.settle(first)


def test_agents_that_only_adopt_are_right_at_most_where_one_was_right_at_first():
    """Whatever they adopt, a right label needs a right one in round 0: over all first and second rounds."""
    at_first = in_the_end = 0
    for first in product(LABELS, repeat=3):
        for second in product(sorted(set(first)), repeat=3):
            batches = [replies(*first)] + ([] if len(set(first)) == 1 else [replies(*second)])
            _, annotation = run(*batches)
            at_first += "a" in first
            in_the_end += annotation.label == "a"

    assert 0 < in_the_end <= at_first


def test_an_item_that_is_unanimous_costs_no_second_round():
    asked, annotation = run(replies("b", "b", "b"))

    assert len(asked) == 1
    assert (annotation.label, annotation.confidence, len(annotation.votes)) == ("b", 1, 3)


@pytest.mark.parametrize(("reasoning", "plain"), [(False, direct), (True, cot)])
@pytest.mark.parametrize("reply", [labelled("negative", why="It broke."), Reply("truncated", None)])
def test_self_consistency_of_one_sample_is_the_plain_strategy(reasoning, plain, reply):
    """The same requests and the same annotation, failures included."""
    one = finish(self_consistency(ITEM, SENTIMENT, prompts_for(SENTIMENT), n=1, reasoning=reasoning), reply)

    assert one == finish(plain(ITEM, SENTIMENT, prompts_for(SENTIMENT)), reply)


def votes_of(*ballots):
    """Rounds of labels by members in order, as votes."""
    return tuple(
        Vote(f"m/{at}", number, label)
        for number, labels in enumerate(ballots)
        for at, label in enumerate(labels)
    )


def test_it_is_told_who_changed_and_what_it_did():
    """Four items that are a; of m/0's answers one of three changes, and one item has no right label in round 0."""
    rows = [
        (votes_of("aaa"), "a"),
        (votes_of("abb", "bbb"), "a"),
        (votes_of("acb", "aab"), "a"),
        (votes_of("bcc", "bcb"), "a"),
        (votes_of("bca", "bca"), None),
    ]

    found = discussed(rows, THREE.same)

    assert [(one.member, one.items, one.changed) for one in found.members] == [
        ("m/0", 5, 1),
        ("m/1", 5, 1),
        ("m/2", 5, 1),
    ]
    assert (found.items, found.unanimous, found.known) == (5, 1, 4)
    assert (found.right_to_wrong, found.wrong_to_right, found.any_right) == (1, 1, 3)


def test_a_walk_reports_changes_and_the_bound_on_accuracy(tmp_path):
    """The recipe's three agents; unanimous items have three votes, all others six."""
    recipe = begin(tmp_path / "talk", gallery="systems/expert-discussion").recipe
    walk_recipe(recipe)

    with Store.open(run_folder(plan_of(recipe)) / "run.duckdb", read_only=True) as store:
        found = dict(store.rows("SELECT name, value FROM metrics"))
        counts = store.rows("SELECT item_id, count(*) FROM votes GROUP BY item_id")
    assert {f"discussion_changed:local/{name}" for name in ("tiny", "tiny-2", "tiny-3")} <= found.keys()
    assert found["discussion_unanimous"] == sum(votes == 3 for _, votes in counts) / 30
    assert {votes for _, votes in counts} == {3, 6}
    assert found["machine_accuracy"] <= found["discussion_oracle"] < 1
