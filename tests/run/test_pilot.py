"""A pilot and an automatic budget, from the recipe to the figures; judges and labels are recorded, people simulated."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from model_server import ModelServer
from walking import plan_of, walk_recipe, write_data

from act_spec.plan.compile import run_folder
from act_spec.plan.explain import explain
from act_spec.plan.model import Answering, Range, cost_of_calls
from act_spec.run.outcome import status_facts
from act_spec.store.database import Store

_RECIPE = """\
act: 1
name: walked
task: {{kind: classification, question: Is it good?, labels: [good, bad]}}
data: {{source: data.csv, id: id, show: [text], gold: gold}}
annotator: {{column: machine}}
judge: {judge}
{more}
budget: {{{budget}, rule: exponential}}
review: {{simulate: gold}}
seed: 5
"""
_ONE = "{{strategy: {{name: recorded, as: error_probability, error_probability: {0}}}}}"
BOTH_HALVES = f"[{_ONE.format('left')}, {_ONE.format('right')}]"
ONE_KNOWS = f"[{_ONE.format('left')}, {_ONE.format('noise')}]"
LEFT, RIGHT = (f"recorded.v1 error_probability {column}" for column in ("left", "right"))
NO_ONE = _ONE.format("noise")


def recipe_of(folder: Path, *, judge: str, budget: str, more: str = "pilot: 120", items: int = 600) -> Path:
    """A quarter of the labels is wrong; `left` and `right` each see one half of that, `noise` nothing."""
    rng = np.random.default_rng(7)
    wrong, half = rng.random(items) < 0.25, rng.random(items) < 0.5
    seen = {
        "left": np.where(wrong & half, 0.9, 0.3) + rng.normal(0, 0.1, items),
        "right": np.where(wrong & ~half, 0.9, 0.3) + rng.normal(0, 0.1, items),
        "noise": rng.random(items),
    }
    with (folder / "data.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "text", "gold", "machine", *seen])
        for number in range(items):
            gold = ("good", "bad")[number % 2]
            machine = ("good", "bad")[(number + int(wrong[number])) % 2]
            scores = [round(float(np.clip(score[number], 0.01, 0.99)), 3) for score in seen.values()]
            writer.writerow([f"i{number:04d}", f"text number {number}", gold, machine, *scores])
    recipe = folder / "walked.act.yaml"
    recipe.write_text(_RECIPE.format(judge=judge, budget=budget, more=more), encoding="utf-8")
    return recipe


def told(recipe: Path, sql: str) -> list[tuple[Any, ...]]:
    with Store.open(run_folder(plan_of(recipe)) / "run.duckdb", read_only=True) as store:
        return store.rows(sql)


def test_two_judges_that_see_different_halves_are_combined(tmp_path: Path) -> None:
    recipe = recipe_of(tmp_path, judge=BOTH_HALVES, budget="reviews: 50%")
    walk_recipe(recipe)

    names = [name for (name,) in told(recipe, "SELECT name FROM pilots")]
    [(used, told_apart, gain)] = told(recipe, "SELECT name, told_apart, gain FROM pilots WHERE used")
    assert len(names) == 4
    assert used.endswith(f" of {LEFT} and {RIGHT}")
    assert told_apart
    assert gain > max(told(recipe, "SELECT max(gain) FROM pilots WHERE name NOT LIKE '% of %'")[0])
    # Everything is judged by the combination now, and each part's word is kept.
    [(count, judge)] = told(recipe, "SELECT count(*), min(judge) FROM judgments")
    assert (count, judge) == (600, used)
    for probability, units in told(recipe, "SELECT error_probability, units FROM judgments LIMIT 20"):
        parts = json.loads(units)
        assert probability == pytest.approx(sum(parts.values()) / 2)
        assert len(parts) == 2
    # The whole run is steered by it, and its figures hold.
    figures = {name: row for name, *row in told(recipe, "SELECT name, value, low, high FROM metrics")}
    truth = figures["final_accuracy"][0]
    assert figures["auroc"][0] > 0.9
    assert figures["estimated_final_accuracy"][1] <= truth <= figures["estimated_final_accuracy"][2]


def test_a_run_goes_on_with_the_combination_that_its_pilot_chose(tmp_path: Path) -> None:
    recipe = recipe_of(tmp_path, judge=BOTH_HALVES, budget="reviews: 50%")
    walk_recipe(recipe)
    before = told(recipe, "SELECT * FROM labels ORDER BY item_id")
    walk_recipe(recipe)

    assert told(recipe, "SELECT * FROM labels ORDER BY item_id") == before
    lock = json.loads((tmp_path / "runs" / "walked" / "act.lock").read_text(encoding="utf-8"))
    assert lock["judge"]["strategy"] == "combined.v1"
    assert len(lock["judge"]["parts"]) == 2
    report = (tmp_path / "runs" / "walked" / "report.html").read_text(encoding="utf-8")
    assert "finds more than the best single judge" in report


def test_a_judge_that_knows_all_that_is_known_stays_alone(tmp_path: Path) -> None:
    recipe = recipe_of(tmp_path, judge=ONE_KNOWS, budget="reviews: 50%")
    walk_recipe(recipe)

    assert told(recipe, "SELECT name FROM pilots WHERE used") == [(LEFT,)]
    assert told(recipe, "SELECT DISTINCT judge FROM judgments") == [(LEFT,)]


def test_combinations_can_be_left_out(tmp_path: Path) -> None:
    recipe = recipe_of(tmp_path, judge=BOTH_HALVES, budget="reviews: 50%", more="pilot: 120\ncombine: false")
    walk_recipe(recipe)

    assert len(told(recipe, "SELECT name FROM pilots")) == 2
    assert "combination" not in explain(plan_of(recipe))


def test_the_plan_says_what_a_combination_would_mean(tmp_path: Path) -> None:
    plan = plan_of(recipe_of(tmp_path, judge=BOTH_HALVES, budget="reviews: 50%"))

    assert "2 combinations of the judges" in explain(plan)
    assert "both judge every item" in explain(plan)


def _costing(usd: float) -> Answering:
    return Answering("judge", f"{usd}", "cot.v1", {}, None, {}, 1, "", cost_usd=Range(usd / 2, usd, usd * 2))


def test_the_highest_cost_holds_every_judge_of_a_combination() -> None:
    """A pilot of 100 of 1,000 items; judges of $10 and $40, from half to twice as much, and an annotator for nothing."""
    annotate, judges = _costing(0), [_costing(10), _costing(40)]

    alone = cost_of_calls(annotate, judges, 1000, 100)
    combined = cost_of_calls(annotate, judges, 1000, 100, combined=True)

    assert alone == Range(5 + 0.1 * 20, 40 + 0.1 * 10, 80 + 0.1 * 20)
    assert combined == Range(7, 41, 100)


def test_an_automatic_budget_stops_when_its_target_is_met(tmp_path: Path) -> None:
    recipe = recipe_of(
        tmp_path, judge=_ONE.format("left"), budget="reviews: auto, target: {accuracy: 80%}", more=""
    )
    walk_recipe(recipe)
    said = status_facts(tmp_path / "runs" / "walked")

    rounds = told(recipe, "SELECT round, count(*) FROM allocations WHERE selected GROUP BY ALL ORDER BY ALL")
    reviewed = sum(size for _, size in rounds)
    [(truth,)] = told(recipe, "SELECT value FROM metrics WHERE name = 'final_accuracy'")
    assert truth >= 0.8
    assert 30 <= reviewed < 300
    assert [size for _, size in rounds][:3] == [30, 30, 30]
    assert said.reviewed == reviewed


def test_an_automatic_budget_ends_at_its_most_and_says_so(tmp_path: Path) -> None:
    recipe = recipe_of(
        tmp_path, judge=NO_ONE, budget="reviews: auto, target: {accuracy: 97%}, at_most: 20%", more=""
    )
    report = walk_recipe(recipe)

    assert report.waiting == 0
    assert told(recipe, "SELECT count(*) FROM allocations WHERE selected") == [(120,)]
    assert told(
        recipe, "SELECT value > 0.5 AND low < high FROM metrics WHERE name = 'estimated_final_accuracy'"
    ) == [(True,)]


_ASKED = """\
act: 1
name: walked
task: {{kind: classification, question: Is it good?, labels: [good, bad]}}
data: {{source: data.csv, id: id, show: [text], gold: gold}}
annotator: {{column: gold}}
judge:
  - {{model: openai/one, api_base: "{url}", strategy: direct}}
  - {{model: openai/two, api_base: "{url}", strategy: cot}}
pilot: 10
budget: {{reviews: 20, rule: sqrt, fit_accuracy: 0%}}
review: {{simulate: gold}}
"""


def test_every_judge_of_a_combination_judges_every_item_and_none_twice(tmp_path: Path) -> None:
    """The choice is put into the table by hand: what these judges say is chance."""
    with ModelServer() as server:
        write_data(tmp_path, [f"text number {number}" for number in range(40)])
        recipe = tmp_path / "walked.act.yaml"
        recipe.write_text(_ASKED.format(url=server.url), encoding="utf-8")
        walk_recipe(recipe)
        alone = server.billed.total()
        chosen = plan_of(recipe).combinations[0].key
        with Store.open(run_folder(plan_of(recipe)) / "run.duckdb") as store:
            store.run("UPDATE history.pilots SET used = judge_key = ?", [chosen])
        walk_recipe(recipe)

    assert alone == 40 + 10
    assert server.billed.total() == 2 * 40
    assert max(server.billed.values()) == 1
    assert told(recipe, "SELECT count(*), bool_and(len(json_keys(units)) = 2) FROM judgments") == [(40, True)]
