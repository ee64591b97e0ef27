"""Walks with several reviewers: what their answers amount to, and what the figures say of them."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from walking import plan_of, walk_recipe

from act_spec.plan.compile import run_folder
from act_spec.run.report import report_facts
from act_spec.store.database import Store
from act_spec.store.reviews import Review, write_reviews

RECIPE = """\
act: 1
name: read-twice
task: {{kind: classification, question: Is it good?, labels: {{good: It is., bad: It is not., odd: Neither.}}}}
data: {{source: data.csv, id: id, show: [text]}}
annotator: {{strategy: {{name: recorded, label: machine}}}}
budget: {{reviews: {items}, rule: uniform}}
review: {{{review}}}
"""
NOW = datetime(2026, 11, 23, tzinfo=UTC).replace(tzinfo=None)
LABELS = ("good", "bad", "odd")
PEOPLE = "reviewers: [ann, bob, eva]"


class Run:
    """A recipe whose machine labels go good, bad, odd in turn, and whose every item is reviewed."""

    def __init__(self, folder, review, items):
        self.items = items
        self.recipe = folder / "read-twice.act.yaml"
        rows = [f"i{n:03},text {n},{LABELS[n % 3]}" for n in range(items)]
        (folder / "data.csv").write_text("id,text,machine\n" + "\n".join(rows))
        self.edit(review)
        self.waiting = walk_recipe(self.recipe).waiting

    def edit(self, review):
        self.recipe.write_text(RECIPE.format(review=review, items=self.items))

    def open(self):
        return Store.open(run_folder(plan_of(self.recipe)) / "run.duckdb")

    def answer(self, reviewer, labels):
        """One label an item, None as ambiguous, the same number as items or fewer; then the walk goes on."""
        given = [
            Review(f"i{n:03}", 1, reviewer, label, "change" if label else "ambiguous", None, None, "1", "csv")
            for n, label in enumerate(labels)
        ]
        with self.open() as store:
            write_reviews(store, plan_of(self.recipe).review_key, given, NOW)
        self.walk()

    def walk(self):
        self.waiting = walk_recipe(self.recipe).waiting

    def human(self):
        with self.open() as store:
            return [row[0] for row in store.rows("SELECT human_label FROM labels ORDER BY item_id")]

    def metrics(self):
        with self.open() as store:
            rows = store.rows("SELECT name, value, low, high, note FROM metrics")
        return {row[0]: row[1:] for row in rows}


@pytest.fixture
def run(tmp_path) -> Callable[..., Any]:
    return partial(Run, tmp_path)


def test_a_majority_settles_and_ties_keep_the_machines_label(run):
    made = run(PEOPLE + ", disagreements: majority", 4)
    made.answer("ann", ["bad", "good", "good", "odd"])
    made.answer("bob", ["bad", "odd", "odd", None])
    made.answer("eva", ["good", "odd", "bad", None])

    assert made.human() == ["bad", "odd", None, None]
    assert made.waiting == 0
    figures = made.metrics()
    assert [figures[f"answers_{outcome}"][0] for outcome in ("ambiguous", "open", "settled")] == [1, 1, 2]


def test_without_a_method_the_last_word_counts(run):
    made = run(PEOPLE, 2)
    made.answer("ann", ["bad", "good"])
    made.answer("bob", ["odd", "good"])

    assert made.human() == ["odd", "good"]


def _soft(made):
    with made.open() as store:
        return store.rows("SELECT * FROM soft_labels ORDER BY item_id, share DESC, label")


def test_soft_labels_are_shares_of_the_latest_answers(run):
    """Three answers, one of them revised, and one ambiguous: each reviewer counts once."""
    made = run(PEOPLE, 2)
    made.answer("ann", ["odd", "good"])
    made.answer("ann", ["bad", "good"])
    made.answer("bob", ["bad", None])
    made.answer("eva", ["good", "odd"])

    assert _soft(made) == [
        ("i000", "bad", pytest.approx(2 / 3), "answers"),
        ("i000", "good", pytest.approx(1 / 3), "answers"),
        ("i001", "good", 0.5, "answers"),
        ("i001", "odd", 0.5, "answers"),
    ]


def test_soft_labels_follow_the_method_that_settled(run):
    made = run(PEOPLE + ", disagreements: majority", 1)
    made.answer("ann", ["bad"])
    made.answer("bob", ["good"])
    made.answer("eva", ["bad"])

    assert [(row[1], row[3]) for row in _soft(made)] == [("bad", "majority.v1"), ("good", "majority.v1")]
    assert [row[2] for row in _soft(made)] == pytest.approx([2 / 3, 1 / 3])


@pytest.mark.parametrize("who", ["eva", "expert"])
def test_disagreements_wait_for_the_expert(run, who):
    made = run(PEOPLE + f", disagreements: {who}", 3)
    made.answer("ann", ["bad", "good", "good"])
    made.answer("bob", ["bad", "odd", "bad"])
    before = made.waiting, made.human()
    made.answer("eva", ["odd", "good"])

    assert before == (2, ["bad", None, None])
    assert (made.waiting, made.human()) == (1, ["odd", "good", None])


def test_another_method_settles_the_same_answers_anew(run):
    made = run(PEOPLE + ", disagreements: majority", 2)
    made.answer("ann", ["bad", "good"])
    made.answer("bob", ["odd", "good"])
    made.edit(PEOPLE)
    made.walk()

    assert made.human() == ["odd", "good"]


def crowd(items=120):
    """Ann and Bob read; Cob copies the machine; the machine is right in two thirds of the items."""
    truth = [LABELS[(n + (n % 9 == 0) + 2 * (n % 7 == 0)) % 3] for n in range(items)]
    ann = [LABELS[(LABELS.index(label) + (n % 10 == 3)) % 3] for n, label in enumerate(truth)]
    bob = [LABELS[(LABELS.index(label) + (n % 11 == 5)) % 3] for n, label in enumerate(truth)]
    copy = [LABELS[n % 3] for n in range(items)]
    return {"ann": ann, "bob": bob, "cob": copy}


COPIED = "reviewers: [ann, bob, cob], disagreements: majority"


@pytest.fixture(scope="module")
def copied(tmp_path_factory):
    """Walks with a reviewer who copies the machine, by what the recipe does about quality."""
    made = Run(tmp_path_factory.mktemp("copied"), COPIED, 120)
    for name, labels in crowd().items():
        made.answer(name, labels)
    return made


def test_figures_of_agreement_have_intervals(copied):
    copied.edit(COPIED)
    copied.walk()
    figures = copied.metrics()

    assert figures["reviewed_by_several"][0] == 120
    for name in (
        "observed_agreement",
        "krippendorffs_alpha",
        "fleiss_kappa",
        "gwet_ac1",
        "cohens_kappa:ann and bob",
    ):
        value, low, high, _ = figures[name]
        assert low < value < high, name
    assert not [name for name in figures if name.startswith("reviewer_quality")]


def test_a_reviewer_who_copies_the_machine_is_reported(copied):
    copied.edit(COPIED + ", quality: report")
    copied.walk()
    figures = copied.metrics()

    assert figures["reviewer_quality:cob"][0] == 0
    assert "p = 1.000" in figures["reviewer_quality:cob"][3]
    assert figures["reviewer_quality:ann"][0] > 0.05
    assert "p = 0.005" in figures["reviewer_quality:ann"][3]


def test_what_a_copy_says_no_longer_counts_if_excluded(copied):
    """Where Ann and Bob differ the copy decided before; now the item stays open."""
    ann, bob, _ = crowd().values()
    copied.edit(COPIED + ", quality: exclude")
    copied.walk()

    agreed = [one if one == other else None for one, other in zip(ann, bob, strict=True)]
    assert copied.human() == agreed
    assert None in agreed


def test_weighing_implies_a_method(copied):
    copied.edit("reviewers: [ann, bob, cob], quality: weight")
    copied.walk()
    ann, bob, copy = crowd().values()
    outvoted = [n for n in range(120) if ann[n] == bob[n] != copy[n]]

    human = copied.human()

    assert outvoted
    assert all(human[n] == ann[n] for n in outvoted)


def test_the_report_has_a_row_for_every_figure(copied):
    copied.edit(COPIED + ", quality: report")
    copied.walk()
    with copied.open() as store:
        facts = report_facts(plan_of(copied.recipe), store)

    assert {"gwet_ac1", "reviewer_quality:cob"} <= {metric.name for metric in facts.metrics}


def test_with_one_reviewer_there_is_nothing_to_tell(run):
    made = run("reviewers: [ann], quality: report", 3)
    made.answer("ann", ["good", "bad", "odd"])

    assert made.human() == ["good", "bad", "odd"]
    assert not any("agreement" in name or "quality" in name for name in made.metrics())
