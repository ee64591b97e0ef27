from __future__ import annotations

import pytest

ONE = "{model: local/tiny}"

BROKEN = {
    "models for a strategy that asks one": (
        "{models: [a/b, a/c]}",
        "9:21: annotator.models",
        ["'direct' asks one model", "panel"],
    ),
    "model and models": (
        "{model: a/b, models: [a/b, a/c]}",
        "9:33: annotator.models",
        ["'direct' asks one model"],
    ),
    "model for a panel": (
        "{strategy: panel, model: a/b}",
        "9:37: annotator.model",
        ["'panel' asks several models", "models: [first, second]"],
    ),
    "both for a panel": (
        "{strategy: panel, models: [a/b, a/c], model: a/b}",
        "9:57: annotator.model",
        ["'model' names one"],
    ),
    "nobody for a panel": ("{strategy: panel}", "9:1: annotator.models", ["none is named"]),
    "panel of one": ("{strategy: panel, models: [a/b]}", "9:38: annotator.models", ["at least two"]),
    "same model twice": (
        "{strategy: panel, models: [a/b, a/c, {model: a/b, temperature: 1}]}",
        "9:49: annotator.models",
        ["'a/b' stands twice"],
    ),
    "one word": ("{strategy: panel, models: a/b}", "9:38: annotator.models", ["expected a list"]),
    "list of models as model": (
        "{model: [a/b, a/c]}",
        "9:20: annotator.model",
        ["'model' names one model", "models: [first, second]"],
    ),
    "member without a model": (
        "{strategy: panel, models: [a/b, {temperature: 1}]}",
        "9:44: annotator.models.model",
        ["'model' is missing"],
    ),
    "misspelt key of a member": (
        "{strategy: panel, models: [a/b, {model: a/c, temprature: 1}]}",
        "9:57: annotator.models.temprature",
        ["mean 'temperature'"],
    ),
    "setting of the role in a member": (
        "{strategy: panel, models: [a/b, {model: a/c, max_tokens: 9}]}",
        "9:57: annotator.models.max_tokens",
        ["no key 'max_tokens'"],
    ),
    "address of a member": (
        "{strategy: panel, models: [a/b, {model: a/c, api_base: localhost}]}",
        "9:67: annotator.models.api_base",
        ["http://"],
    ),
    "key of a member": (
        "{strategy: panel, models: [a/b, {model: a/c, api_key_env: My key}]}",
        "9:70: annotator.models.api_key_env",
        ["not the name of an environment variable"],
    ),
    "temperature of a member": (
        "{strategy: panel, models: [a/b, {model: a/c, temperature: 3}]}",
        "9:70: annotator.models.temperature",
        ["at most 2"],
    ),
    "models for a column": (
        "{column: stage, models: [a/b, a/c]}",
        "9:36: annotator.models",
        ["asks no model", "Leave out 'models'"],
    ),
}


@pytest.mark.parametrize(("new", "place", "words"), BROKEN.values(), ids=BROKEN.keys())
def test_models_that_do_not_fit_are_named_where_they_stand(good, faults, new, place, words):
    found = faults(good.replace(ONE, new, 1))

    assert len(found) == 1, [str(problem) for problem in found]
    assert str(found[0]).startswith(f"r.act.yaml:{place}: ")
    for word in words:
        assert word in str(found[0])


def test_members_are_names_or_mappings(good, load):
    price = "price: {input_usd_per_million: 1, output_usd_per_million: 2}"
    written = (
        f"[a/b, {{model: a/c, temperature: 0.5, api_base: http://localhost:1/v1, api_key_env: K, {price}}}]"
    )

    first, second = load(good.replace(ONE, f"{{strategy: panel, models: {written}}}")).recipe.annotator.models

    assert (first.model, first.temperature, first.price) == ("a/b", None, None)
    assert (second.model, second.temperature, second.api_base) == ("a/c", 0.5, "http://localhost:1/v1")
    assert (second.api_key_env, second.price.output_usd_per_million) == ("K", 2)


def test_other_settings_come_from_the_role(good, load):
    written = "{strategy: panel, models: [a/b, a/c], temperature: 0.7, max_tokens: 50}"

    annotator = load(good.replace(ONE, written)).recipe.annotator

    assert annotator.model is None
    assert (annotator.temperature, annotator.max_tokens) == (0.7, 50)
