"""
The recipes beside ACT, laid over recorded answers of real models and people; each is short.

Held elsewhere: disagreement, CoAnnotating, the verifiers and news summaries,
in the test named after each, and tags, ratings and relations in
tests/run/test_recorded_kinds.py. There are no recorded answers for discussions
and for answers with and without a field (RAP).
"""

from __future__ import annotations

import csv
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner
from compared_methods import RECIPES, SETS, prepare
from walking import plan_of, walk_recipe

from act_spec.cli.program import program
from act_spec.plan.compile import run_folder
from act_spec.recipe.load import load_recipe
from act_spec.run.matrix import first_of_each, runs_of, walk_matrix
from act_spec.run.session import open_session
from act_spec.starter.begin import begin
from act_spec.store.database import Store

_SCIENCE = """\
act: 1
name: over
extends: {base}
task: {{question: Which answer is right?, labels: [A, B, C, D], if_unsure: Take A.}}
data:
  source: {folder}/items.parquet
  id: item_id
  show: [question, option_a, option_b, option_c, option_d]
  gold: {{column: gold, map: null}}
annotator:
  model: null
  strategy: {{name: recorded, source: {folder}/machine.parquet, where: {{model: Meta-Llama-3.1-8B-Instruct}}, label: label, confidence: confidence}}
{more}
"""


def over(tmp_path: Path, name: str, text: str, folder: Path, more: str = "") -> Path:
    """A recipe that lays recorded data over one of the gallery."""
    base = begin(tmp_path / "base", gallery=name).recipe
    recipe = tmp_path / "over.act.yaml"
    recipe.write_text(text.format(base=base, folder=folder, more=more), encoding="utf-8")
    return recipe


def found(recipe: Path, sql: str) -> list[tuple[Any, ...]]:
    with Store.open(run_folder(plan_of(recipe)) / "run.duckdb", read_only=True) as store:
        return store.rows(sql)


@pytest.mark.parametrize("name", ["imfl", "llmaaa"])
def test_two_sources_share_the_questions_of_science(tmp_path, recorded_data, name):
    """600 questions that Llama 3.1 8B has answered: budgets are spent, and its labels are 89.7% right, give or take."""
    pytest.importorskip("torch")
    more = "rounds: {examples: null}\ntrain: {epochs: 3}"
    recipe = over(tmp_path, f"systems/{name}", _SCIENCE, recorded_data / "sciq_mcq", more)
    walk_recipe(recipe)
    rounds = plan_of(recipe).rounds
    assert rounds is not None

    chosen = found(recipe, "SELECT source, count(*), count(DISTINCT item_id) FROM selections GROUP BY ALL")
    assert {source: count for source, count, _ in chosen} == {
        "people": sum(rounds.people),
        "model": sum(rounds.model),
    }
    assert all(count == items for _, count, items in chosen)
    [(accuracy,)] = found(recipe, "SELECT value FROM metrics WHERE name = 'machine_accuracy'")
    # Of 45 labels: four standard errors.
    assert accuracy == pytest.approx(0.897, abs=0.18)


def test_what_llama_is_sure_of_and_wrong_is_counted_at_each_threshold(tmp_path, recorded_data):
    more = (
        "budget: {reviews: 30%}\nblind_spots: {confidence: 0.9, thresholds: [0.6, 0.8, 0.9], teacher: null}"
    )
    recipe = over(tmp_path, "systems/blind-spots", _SCIENCE, recorded_data / "sciq_mcq", more)
    walk_recipe(recipe)

    counts = found(recipe, "SELECT value FROM metrics WHERE name LIKE 'unknown_unknowns:%' ORDER BY name")
    values = [value for (value,) in counts]
    assert len(values) == 3
    assert values == sorted(values, reverse=True)
    assert values[0] > 0


_CROWD = """\
act: 1
name: over
extends: {base}
task: {{question: Is the sentence biased?, labels: [biased, not_biased], if_unsure: Take biased.}}
data: {{source: items.parquet, id: item_id, show: [text], gold: {{column: gold, map: null}}}}
annotator:
  model: null
  strategy: {{name: recorded, source: {folder}/machine.parquet, where: {{model: gpt_4, strategy: zero-shot}}, label: label}}
budget: {{reviews: 100%}}
review: {{reviewers: [tomas, timo, christoph], simulate: null}}
"""


