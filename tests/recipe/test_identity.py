from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from act_spec.recipe.identity import recipe_identity
from act_spec.records import sha256

SAME = {
    "comment": ("name: topics", "# why\nname: topics  # this"),
    "quotes": ("name: topics", 'name: "topics"'),
    "block": ("annotator: {model: local/tiny}", "annotator:\n    model: local/tiny"),
    "default written out": ("{model: local/tiny}", "{model: local/tiny, strategy: direct, concurrency: 16}"),
    "version written out": ("strategy: cot", "strategy: {name: cot.v1}"),
    "share": ("12%", "12.0 %"),
    "gold": ("gold: label", "gold: {column: label}"),
    "show": ("[title, body]", "{title: title, body: {text: body}}"),
    "number": ("beta: 20", "beta: 20.0"),
    "order of keys": ("{name: exponential, beta: 20}", "{beta: 20, name: exponential}"),
    "empty section": ("act: 1", "act: 1\nreview: {}\nloss:\n"),
    "anchors": ("act: 1", "x-note: &n hello\nact: 1"),
    "expectations": ("act: 1", "act: 1\nexpect: [{metric: auroc, at_least: 0.8}]"),
    "silence": ("act: 1", "act: 1\nsilence: [no-cap]"),
    "loss": ("act: 1", "act: 1\nloss: {name: act.v1}"),
    "calibration": ("strategy: cot", "strategy: cot, calibrate: none"),
    "modality": ("  question", "  modality: text\n  question"),
}
OTHER = {
    "default strategy's parameter": ("beta: 20", "beta: 21"),
    "name of a label": ("price:", "cost:"),
    "order of labels": (
        "{price: What it costs., battery: How long a charge lasts.}",
        "{battery: How long a charge lasts., price: What it costs.}",
    ),
    "order of what is shown": ("[title, body]", "[body, title]"),
    "kind": ("classification", "multilabel"),
    "share": ("12%", "12"),
    "seed": ("act: 1", "act: 1\nseed: 1"),
    "pilot": ("act: 1", "act: 1\npilot: 60"),
    "candidates": (
        "{model: local/other, strategy: cot}",
        "[{model: local/other, strategy: cot}, {model: local/third}]\npilot: 60",
    ),
    "automatic": ("12%", "auto, target: {accuracy: 95%}"),
    "hours": ("reviews: 12%", "hours: 12"),
    "another loss": ("act: 1", "act: 1\nloss: cross_entropy"),
}


@pytest.mark.parametrize(("old", "new"), SAME.values(), ids=SAME.keys())
def test_formatting_does_not_change_the_identity(good, load, old, new):
    assert old in good

    assert recipe_identity(load(good.replace(old, new, 1)).recipe) == recipe_identity(load(good).recipe)


@pytest.mark.parametrize(("old", "new"), OTHER.values(), ids=OTHER.keys())
def test_another_meaning_is_another_identity(good, load, old, new):
    changed = load(good.replace(old, new, 1)).recipe

    assert sha256(recipe_identity(changed)) != sha256(recipe_identity(load(good).recipe))


def test_a_recipe_without_later_features_keeps_its_hash(good, load):
    known = "db2462582b7be28f5d16b1ee55c430d81b2a844c244010520661ac3f8e96d1be"

    assert sha256(recipe_identity(load(good).recipe)) == known


def test_a_target_s_accuracy_is_the_same_in_either_form(good, load):
    written = [f"auto, at_most: 50%, target: {{accuracy: {text}}}" for text in ("0.95", "95%")]

    first, second = (recipe_identity(load(good.replace("12%", text)).recipe) for text in written)

    assert first == second
    assert first["budget"]["reviews"] == "auto"
    assert "at_most" not in first["budget"]


def test_members_are_part_of_the_identity(good, load):
    written = "{strategy: panel, models: [a/b, {model: a/c, temperature: 0.5}]}"

    identity = recipe_identity(load(good.replace("{model: local/tiny}", written)).recipe)

    assert identity["annotator"]["models"] == [{"model": "a/b"}, {"model": "a/c", "temperature": 0.5}]


@given(order=st.permutations(range(7)))
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_sections_may_stand_in_any_order(good, load, order):
    lines = good.splitlines()
    blocks = [lines[0], lines[1], "\n".join(lines[2:7]), *lines[7:]]

    shuffled = "\n".join(blocks[index] for index in order)

    assert sha256(recipe_identity(load(shuffled).recipe)) == sha256(recipe_identity(load(good).recipe))
