"""A whole training of a run: arms, resumption, refusals, the model."""

import csv
import json

import numpy as np
import pytest
from training_run import write_recipe, write_things

from act_spec.errors import ActSpecError, RecipeError
from act_spec.plan.compile import compile_plan
from act_spec.recipe.load import load_recipe
from act_spec.run.session import open_session
from act_spec.run.walk import open_run, walk
from act_spec.store.database import Store
from act_spec.store.training_rows import CORRECTED, DELIVERED, HUMAN, MACHINE
from act_spec.train.arms import Labelling
from act_spec.train.dataset import read_dataset
from act_spec.train.saved import load_model
from act_spec.train.session import train
from act_spec.train.summary import as_json, as_text


def walked(recipe):
    """Compile and walk; the plan, and the run's folder."""
    plan = compile_plan(load_recipe(recipe))
    folder = recipe.parent / "runs" / plan.name
    with open_session(plan, folder, lambda tick: None) as (store, session, place):
        walk(plan, store, session, place)
    return plan, folder


def trained(plan, folder, ticks=None):
    with Store.open(folder / "run.duckdb") as store:
        open_run(plan, store)
        return train(plan, store, folder / "model", (ticks if ticks is not None else []).append)


@pytest.fixture(scope="module")
def things(tmp_path_factory):
    """A run with gold, trained once."""
    plan, folder = walked(write_recipe(tmp_path_factory.mktemp("things")))
    return plan, folder, trained(plan, folder)


def test_every_arm_is_compared_at_this_budget_and_along_a_curve(things):
    _, _, found = things
    own = {one.arm.name for one in found.gap.scores if one.arm.reviews is None}
    curve = sorted({one.arm.reviews for one in found.gap.scores if one.arm.reviews is not None})

    assert own == {HUMAN, MACHINE, DELIVERED, CORRECTED}
    assert curve == [6, 12, 24, 48]
    assert found.compared.against == "gold"
    assert all(0 <= one.mean <= 1 and one.seeds == 2 for one in found.gap.scores)
    assert found.gap.score(HUMAN).mean > 0.8


def test_the_weights_are_told(things):
    _, _, found = things
    text = as_text(found)

    assert found.weights.reviewed == 24
    assert 0 < found.weights.effective_sample_size <= 24
    assert f"{found.weights.largest_weight:,.1f}" in text
    assert "behind human" in text
    assert "24 reviews count like" in text
    assert json.loads(json.dumps(as_json(found)))["weights"]["max_weight"] == 2


def test_the_same_command_goes_on_and_repeats_nothing(things):
    plan, folder, first = things
    with Store.open(folder / "run.duckdb") as store:
        store.run("DELETE FROM history.training WHERE arm = 'corrected' AND seed = 1")

    again = trained(plan, folder)

    assert first.made == 2 * 12
    assert again.made == 5
    assert {one.arm: one.mean for one in again.gap.scores} == {one.arm: one.mean for one in first.gap.scores}


def test_scores_are_a_table_of_the_run(things):
    _, folder, found = things
    with Store.open(folder / "run.duckdb", read_only=True) as store:
        rows = dict(store.rows("SELECT arm, avg(score) FROM training WHERE reviews IS NULL GROUP BY arm"))
        weights = store.rows("SELECT item_id, sum(weight) FROM training_rows GROUP BY item_id")

    assert rows[HUMAN] == pytest.approx(found.gap.score(HUMAN).mean)
    assert len(weights) == 120
    assert all(total == pytest.approx(1) for _, total in weights)


def test_the_model_can_be_loaded_and_used(things):
    _, folder, _ = things

    model = load_model(folder / "model")

    assert model.labels([{"text": "plum pear grape"}, {"text": "iron zinc copper"}]) == ["fruit", "metal"]
    assert sorted(path.name for path in (folder / "model").iterdir()) == ["model.json", "weights.safetensors"]


def test_a_missing_probability_is_a_refusal(tmp_path):
    plan = compile_plan(load_recipe(write_recipe(tmp_path)))
    with open_session(plan, tmp_path / "run", lambda tick: None) as (store, session, _):
        from act_spec.run.annotate import annotate

        open_run(plan, store)
        annotate(plan, store, session)
        with pytest.raises(ActSpecError, match="120 of 120 items have no inclusion probability"):
            train(plan, store, tmp_path / "model", lambda tick: None)
    assert not (tmp_path / "model").exists()


def test_nothing_to_train_on_is_a_refusal(tmp_path):
    plan = compile_plan(load_recipe(write_recipe(tmp_path)))
    with Store.open() as store:
        open_run(plan, store)
        with pytest.raises(ActSpecError, match="no labels to train on"):
            train(plan, store, tmp_path / "model", lambda tick: None)


