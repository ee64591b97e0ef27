"""LLMaAA (arXiv:2310.19596): near examples, the student asks, batches grow, and weights are learnt; empty is not failed."""

from __future__ import annotations

import numpy as np
import pytest
from scripted import said
from walking import plan_of, walk_recipe

from act_spec.plan.compile import run_folder
from act_spec.records import Reply
from act_spec.starter.begin import begin
from act_spec.store.database import Store
from act_spec.strategies.answers import annotation_from
from act_spec.strategies.schedules import quadratic
from act_spec.strategies.selecting import OpenItems, Wanted, entropies
from act_spec.strategies.selectors.entropy import entropy
from act_spec.tasks.spans import Spans


def test_quadratic_batches_are_those_of_the_source():
    assert quadratic(500, 10) == (5, 15, 25, 35, 45, 55, 65, 75, 85, 95)


def test_the_pick_by_entropy_is_an_argsort():
    belief = np.random.default_rng(0).dirichlet(np.ones(4), size=50)
    parts = [one[np.newaxis] for one in belief]

    chosen = entropy(OpenItems(["x"] * 50, 1, 2, parts), Wanted(0, 10))

    assert chosen.tolist() == np.argsort(-entropies(parts, "mean"))[:10].tolist()


def test_no_passage_is_an_answer_and_a_failed_call_is_none():
    task = Spans(kind="spans", question="Which places?", labels={"place": {}}, text="text")

    empty = annotation_from(said({"label": []}), task)
    failed = annotation_from(Reply("invalid", None), task)

    assert (empty.status, empty.label) == ("ok", "[]")
    assert (failed.status, failed.label) == ("invalid", None)


def test_wrong_labels_weigh_less_than_right_ones():
    """On a toy logistic task with 30% flipped labels: weights are at least 0, sum to 1 or 0, and right ones weigh more."""
    torch = pytest.importorskip("torch")
    from act_spec.train.reweighting import meta_weights

    random = torch.Generator().manual_seed(0)
    truth = torch.randn(10, generator=random)
    items, known = (torch.randn(size, 10, generator=random) for size in (200, 100))
    labels, sure = (items @ truth > 0).float(), (known @ truth > 0).float()
    flipped = torch.rand(200, generator=random) < 0.3
    given = torch.where(flipped, 1 - labels, labels)
    weight = torch.zeros(10, requires_grad=True)
    loss = torch.nn.functional.binary_cross_entropy_with_logits

    made = meta_weights(loss(items @ weight, given, reduction="none"), loss(known @ weight, sure), [weight])

    assert float(made.min()) >= 0
    assert float(made.sum()) == pytest.approx(1, abs=1e-5)
    assert float(made[~flipped].mean()) > 5 * float(made[flipped].mean())


def test_its_recipe_spends_each_budget(tmp_path):
    pytest.importorskip("torch")
    recipe = begin(tmp_path / "llmaaa", gallery="systems/llmaaa").recipe
    walk_recipe(recipe)

    with Store.open(run_folder(plan_of(recipe)) / "run.duckdb", read_only=True) as store:
        chosen = store.rows("SELECT round, source, count(*) FROM selections GROUP BY ALL ORDER BY ALL")

    assert chosen == [(1, "model", 5), (1, "people", 12), (2, "model", 15), (3, "model", 25)]
