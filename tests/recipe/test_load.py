from __future__ import annotations

import subprocess
import sys

import pytest

from act_spec.recipe.load import load_recipe


def test_places_point_at_values(good, load):
    places = load(good).places

    assert tuple(places.at("budget.reviews")) == ("r.act.yaml", 11, 19)
    assert places.at(("task", "labels", "battery")).line == 7
    assert places.at("budget.rule.beta").column == 56


def test_what_is_absent_has_the_place_of_the_nearest_key_above(good, load):
    places = load(good).places

    assert tuple(places.at("budget.audit")) == ("r.act.yaml", 11, 1)
    assert tuple(places.at("nowhere.at.all")) == ("r.act.yaml", 1, 1)


def test_a_column_of_labels_is_a_strategy(good, load):
    strategy = load(good.replace("{model: local/tiny}", "{column: stage}")).recipe.annotator.strategy

    assert strategy.name == "column.v1"
    assert strategy.parameters == {"column": "stage"}


def test_parameters_are_typed_and_their_defaults_filled_in(good, load):
    assert load(good).recipe.budget.rule.parameters == {"beta": 20.0}
    assert load(good.replace("{name: exponential, beta: 20}", "sqrt")).recipe.budget.rule.parameters == {
        "floor": 0.0
    }


def test_a_parameter_that_python_reserves_keeps_its_name_in_the_recipe(good, load):
    recorded = "{name: recorded, as: second_opinion, source: m.csv, where: {model: m}, label: label}"

    strategy = load(good.replace("{model: local/other, strategy: cot}", f"{{strategy: {recorded}}}"))

    assert strategy.recipe.judge.strategy.parameters["as_"] == "second_opinion"
    assert strategy.recipe.judge.strategy.parameters["where"] == {"model": "m"}


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("[title, body]", {"title": "title", "body": "body"}),
        ("{t: title}", {"t": "title"}),
        ("{t: {text: title}}", {"t": "title"}),
        ("{t: {column: title, type: text}}", {"t": "title"}),
    ],
)
def test_shown_fields_may_be_short_or_long(good, load, written, shown):
    data = load(good.replace("[title, body]", written)).recipe.data

    assert {name: field.column for name, field in data.show.items()} == shown
    assert {field.type for field in data.show.values()} == {"text"}


def test_labels_are_words_whatever_they_look_like(good, load):
    words = ["yes", "no", "1", "1.10", "true", "null", "2026-11-23", "~"]
    labels = ", ".join(f"{word}: It is so." for word in words)

    task = load(
        good.replace("{price: What it costs., battery: How long a charge lasts.}", f"{{{labels}}}")
    ).recipe.task

    assert [label.name for label in task.definitions] == words


def test_x_keys_hold_what_is_shared(good, load):
    shared = "x-common: &common {model: local/tiny, temperature: 0.5}\n"

    recipe = load(shared + good.replace("{model: local/tiny}", "{<<: *common, max_tokens: 9}")).recipe

    assert (recipe.annotator.temperature, recipe.annotator.max_tokens) == (0.5, 9)


def test_null_is_not_given(good, load):
    assert (
        load(
            good.replace("gold: label", "gold: null, sample: ~, id2: ").replace(", id2: ", "")
        ).recipe.data.gold
        is None
    )


def test_reading_a_recipe_loads_no_heavy_package(tmp_path, good):
    path = tmp_path / "r.act.yaml"
    path.write_text(good)
    code = (
        "import sys; from pathlib import Path; from act_spec.recipe.load import load_recipe;"
        "from act_spec.recipe.advice import advise; advise(load_recipe(Path(sys.argv[1])));"
        "print([name for name in ('litellm', 'duckdb', 'scipy', 'torch') if name in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_a_file_is_known_by_its_path(tmp_path, good):
    path = tmp_path / "r.act.yaml"
    path.write_text(good)

    loaded = load_recipe(path)

    assert loaded.path == path
    assert loaded.places.at("name").file == str(path)
