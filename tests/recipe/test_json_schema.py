from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from act_spec.recipe.json_schema import DIALECT, recipe_json_schema

RECIPES = sorted((Path(__file__).parents[2] / "recipes").rglob("*.act.yaml"))

VARIANTS = [
    ("act: 1", "act: 1\nseed: 17"),
    ("act: 1", 'act: "1"\nseed: "17"'),
    ("act: 1", "act: 1\nx-note: [anything, {at: all}]\nreview: {simulate: gold}"),
    ("name: topics", "name: 2024"),
    ("{price: What it costs., battery: How long a charge lasts.}", "{2: One., true: Two., x: }"),
    ("{price: What it costs., battery: How long a charge lasts.}", "[1, yes, 1.10]"),
    ("price: What it costs.", "price: {definition: 12, costly: missed, examples: [{text: 9, why: x}]}"),
    ("gold: label", "gold: {column: label, map: {2: price, true: battery}}"),
    ("gold: label", "gold: null, where: {year: 2024}, send_to: [localhost], sample: 100"),
    ("[title, body]", "{t: title, b: {text: body}, c: {column: c, type: text}}"),
    ("{model: local/tiny}", "{column: stage}"),
    ("{model: local/tiny}", "{model: m/x, temperature: 0, max_tokens: '9', timeout_s: 1e1, price: null}"),
    ("strategy: cot", "strategy: cot.v1"),
    ("{name: exponential, beta: 20}", "{name: exponential.v1, beta: '20.5'}"),
    ("{name: exponential, beta: 20}", "sqrt"),
    ("12%", "12"),
    ("12%", "'12'"),
    ("kind: classification", "kind: multilabel.v1\n  none: allowed"),
    ("judge: {model: local/other, strategy: cot}", "judge: [{model: a/b}, {model: a/c}]\npilot: 60"),
    ("judge: {model: local/other, strategy: cot}", "judge: null\npilot: '60'"),
    ("strategy: cot", "strategy: cot, calibrate: isotonic"),
    ("{model: local/tiny}", "{strategy: panel, models: [a/b, {model: a/c, temperature: 0.5}]}"),
    ("12%", "auto, target: {accuracy: 0.95}"),
    ("12%", "auto, target: {accuracy: 95%, certainty: 90%}, batch: 50, at_most: 20%, fit_accuracy: 0%"),
    ("12%", "auto, target: {accuracy: '0.95'}"),
    ("reviews: 12%", "usd: 300, reviewer_usd_per_hour: 30, reviews: null"),
    ("reviews: 12%", "hours: 16"),
    ("12%", "$share"),
    ("{name: exponential, beta: 20}", "$rule"),
    ("beta: 20", "beta: $beta"),
    ("act: 1", "act: 1\nseed: $draw"),
    ("[title, body]", "$shown"),
    ("kind: classification", "kind: $kind"),
    ("act: 1", "act: 1\nexpect: [{item: 7, machine_label: price}, {item: 7, sent_to_review: 'yes'}]"),
    ("act: 1", "act: 1\nexpect: [{metric: auroc, equals: 0.65, within: '0.01'}]"),
    ("price: What it costs.", "price: {definition: It costs., renamed_from: cost}"),
    ("act: 1", "act: 1\nreview: {simulate: gold}\nmatrix: {vary: {seed: [5, '7']}, cap: each}"),
    ("local/tiny}", "local/tiny, mode: batch}"),
    ("local/tiny}", "local/tiny, concurrency: auto}"),
    ("local/tiny}", "local/tiny, concurrency: '64'}"),
    ("local/tiny}", "local/tiny, concurrency: null}"),
]
PARAMS = {"share": "12%", "rule": "sqrt", "beta": 20, "draw": 1, "shown": "[title]", "kind": "classification"}
REJECTED = [
    ("name: topics", "nmae: topics"),
    ("question:", "qestion:"),
    ("source:", "sorce:"),
    ("{model: local/tiny}", "{modl: local/tiny}"),
    ("beta: 20", "bta: 20"),
    ("{model: local/tiny}", "{model: local/tiny, concurrency: automatic}"),
    ("{model: local/tiny}", "{model: local/tiny, concurrency: 0}"),
    ("strategy: cot", "strategy: cott"),
    ("12%", "0.12"),
    ("12%", "12 percent"),
    ("kind: classification", "kind: clasification"),
    ("act: 1", "act: 2"),
    ("act: 1", "act: 1\nseed: seven"),
    ("{model: local/tiny}", "local/tiny"),
    ("[title, body]", "[]"),
    ("price: What it costs.", "price: {definitio: x}"),
    ("judge: {model: local/other, strategy: cot}", "judges: [{model: a/b}, {model: a/c}]\npilot: 60"),
    ("judge: {model: local/other, strategy: cot}", "judge: [{model: a/b}]\npilot: 60"),
    ("judge: {model: local/other, strategy: cot}", "judge: [{modl: a/b}, {model: a/c}]\npilot: 60"),
    ("act: 1", "act: 1\npilot: 5"),
    ("strategy: cot", "strategy: cot, calibrate: isotnic"),
    ("{model: local/tiny}", "{strategy: panel, models: [a/b, {modl: a/c}]}"),
    ("{model: local/tiny}", "{strategy: panel, models: [a/b]}"),
    ("12%", "atuo"),
    ("12%", "auto, target: {accuracy: 95}"),
    ("12%", "auto, target: {certainty: 95%}"),
    ("reviews: 12%, ", ""),
    ("act: 1", "act: 1\nexpect: [{item: 7, machine_lable: price}]"),
    ("act: 1", "act: 1\nreview: {simulate: gold}\nmatrix: {vry: {seed: [1]}}"),
    ("act: 1", "act: 1\nreview: {simulate: gold}\nmatrix: {repeat: {seed: many}}"),
    ("act: 1", "act: 1\nexpect: {metric: auroc, at_least: 1}"),
]


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    return Draft202012Validator(recipe_json_schema())


