"""A matrix: several settings over shared replies, repeats as intervals, one comparison."""

from __future__ import annotations

import csv
import json

import duckdb
import numpy as np
import pytest
from click.testing import CliRunner
from model_server import ModelServer
from scipy import stats

from act_spec.cli.program import program
from act_spec.recipe.cells import cells_of
from act_spec.recipe.load import load_recipe
from act_spec.run.matrix import averaged

RECIPE = """\
act: 1
name: compared
params: {rule: sqrt, reviews: 10%}
task: {kind: classification, question: Is it good?, labels: {good: It is., bad: It is not.}}
data: {source: data.csv, id: id, show: [text], gold: gold}
annotator: {strategy: {name: recorded, label: machine, confidence: sure}}
judge: {strategy: {name: recorded, as: own_confidence, confidence: sure}}
budget: {reviews: $reviews, rule: $rule}
review: {simulate: gold}
matrix:
  vary: {rule: [sqrt, uniform], reviews: [10%, 20%]}
  repeat: {seed: 3}
"""
ITEMS = 60


@pytest.fixture
def recipe(tmp_path):
    rows = [f"i{n:02},text {n},{'good' if n % 4 else 'bad'},good,0.{n * 7 % 9 + 1}" for n in range(ITEMS)]
    (tmp_path / "data.csv").write_text("id,text,gold,machine,sure\n" + "\n".join(rows))

    def write(text=RECIPE):
        path = tmp_path / "compared.act.yaml"
        path.write_text(text)
        return path

    return write


def act_spec(*words):
    return CliRunner().invoke(program, [str(word) for word in words])


def test_every_combination_is_a_setting_and_every_repeat_a_run(recipe):
    cells = list(cells_of(load_recipe(recipe())))

    assert [(tuple(cell.setting.values()), cell.repeat["seed"]) for cell in cells][:4] == [
        (("sqrt", "10%"), 1),
        (("sqrt", "10%"), 2),
        (("sqrt", "10%"), 3),
        (("sqrt", "20%"), 1),
    ]
    assert len(cells) == 12
    assert {cell.loaded.recipe.seed for cell in cells} == {1, 2, 3}


def test_what_is_set_from_outside_is_not_varied(recipe):
    cells = list(cells_of(load_recipe(recipe(), {"rule": "uniform", "seed": "7"})))

    assert [tuple(cell.setting.values()) for cell in cells] == [("10%",), ("20%",)]
    assert {(cell.loaded.recipe.seed, cell.loaded.recipe.budget.rule.name) for cell in cells} == {
        (7, "uniform.v1")
    }


def test_settings_are_compared_with_repeats_as_intervals(recipe):
    path = recipe()
    done = act_spec("run", path, "--json")
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    folder = path.parent / "runs" / "compared"

    assert said["repeats"] == 3
    assert [list(one["setting"].values()) for one in said["settings"]] == [
        ["sqrt", "10%"],
        ["sqrt", "20%"],
        ["uniform", "10%"],
        ["uniform", "20%"],
    ]
    with duckdb.connect(str(folder / "run.duckdb"), read_only=True) as connection:
        values = connection.execute(
            """SELECT value FROM matrix WHERE name = 'final_accuracy'
            AND setting->>'$.rule' = 'uniform' AND setting->>'$.reviews' = '20%'"""
        ).fetchall()
        runs = connection.execute("SELECT count(DISTINCT plan_hash) FROM matrix").fetchone()
    figure = said["settings"][3]["figures"]["final_accuracy"]
    assert runs == (12,)
    assert len(values) == 3
    assert figure["mean"] == pytest.approx(np.mean(values))
    assert figure["low"] <= figure["mean"] <= figure["high"]
    with (folder / "matrix.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    [row] = [
        one
        for one in rows
        if (one["rule"], one["reviews"], one["metric"]) == ("uniform", "20%", "final_accuracy")
    ]
    assert float(row["mean"]) == figure["mean"]
    assert "<table>" in (folder / "matrix.html").read_text("utf-8")


CASES = """\
matrix:
  cases:
    judged: {}
    at random: {judge: null, budget: {rule: uniform, audit: 0%}}
    in rounds:
      judge: null
      rounds: {number: 2, model: {labels: rest, batches: last}, keep_for_test: false}
  vary: {reviews: [10%, 20%]}
"""


def with_cases(text=RECIPE):
    whole = text.partition("matrix:")[0].replace("params: {rule: sqrt, ", "params: {")
    return whole.replace(", rule: $rule}", "}") + CASES


def test_each_case_is_laid_over_the_recipe_and_crossed_with_what_is_varied(recipe):
    cells = list(cells_of(load_recipe(recipe(with_cases()))))

    assert [tuple(cell.setting.items()) for cell in cells][2:4] == [
        (("case", "at random"), ("reviews", "10%")),
        (("case", "at random"), ("reviews", "20%")),
    ]
    made = {cell.setting["case"]: cell.loaded.recipe for cell in cells}
    assert [one.judge is None for one in made.values()] == [False, True, True]
    assert [one.rounds is None for one in made.values()] == [True, True, False]
    assert [str(one.budget.audit) for one in made.values()] == ["20%", "0%", "20%"]


def test_methods_that_differ_in_several_sections_label_the_same_items_with_as_many_reviews(recipe):
    """Rounds that leave the rest to the model beside a judge and a rule: every item has a label in each."""
    pytest.importorskip("torch")
    path = recipe(with_cases())
    done = act_spec("run", path, "--json")
    assert done.exit_code == 0, done.output

    for one in json.loads(done.stdout)["settings"]:
        share = {"10%": 0.1, "20%": 0.2}[one["setting"]["reviews"]]
        assert one["figures"]["reviewed_share"]["mean"] == pytest.approx(share)
        assert one["figures"].get("labelled_share", {"mean": 1})["mean"] == 1
        assert one["figures"]["final_accuracy"]["mean"] >= 0.75


