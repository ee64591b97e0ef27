"""IMFL (arXiv:2310.20153): two sources in rounds, people first, fewer every round, and examples from people alone."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from model_server import ModelServer
from walking import plan_of, walk_recipe

from act_spec.plan.compile import run_folder
from act_spec.run.rounds import _examples
from act_spec.starter.begin import begin
from act_spec.store.database import Store
from act_spec.strategies.schedules import decaying

torch = pytest.importorskip("torch")


def test_its_recipe_keeps_what_the_source_asks(tmp_path):
    """Batches sum to the budgets, people's never grow, no item twice, and no example from the model, from round 1 on."""
    recipe = begin(tmp_path / "imfl", gallery="systems/imfl").recipe
    walk_recipe(recipe)
    plan = plan_of(recipe)
    rounds = plan.rounds
    assert rounds is not None

    assert (sum(rounds.people), sum(rounds.model)) == (15, 45)
    assert list(rounds.people) == sorted(rounds.people, reverse=True)
    with Store.open(run_folder(plan) / "run.duckdb", read_only=True) as store:
        chosen = store.rows("SELECT item_id, round, source FROM selections")
        texts = dict(store.rows("SELECT item_id, content->>'text' FROM items"))
        assert len({item for item, *_ in chosen}) == len(chosen) == 60
        for number in range(1, rounds.number + 1):
            pool = _examples(rounds, store, number)
            assert pool is not None
            shown = {one.fields["text"] for one in pool.given(1000)}
            people = {texts[item] for item, its, source in chosen if source == "people" and its <= number}
            assert shown == people
            assert shown


def test_prompts_carry_examples_of_people_from_the_first_round_on(tmp_path):
    """As a model's server sees them: labels that people gave by then, and never a text that the model labelled."""
    recipe = begin(tmp_path / "imfl", gallery="systems/imfl").recipe
    price = "price: {input_usd_per_million: 1, output_usd_per_million: 2}"
    with ModelServer() as server:
        served = f"model: openai/cheap, api_base: {server.url}, {price}"
        text = recipe.read_text(encoding="utf-8").replace("model: local/tiny", served)
        recipe.write_text(text, encoding="utf-8")
        walk_recipe(recipe)
        prompts = [" ".join(str(one["content"]) for one in body["messages"]) for body in server.bodies]

    with Store.open(run_folder(plan_of(recipe)) / "run.duckdb", read_only=True) as store:
        chosen = {
            text: (number, source)
            for text, number, source in store.rows(
                "SELECT content->>'text', round, source FROM selections JOIN items USING (item_id)"
            )
        }
    assert len(prompts) == 45
    rounds = set()
    for prompt in prompts:
        named = {text: chosen[text] for text in chosen if text in prompt}
        [own] = [number for number, source in named.values() if source == "model"]
        shown = [number for number, source in named.values() if source == "people"]
        assert len(shown) == 3
        assert max(shown) <= own
        rounds.add(own)
    assert rounds == {1, 2, 3}


@pytest.mark.parametrize(("decay", "mixed_is_better"), [(3.0, True), (0.01, False)])
def test_what_cheap_labels_add_depends_on_the_learner(decay, mixed_is_better):
    """
    200 labels of people with 800 that are right in 70%, each counting once, against the 200 alone.

    On a synthetic logistic task in 60 dimensions, the mean over 20 seeds. A
    strongly regularised learner gains from the cheap labels; a flexible one,
    which learns from clean labels what it can, loses. A check of ours, no
    figure of the source, whose model and tasks are others.
    """
    mixed, alone = zip(*(_taught(seed, decay) for seed in range(20)), strict=True)

    assert bool(np.mean(mixed) > np.mean(alone)) == mixed_is_better


def _taught(seed: int, decay: float) -> tuple[float, float]:
    random = np.random.default_rng(seed)
    truth = random.normal(size=60)
    items, test = random.normal(size=(1000, 60)), random.normal(size=(4000, 60))
    labels, known = (items @ truth > 0).astype(float), (test @ truth > 0).astype(float)
    said = np.where(random.random(1000) < 0.7, labels, 1 - labels)
    said[:200] = labels[:200]
    both = _weights(items, said, decay), _weights(items[:200], labels[:200], decay)
    mixed, alone = (float(((test @ one > 0) == known).mean()) for one in both)
    return mixed, alone


def _weights(items: np.ndarray, labels: np.ndarray, decay: float) -> np.ndarray:
    """Of logistic regression by plain gradient descent with decay."""
    weight = np.zeros(items.shape[1])
    for _ in range(300):
        belief = 1 / (1 + np.exp(-items @ weight))
        weight -= 0.2 * (items.T @ (belief - labels) / len(items) + decay * weight)
    return weight


def test_batches_of_people_shrink_and_sum_to_the_budget():
    assert decaying(200, 5, Fraction(3, 5)) == (87, 52, 31, 19, 11)
