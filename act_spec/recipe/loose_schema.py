"""
JSON Schemas as lenient as the reader: YAML's types do not matter to it.

An editor sees `seed: 17` as a number and `seed: "17"` as text, and a label
named `1` as a number; all of them are recipes.
"""

from __future__ import annotations

from typing import Any

SCALAR: dict[str, Any] = {"type": ["string", "number", "boolean"]}
NULL: dict[str, Any] = {"type": "null"}
_AS_TEXT = {
    "integer": r"^\s*[-+]?\d+(\.0*)?\s*$",
    "number": r"^\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*$",
    "boolean": r"^(?i:true|false|yes|no|on|off|t|f|y|n|1|0)$",
}


def loosened(schema: dict[str, Any]) -> dict[str, Any]:
    """
    A schema that also takes scalars of the other YAML types, and null for a key that may be left out.

    Percentages stay text: `0.12` is no share, in whatever type.
    """
    made = {key: _value(key, value, schema) for key, value in schema.items() if key != "title"}
    kind = made.get("type")
    if kind == "string" and "%" not in made.get("pattern", "") and "enum" not in made:
        return {**made, **SCALAR}
    if kind in _AS_TEXT:
        described: dict[str, Any] = {key: made.pop(key) for key in ("description", "default") if key in made}
        return {**described, "anyOf": [made, {"type": "string", "pattern": _pattern(kind)}]}
    return made


def _pattern(kind: str) -> str:
    return _AS_TEXT[kind].replace("(?i:", "(").replace("true|false", "[Tt]rue|[Ff]alse|TRUE|FALSE")


def _value(key: str, value: Any, parent: dict[str, Any]) -> Any:
    if key == "properties":
        required = parent.get("required", ())
        return {
            name: loosened(inner) if name in required else _or_null(loosened(inner))
            for name, inner in value.items()
        }
    if key == "$defs":
        return {name: loosened(inner) for name, inner in value.items()}
    if key in ("items", "additionalProperties", "propertyNames") and isinstance(value, dict):
        return loosened(value)
    if key in ("anyOf", "oneOf", "allOf"):
        return [loosened(inner) for inner in value]
    return value


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    if NULL in schema.get("anyOf", ()):
        return schema
    described: dict[str, Any] = {key: schema[key] for key in ("description", "default") if key in schema}
    rest = {key: value for key, value in schema.items() if key not in described}
    return {**described, "anyOf": [rest, NULL]}


_PARAMETER: dict[str, Any] = {"type": "string", "pattern": r"^\$[A-Za-z_][A-Za-z0-9_]*$"}
_HOLD_VALUES = ("properties", "additionalProperties", "items")
_HOLD_SCHEMAS = ("anyOf", "oneOf", "allOf")


def with_parameter(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema that takes `$name` as well."""
    kinds = schema.get("type", ())
    free = "string" in (kinds if isinstance(kinds, list) else [kinds])
    if (free and not schema.keys() & {"pattern", "enum"}) or not schema.keys() - {"description"}:
        return schema
    described: dict[str, Any] = {key: schema[key] for key in ("description", "default") if key in schema}
    rest = {key: value for key, value in schema.items() if key not in described}
    choices = rest["anyOf"] if rest.keys() == {"anyOf"} else [rest]
    return {**described, "anyOf": [*choices, _PARAMETER]}


def with_parameters(schema: Any) -> Any:
    """A schema whose values, at every depth, may be `$name`."""
    if not isinstance(schema, dict):
        return schema
    made = dict(schema)
    for key in _HOLD_VALUES:
        if key == "properties" and key in made:
            made[key] = {name: with_parameter(with_parameters(one)) for name, one in made[key].items()}
        elif isinstance(made.get(key), dict):
            made[key] = with_parameter(with_parameters(made[key]))
    for key in _HOLD_SCHEMAS:
        if key in made:
            made[key] = [with_parameters(one) for one in made[key]]
    if "then" in made:
        made["then"] = with_parameters(made["then"])
    return made


def part(schema: Any, prefix: str) -> Any:
    """
    The same for a recipe that lacks its rest: nothing is required, definitions have another prefix.

    What is asked in an `if` stays.
    """
    if isinstance(schema, list):
        return [part(one, prefix) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: value if key == "if" else part(value, prefix) for key, value in schema.items()}
    if isinstance(schema.get("required"), list):
        del made["required"]
    if isinstance(schema.get("$ref"), str):
        made["$ref"] = schema["$ref"].replace("#/$defs/", f"#/$defs/{prefix}")
    return made