def test_a_parameter_that_only_a_case_uses_is_no_mistake(recipe):
    text = with_cases().replace("params: {", "params: {share: 30%, ").replace("audit: 0%", "audit: $share")
    cells = list(cells_of(load_recipe(recipe(text))))

    assert {str(cell.loaded.recipe.budget.audit) for cell in cells} == {"20%", "30%"}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("judged: {}", "judged: {name: other}", "matrix.cases.judged: 'name' has no place in a case."),
        ("judged: {}", "judged: {matrix: {}}", "matrix.cases.judged: 'matrix' has no place in a case."),
        ("rule: uniform", "rule: uniformm", "budget.rule: no rule is named 'uniformm'."),
        ("judged: {}", "judged: {budgett: {}}", "there is no key 'budgett' here. Did you mean 'budget'?"),
        ("judged: {}", "judged: none", "matrix.cases.judged"),
        ("vary: {reviews: [10%, 20%]}", "repeat: {case: 2}", "'case' names the cases."),
    ],
)
def test_what_is_wrong_with_a_case_is_told_at_its_place(recipe, old, new, message):
    assert old in with_cases()
    done = act_spec("check", recipe(with_cases().replace(old, new, 1)))

    assert done.exit_code == 2
    assert message in done.stderr, done.stderr


def test_no_run_sees_the_reviews_of_another(recipe):
    """Each run reviews as many items as its own budget says."""
    path = recipe()
    act_spec("run", path)

    with duckdb.connect(str(path.parent / "runs" / "compared" / "run.duckdb"), read_only=True) as connection:
        shares = connection.execute(
            "SELECT DISTINCT setting->>'$.reviews', value FROM matrix WHERE name = 'reviewed_share' ORDER BY ALL"
        ).fetchall()
    assert shares == [("10%", pytest.approx(0.1)), ("20%", pytest.approx(0.2))]


def test_a_run_that_is_done_is_not_walked_again(recipe, monkeypatch):
    path = recipe()
    first = act_spec("run", path, "--json")
    walked = []
    from act_spec.run import matrix

    monkeypatch.setattr(matrix, "_walk", lambda plan, *_: walked.append(plan.hash))
    again = act_spec("run", path, "--json")

    assert json.loads(again.stdout) == json.loads(first.stdout)
    assert walked == []


def test_runs_share_the_replies_of_models(recipe):
    """As many calls as one run makes, though the rule and the seed differ; the cap is for all of them."""
    role = (
        "{{model: openai/m, api_base: {url}, price: {{input_usd_per_million: 1, output_usd_per_million: 2}}}}"
    )
    with ModelServer() as server:
        text = RECIPE.replace(
            "{strategy: {name: recorded, label: machine, confidence: sure}}", role.format(url=server.url)
        ).replace(
            "{strategy: {name: recorded, as: own_confidence, confidence: sure}}", role.format(url=server.url)
        )
        path = recipe(text)
        plan = act_spec("plan", path)
        done = act_spec("run", path, "--yes", "--json")

        assert done.exit_code == 0, done.output
        assert len(server.bodies) == 2 * ITEMS
        assert json.loads(done.stdout)["calls"] == 2 * ITEMS
    assert f"Runs share replies: {2 * ITEMS} calls in all" in plan.stdout
    assert "A matrix of 4 settings, 3 runs each, 12 in all" in plan.stdout


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "rule: [sqrt,",
            "rle: [sqrt,",
            "11:10: matrix.vary.rle: there is no parameter 'rle' to vary. Did you mean 'rule'?",
        ),
        ("uniform]", "uniformm]", "11:23: budget.rule: no rule is named 'uniformm'. Did you mean 'uniform'?"),
        (
            "[10%, 20%]",
            "[10%, 0.2]",
            "11:48: budget.reviews: '0.2' is neither a share nor a number of items.",
        ),
        ("[10%, 20%]", "[10%, 10%]", "'10%' stands twice."),
        (
            "seed: 3",
            "sed: 3",
            "12:12: matrix.repeat.sed: there is no parameter 'sed' to repeat. Did you mean 'seed'?",
        ),
        ("seed: 3", "seed: 0", "0 is no number of repeats."),
        ("review: {simulate: gold}", "review: {reviewers: [ada]}", "people cannot answer for every one"),
    ],
)
def test_what_is_wrong_with_a_matrix_is_told_at_its_place(recipe, old, new, message):
    assert old in RECIPE
    done = act_spec("check", recipe(RECIPE.replace(old, new, 1)))

    assert done.exit_code == 2
    assert message in done.stderr


def test_what_is_expected_must_hold_in_every_setting(recipe):
    expected = """\
expect:
  - {metric: machine_accuracy, equals: 0.75}
  - {metric: reviewed_share, at_most: 0.1}
  - {item: i01, machine_label: good}
"""
    done = act_spec("test", recipe(RECIPE + expected))

    assert done.exit_code == 1
    assert "2 of 3 expectations hold" in done.stdout
    assert "not in 2 of 4 settings, such as rule=sqrt, reviews=20%: it is 0.2" in done.stdout


def test_the_mean_has_students_interval():
    values = [0.2, 0.4, 0.9, 0.3]
    made = averaged(values)
    low, high = stats.t.interval(0.95, 3, np.mean(values), stats.sem(values))

    assert (made.low, made.high) == (pytest.approx(low), pytest.approx(high))
    assert averaged([0.5]).low is None
