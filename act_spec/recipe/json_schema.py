"""The recipe language as JSON Schema, for editors that check while one types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from act_spec import registry
from act_spec.recipe.known_keys import STRATEGIES
from act_spec.recipe.loose_schema import NULL, SCALAR, loosened, part, with_parameter, with_parameters
from act_spec.recipe.schema import Recipe

Schema = dict[str, Any]
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def recipe_json_schema() -> Schema:
    """
    JSON Schema (draft 2020-12) of a recipe, with the task kinds and strategies that are there.

    It accepts every recipe that the program accepts, however its numbers are
    quoted. It cannot see faults between sections, which `act-spec check` does.
    """
    models = _models()
    names, top = models_json_schema(
        [(model, "validation") for model in models], ref_template="#/$defs/{model}"
    )
    definitions = {name: loosened(made) for name, made in top["$defs"].items()}
    definition_of = {
        model: definitions[names[model, "validation"]["$ref"].rpartition("/")[2]] for model in models
    }
    _write_short_forms(definitions, definition_of)
    recipe = definition_of[Recipe]
    recipe["properties"]["params"] = _params(recipe["properties"]["params"])
    recipe["patternProperties"] = {"^x-": {"description": "Ignored: a place for anchors."}}
    used = {name: with_parameters(made) for name, made in definitions.items() if name not in _UNUSED}
    # What says who decides the form stands in the recipe itself, and is no parameter.
    recipe["properties"] = {
        key: value if key in _APART else with_parameter(with_parameters(value))
        for key, value in recipe["properties"].items()
    }
    parts = {f"{_PART}{name}": part(made, _PART) for name, made in used.items()}
    lacks = {**part(recipe, _PART), "required": ["act"]}
    return {
        "$schema": DIALECT,
        "title": "act_spec recipe",
        "type": "object",
        "required": ["act"],
        "properties": {key: _hint(value) for key, value in recipe["properties"].items()},
        "if": {"anyOf": [{"required": ["extends"]}, {"required": ["partial"]}]},
        "then": lacks,
        "else": recipe,
        "$defs": used | parts,
    }


_UNUSED = {"Recipe", "Strategy", "TaskKind"}
_APART = {"act", "extends", "partial", "params", "matrix"}
_PART = "Part_"


def _hint(value: Schema) -> Schema:
    """A key with what it is for, where its form depends on the rest."""
    return {key: value[key] for key in ("description",) if key in value}


def _params(old: Schema) -> Schema:
    """Whatever a recipe can hold, under names that `$name` can have."""
    names = {"pattern": "^[A-Za-z_][A-Za-z0-9_]*$"}
    return _described(old, _optional({"type": "object", "propertyNames": names}))


def _entries(kind: str) -> list[registry.Entry]:
    """Every version of every building block of a kind."""
    newest = [registry.find(kind, name) for name in registry.names(kind)]
    return [
        registry.find(kind, f"{entry.name}.v{version}")
        for entry in newest
        for version in range(1, entry.version + 1)
    ]


def _model_of(entry: registry.Entry) -> type[BaseModel]:
    return cast("type[BaseModel]", entry.build) if entry.kind == "task" else registry.parameters(entry)


def _models() -> list[type[BaseModel]]:
    kinds = ("task", *STRATEGIES.values())
    return [Recipe, *(_model_of(entry) for kind in kinds for entry in _entries(kind))]


def _words(entry: registry.Entry) -> list[str]:
    """How a recipe may name it; the name alone means the newest."""
    newest = registry.find(entry.kind, entry.name)
    return [entry.full_name, entry.name] if entry == newest else [entry.full_name]


def _write_short_forms(definitions: Mapping[str, Schema], definition_of: Mapping[Any, Schema]) -> None:
    for entry in _entries("task"):
        properties = definition_of[entry.build]["properties"]
        if "labels" in properties:
            properties["labels"] = _labels(properties["labels"])
    recipe = definition_of[Recipe]["properties"]
    recipe["task"] = _chosen("task", "kind", definition_of)
    recipe["loss"] = _optional(_strategy("loss", definition_of))
    for name, field in Recipe.model_fields.items():
        recipe[name]["description"] = field.description
    annotator, judge = definitions["Annotator"]["properties"], definitions["Judge"]["properties"]
    annotator["strategy"] = _optional(_strategy("annotator", definition_of))
    annotator["column"] = _optional({**SCALAR, "description": "Column of the data that holds the labels."})
    judge["strategy"] = _optional(_strategy("judge", definition_of))
    for role in (annotator, judge):
        role["models"] = _optional(_described(role["models"], _several("Member", SCALAR)))
    recipe["judge"] = _either(recipe["judge"], _several("Judge"))
    del recipe["judges"]
    budget = definitions["Budget"]
    budget["properties"]["rule"] = _optional(_strategy("allocator", definition_of))
    budget["anyOf"] = [{"required": [measure]} for measure in ("reviews", "usd", "hours")]
    definitions["Train"]["properties"]["learner"] = _optional(_strategy("learner", definition_of))
    definitions["Rounds"]["properties"]["select"] = _optional(_strategy("selector", definition_of))
    guideline = definitions["Guideline"]["properties"]
    guideline["writer"] = _either(guideline["writer"], SCALAR)
    review = definitions["Review"]["properties"]
    review["quality"] = _either(review["quality"], definitions["Quality"]["properties"]["use"])
    told = definitions["BlindSpots"]["properties"]
    told["teacher"] = _either(told["teacher"], SCALAR)
    data = definitions["Data"]["properties"]
    data["gold"] = _either(data["gold"], SCALAR)
    data["show"] = _show(data["show"], definitions["ShownField"])


def _described(old: Schema, new: Schema) -> Schema:
    return {**new, "description": old["description"]} if "description" in old else new


def _either(old: Schema, *others: Schema) -> Schema:
    return _described(old, {"anyOf": [old, *others]})


def _optional(schema: Schema) -> Schema:
    return _either(schema, NULL)


def _several(definition: str, *others: Schema) -> Schema:
    """A list of at least two."""
    return {"type": "array", "items": {"anyOf": [{"$ref": f"#/$defs/{definition}"}, *others]}, "minItems": 2}


def _chosen(kind: str, key: str, definition_of: Mapping[Any, Schema]) -> Schema:
    """A mapping whose other keys depend on the name under one key."""
    cases = []
    for entry in _entries(kind):
        words = _words(entry)
        made = definition_of[_model_of(entry)]
        properties = {**made["properties"], key: {"enum": words}}
        when = {"properties": {key: {"enum": words}}, "required": [key]}
        cases.append({"if": when, "then": {**made, "properties": properties}})
    known = [word for entry in _entries(kind) for word in _words(entry)]
    return {"type": "object", "required": [key], "properties": {key: {"enum": known}}, "allOf": cases}


def _strategy(kind: str, definition_of: Mapping[Any, Schema]) -> Schema:
    known = [word for entry in _entries(kind) for word in _words(entry)]
    return {
        "description": "A name, or a mapping of name and parameters.",
        "anyOf": [{"enum": known}, _chosen(kind, "name", definition_of)],
    }


def _show(old: Schema, field: Schema) -> Schema:
    modalities = registry.names("content")
    properties = {
        **field["properties"],
        "type": {"enum": modalities},
        **{modality: {**SCALAR, "description": f"Column of {modality}."} for modality in modalities},
    }
    typed = {"type": "object", "properties": properties, "additionalProperties": False, "minProperties": 1}
    listed = {"type": "array", "items": SCALAR, "minItems": 1}
    named = {"type": "object", "additionalProperties": {"anyOf": [SCALAR, typed]}, "minProperties": 1}
    return _described(old, {"anyOf": [listed, named]})


def _labels(old: Schema) -> Schema:
    listed = {"type": "array", "items": SCALAR}
    named = {
        "type": "object",
        "additionalProperties": {"anyOf": [SCALAR, NULL, {"$ref": "#/$defs/LabelSpec"}]},
    }
    return _described(old, {"anyOf": [listed, named, {"type": "string", "pattern": r"\.[cC][sS][vV]$"}]})
