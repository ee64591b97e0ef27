"""
TagLLM (arXiv:2602.20972): many labels in two steps, the first for recall, the second for precision.

The simulated annotator's rates, the size and number of groups, and the form
of the second step are ours.
"""

from __future__ import annotations

import json
import random
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from scripted import prompts_for
from walking import plan_of, walk_recipe

from act_spec.plan.compile import run_folder
from act_spec.records import Item, Reply
from act_spec.registry import find, most_calls
from act_spec.starter.begin import begin
from act_spec.store.database import Store
from act_spec.store.training_rows import Fit
from act_spec.strategies.annotators.candidates import candidates
from act_spec.tasks.multilabel import Multilabel
from act_spec.train.gap import TestSet, measure_gap

NAMES = [f"label{number:02d}" for number in range(25)]
TASK = Multilabel.model_validate({"question": "Which?", "labels": NAMES, "none": "allowed"})
ITEM = Item("1", {"text": "a text"})


class Simulated:
    """A model that finds a label that applies with one probability, and another one with another."""

    def __init__(
        self, truth: set[str], *, found: tuple[float, float], kept: tuple[float, float], seed: int
    ) -> None:
        self.truth, self.found, self.kept = truth, found, kept
        self.random = random.Random(seed)
        self.asked = [0, 0]

    def says(self, name: str, chances: tuple[float, float]) -> bool:
        return self.random.random() < chances[0 if name in self.truth else 1]

    def reply(self, request: Any) -> Reply:
        fields = request.reply_schema["properties"]
        if "label" in fields:
            self.asked[0] += 1
            names = fields["label"]["items"]["enum"]
            return Reply("ok", {"label": [name for name in names if self.says(name, self.found)]})
        self.asked[1] += 1
        name = next(name for name in NAMES if f"### {name}\n" in str(request.messages[-1]["content"]))
        return Reply("ok", {"applies": "yes" if self.says(name, self.kept) else "no", "confidence": 0.9})


def answered(model: Simulated, **chosen: Any) -> set[str]:
    steps = candidates(ITEM, TASK, prompts_for(TASK), **chosen)
    requests = next(steps)
    while True:
        try:
            requests = steps.send([model.reply(request) for request in requests])
        except StopIteration as done:
            return set(TASK.units(done.value.label))


@pytest.mark.parametrize(
    ("groupings", "group_size", "calls"), [(1, 10, 3), (2, 10, 6), (3, 25, 3), (1, 1, 25)]
)
def test_the_first_step_asks_groupings_times_groups(groupings, group_size, calls):
    model = Simulated({"label03"}, found=(1, 0), kept=(1, 0), seed=0)

    assert answered(model, groupings=groupings, group_size=group_size) == {"label03"}
    assert model.asked == [calls, 1]
    parameters = {"groupings": groupings, "group_size": group_size, "check": True}
    assert most_calls(find("annotator", "candidates"), parameters, 1, TASK) == calls + len(NAMES)


def test_the_answer_is_a_part_of_the_candidates_and_each_is_checked_once():
    for seed in range(20):
        loose = answered(Simulated(set(NAMES[:6]), found=(0.8, 0.3), kept=(1, 1), seed=seed), check=False)
        model = Simulated(set(NAMES[:6]), found=(0.8, 0.3), kept=(0.9, 0.1), seed=seed)

        assert answered(model) <= loose
        assert model.asked[1] == len(loose)


def test_checking_raises_precision_and_never_recall():
    """Over 200 items, with a check that confirms nine in ten right candidates and one in ten wrong ones."""
    found = {True: [0, 0], False: [0, 0]}
    truth = set(NAMES[:6])
    for seed in range(200):
        for check in (True, False):
            given = answered(Simulated(truth, found=(0.8, 0.3), kept=(0.9, 0.1), seed=seed), check=check)
            found[check][0] += len(given & truth)
            found[check][1] += len(given)

    assert found[True][0] <= found[False][0]
    assert found[True][0] / found[True][1] > found[False][0] / found[False][1] + 0.2


@pytest.mark.parametrize("divide", [("fixed",), ("random",), ("together", "apart"), ("fixed", "random")])
def test_more_groupings_never_lose_a_candidate(divide):
    """Union: what any grouping names is a candidate, however the labels are divided."""
    for seed in range(10):
        found = [
            answered(
                Simulated(set(NAMES[:6]), found=(0.7, 0.1), kept=(1, 1), seed=seed),
                groupings=groupings,
                divide=divide,
                co_occurring=(("label00", "label13"),),
                check=False,
            )
            for groupings in (1, 2, 3)
        ]
        assert all(fewer <= more for fewer, more in pairwise(found))


def test_a_walk_makes_so_many_calls_and_says_what_gap_was_closed(tmp_path):
    """The recipe's: 2 groupings of 3 groups an item, and a call for each candidate, of which the answer is a part."""
    recipe = begin(tmp_path / "tagllm", gallery="systems/tagllm").recipe
    walk_recipe(recipe)

    with Store.open(run_folder(plan_of(recipe)) / "run.duckdb", read_only=True) as store:
        found = dict(store.rows("SELECT name, value FROM metrics"))
        said = [(item, json.loads(text)) for item, text in store.rows("SELECT item_id, response FROM calls")]
        answers = dict(store.rows("SELECT item_id, label FROM annotations"))
    named: dict[str, set[str]] = {item: set() for item in answers}
    for item, reply in said:
        named[item] |= set(reply.get("label", ()))
    assert sum("label" in reply for _, reply in said) == 24 * 2 * 3
    assert sum("applies" in reply for _, reply in said) == sum(map(len, named.values()))
    assert found["calls"] == len(said)
    assert all(set(json.loads(answers[item])) <= candidates for item, candidates in named.items())
    after, before = found["final_f1"], found["machine_f1"]
    assert found["gap_closed"] == pytest.approx((after - before) / (1 - before))


@pytest.mark.parametrize(
    ("human", "delivered", "closed"), [(0.9, 0.8, 0.75), (0.9, 0.9, 1), (0.9, 0.4, -0.25), (0.5, 0.6, None)]
)
def test_models_trained_on_the_labels_close_a_share_of_the_gap(human, delivered, closed):
    """(m - m0) / (m_human - m0) with m0 = 0.5."""
    scores = {"machine": 0.5, "human": human, "corrected": delivered}
    fits = [Fit(name, None, seed, 1, (score,)) for name, score in scores.items() for seed in (0, 1)]
    tests = {seed: TestSet(np.ones(1), ["g"]) for seed in (0, 1)}

    gap = measure_gap(fits, tests, 10)

    assert gap.closed == (None if closed is None else pytest.approx(closed))
    assert gap.as_json()["gap_closed"] == gap.closed