def test_without_gold_models_are_tested_against_the_reviews(tmp_path):
    """Answers come from a worklist; the gap to human labels cannot be had, and that is said."""
    recipe = write_recipe(tmp_path, gold=False, simulate=False, reviews="50%", rule="uniform")
    plan, folder = walked(recipe)
    with (tmp_path / "things.csv").open() as file:
        gold = {row["id"]: row["gold"] for row in csv.DictReader(file)}
    from datetime import UTC, datetime

    from act_spec.store.reviews import Review, write_reviews

    with Store.open(folder / "run.duckdb") as store:
        drawn = [row[0] for row in store.rows("SELECT item_id FROM allocations WHERE selected")]
        answers = [
            Review(item, 1, "r", gold[item], "change", None, None, None, "csv") for item in sorted(drawn)
        ]
        write_reviews(store, plan.review_key, answers, datetime.now(UTC).replace(tzinfo=None))

    found = trained(plan, folder)

    assert found.compared.against == "reviews"
    assert {one.arm.name for one in found.gap.scores} == {MACHINE, DELIVERED, CORRECTED}
    assert "needs gold of every item" in as_text(found)
    assert sorted({one.arm.reviews for one in found.gap.scores} - {None}) == [15, 30, 45]
    assert "the last 30 reviews bought" in as_text(found)
    assert found.compared.curve == "thinned"


def test_fewer_reviews_stand_for_all_that_were_made(things):
    """Thinned weights are unbiased: over seeds their sum is that of the run's own, to 3 standard errors."""
    plan, folder, _ = things
    with Store.open(folder / "run.duckdb") as store:
        open_run(plan, store)
        labelling = Labelling(plan, read_dataset(plan, store))
    thinned = [labelling._thinned(12, seed) for seed in range(200)]
    sums = np.array([one.sampling_weight.sum() for one in thinned])

    assert all(one.reviewed.sum() == 12 for one in thinned)
    assert abs(sums.mean() - labelling.run.sampling_weight.sum()) < 3 * sums.std() / 200**0.5


def test_comparisons_can_be_left_out(tmp_path):
    plan, folder = walked(
        write_recipe(tmp_path, extra="train: {seeds: 2, epochs: 2, compare: budget}", count=40)
    )
    assert {one.arm.reviews for one in trained(plan, folder).gap.scores} == {None}
    (tmp_path / "runs").rename(tmp_path / "earlier")
    plan, folder = walked(
        write_recipe(tmp_path, extra="train: {seeds: 2, epochs: 2, compare: nothing}", count=40)
    )
    found = trained(plan, folder)
    assert found.gap.scores == ()
    assert (folder / "model" / "model.json").is_file()


def test_a_test_file_is_tested_on(tmp_path):
    recipe = write_recipe(tmp_path, extra="train: {seeds: 2, epochs: 5, test: apart.csv}", count=60)
    write_things(tmp_path / "apart.csv", 40, seed=9)
    plan, folder = walked(recipe)

    found = trained(plan, folder)

    assert found.compared.tested == 2 * 40


def test_a_test_file_that_lacks_a_column_is_a_problem_of_the_recipe(tmp_path):
    recipe = write_recipe(tmp_path, extra="train: {test: apart.csv}")
    (tmp_path / "apart.csv").write_text("id,text\n1,plum\n")
    plan, folder = walked(recipe)

    with pytest.raises(RecipeError, match=r"train\.test: apart\.csv has no column 'gold'"):
        trained(plan, folder)


def test_an_automatic_weight_is_chosen_and_becomes_the_labels(tmp_path):
    recipe = write_recipe(tmp_path, extra="loss: {name: act, max_weight: auto}\ntrain: {seeds: 2, epochs: 3}")
    plan, folder = walked(recipe)

    found = trained(plan, folder)

    with Store.open(folder / "run.duckdb", read_only=True) as store:
        assert store.one("SELECT max(loss_weight) FROM labels")[0] == pytest.approx(found.weights.max_weight)


@pytest.mark.parametrize("loss", ["cross_entropy", "ipw", "soft", "reweight"])
def test_every_loss_can_be_named(tmp_path, loss):
    plan, folder = walked(
        write_recipe(tmp_path, extra=f"loss: {loss}\ntrain: {{seeds: 1, epochs: 2}}", count=40)
    )

    found = trained(plan, folder)

    assert found.gap.score(CORRECTED) is not None
    assert found.compared.loss == ("act.v1" if loss == "cross_entropy" else f"{loss}.v1")


def test_sets_of_labels_are_trained_too(tmp_path):
    recipe = write_recipe(tmp_path, extra="train: {seeds: 2, epochs: 5}", count=60)
    recipe.write_text(recipe.read_text().replace("kind: classification", "kind: multilabel, none: allowed"))
    plan, folder = walked(recipe)

    found = trained(plan, folder)

    assert found.gap.score(HUMAN).mean > 0.4
    assert load_model(folder / "model").fitted.head == "labels"