def typed(text: str) -> Any:
    """A recipe with YAML 1.2's own types, as an editor sees it."""
    return YAML(typ="safe", pure=True).load(text)


def test_the_schema_is_a_schema():
    schema = recipe_json_schema()

    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == DIALECT
    assert "prefixItems" not in str(schema)


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.name)
def test_every_shipped_recipe_is_accepted(validator, path):
    assert [error.message for error in validator.iter_errors(typed(path.read_text("utf-8")))] == []


@pytest.mark.parametrize(("old", "new"), VARIANTS)
def test_what_the_reader_takes_the_schema_takes(validator, good, load, old, new):
    assert old in good
    text = good.replace(old, new, 1)
    text += "".join(f"params: {{{name}: {value}}}\n" for name, value in PARAMS.items() if f"${name}" in new)

    load(text)
    assert [error.message for error in validator.iter_errors(typed(text))] == []


@pytest.mark.parametrize(("old", "new"), REJECTED)
def test_what_the_reader_refuses_for_its_form_the_schema_refuses(validator, good, faults, old, new):
    text = good.replace(old, new, 1)

    assert faults(text)
    assert not validator.is_valid(typed(text))


@pytest.mark.parametrize(
    "text",
    [
        "act: 1\nname: mine\nextends: base.act.yaml\n",
        "act: 1\nname: mine\nextends: base.act.yaml\ntask: {labels: {price: null}}\njudge: null\n",
        "act: 1\npartial: true\ntask: {question: Which?}\ndata: {show: [a]}\nbudget: {rule: {beta: 3}}\n",
        "act: 1\npartial: 'true'\nextends: base.act.yaml\n",
        "act: 1\npartial: true\nparams: {seed: null}\nseed: $seed\nbudget: {audit: $audit}\n",
    ],
)
def test_a_recipe_whose_rest_stands_elsewhere_is_accepted(validator, text):
    assert [error.message for error in validator.iter_errors(typed(text))] == []


@pytest.mark.parametrize(
    "more",
    ["seeed: 3", "data: {sorce: x}", "budget: {reviews: 0.12}", "budget: {rule: sqrtt}", "seed: $a-b"],
)
def test_what_stands_there_is_held_against_the_schema_all_the_same(validator, more):
    assert not validator.is_valid(typed(f"act: 1\nname: mine\nextends: base.act.yaml\n{more}\n"))


def test_every_key_says_what_it_is_for():
    schema = recipe_json_schema()
    sections = [schema, *(schema["$defs"][name] for name in ("Data", "Annotator", "Budget", "Review"))]

    silent = [
        name
        for section in sections
        for name, key in section["properties"].items()
        if "description" not in key
    ]

    assert silent == []