def test_three_people_who_judged_bias_tell_something_beyond_the_model(tmp_path, recorded_data):
    """60 sentences that all three have answered: every score is above 0, and nobody's is that of chance."""
    folder = recorded_data / "babe_media_bias"
    votes = f"SELECT item_id, label, annotator AS reviewer FROM '{folder}/humans.parquet'"
    duckdb.execute(
        f"COPY (FROM '{folder}/items.parquet' SEMI JOIN ({votes} QUALIFY count(*) OVER (PARTITION BY item_id) = 3)"
        f" USING (item_id) ORDER BY item_id LIMIT 60) TO '{tmp_path}/items.parquet'"
    )
    recipe = over(tmp_path, "systems/contaminated-crowd", _CROWD, folder)
    walk_recipe(recipe)
    for reviewer in ("tomas", "timo", "christoph"):
        file = tmp_path / f"{reviewer}.csv"
        rows = duckdb.sql(
            f"{votes} SEMI JOIN '{tmp_path}/items.parquet' USING (item_id) WHERE annotator = '{reviewer}' ORDER BY 1"
        ).fetchall()
        with file.open("w", encoding="utf-8", newline="") as opened:
            csv.writer(opened).writerows([("item_id", "label", "reviewer"), *rows])
        done = CliRunner().invoke(program, ["import", str(run_folder(plan_of(recipe))), str(file)])
        assert done.exit_code == 0, done.output
    walk_recipe(recipe)

    scores = found(
        recipe, "SELECT name, value FROM metrics WHERE name LIKE 'reviewer_quality:%' ORDER BY name"
    )
    assert len(scores) == 3
    assert all(value > 0 for _, value in scores)


_TWEETS = """\
act: 1
name: over
extends: {base}
data: {{source: {folder}/items.parquet, id: item_id, where: {{task: {more}}}, gold: {{column: gold, map: null}}}}
annotator:
  model: null
  strategy: {{name: recorded, source: {folder}/machine.parquet, label: label}}
judge: null
budget: {{rule: uniform}}
"""
_IRONY = "task: {{labels: [irony, non_irony], if_unsure: Take non_irony.}}\n"


@pytest.mark.parametrize(("name", "share", "items"), [("emotion", 0.18, 1421), ("irony", 0.338, 784)])
def test_tweets_of_the_paper_with_the_labels_of_a_published_classifier(
    tmp_path, recorded_data, name, share, items
):
    """Two of the six data sets of ACT: the shares that the paper reviewed, of the published test sets."""
    text = _TWEETS + (_IRONY if name == "irony" else "")
    recipe = over(tmp_path, f"act-paper/{name}", text, recorded_data / "tweeteval_emotion_irony", name)
    walk_recipe(recipe)

    assert found(recipe, "SELECT count(*) FROM items") == [(items,)]
    metrics: dict[str, float] = dict(found(recipe, "SELECT name, value FROM metrics"))
    assert metrics["reviewed_share"] == pytest.approx(share, abs=1 / items)
    assert 0.5 < metrics["machine_accuracy"] < metrics["final_accuracy"]


def test_every_method_of_the_comparison_walks_on_the_same_answers(tmp_path, recorded_data):
    """One seed at 10% on the questions of science: each method reviews 60 of 600, and labels all."""
    pytest.importorskip("torch")
    prepare(tmp_path, recorded_data)
    recipe = tmp_path / "sciq_mcq.act.yaml"
    runs = first_of_each(runs_of(load_recipe(recipe, {"people": "10%"}), repeats=False))
    with open_session(runs[0].plan, tmp_path / "run", lambda _: None) as (store, session, _):
        facts = walk_matrix(runs, store, session, None)

    accuracy = {one.setting["case"]: one.figures["final_accuracy"].mean for one in facts.settings}
    assert len(accuracy) == 10
    assert {round(one.figures["reviewed_share"].mean, 6) for one in facts.settings} == {0.1}
    assert min(accuracy.values()) > 0.89
    assert accuracy["ACT, threshold"] > accuracy["random"]
    assert accuracy["CoAnnotating, entropy"] > accuracy["random"]


@pytest.mark.parametrize("name", SETS)
def test_each_set_of_the_comparison_is_a_good_recipe(tmp_path, name):
    shutil.copytree(RECIPES, tmp_path, dirs_exist_ok=True)

    loaded = load_recipe(tmp_path / f"{name}.act.yaml")

    assert loaded.recipe.matrix is not None
    assert len(loaded.recipe.matrix.cases) >= 9
