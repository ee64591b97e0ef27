"""
Sees at a glance that a value meets a plain schema, for the replies that do.

A whole validator takes longer for it than all else that becomes of a reply.
Where this one is not sure it says no, and the validator has the word.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Check = Callable[[Any], bool]

# What says nothing of the value, beside what is checked here.
_SAYS_NOTHING = frozenset({"title", "description", "type"})


def quick_check(schema: Mapping[str, Any]) -> Check:
    """A check that is True only where the value meets the schema."""
    kind = schema.get("type")
    made = _BY_TYPE.get(kind) if isinstance(kind, str) else None
    check, keywords = (None, frozenset[str]()) if made is None else made
    if check is None or not schema.keys() <= keywords | _SAYS_NOTHING:
        return _not_sure
    return check(schema)


def _not_sure(_: Any) -> bool:
    return False


def _text(schema: Mapping[str, Any]) -> Check:
    if "enum" not in schema:
        return lambda value: type(value) is str
    allowed = frozenset(one for one in schema["enum"] if isinstance(one, str))
    return lambda value: type(value) is str and value in allowed


def _number(schema: Mapping[str, Any]) -> Check:
    low, high = schema.get("minimum", float("-inf")), schema.get("maximum", float("inf"))
    return lambda value: type(value) in {int, float} and low <= value <= high


def _integer(schema: Mapping[str, Any]) -> Check:
    in_range = _number(schema)
    return lambda value: type(value) is int and in_range(value)


def _truth(_: Mapping[str, Any]) -> Check:
    return lambda value: type(value) is bool


def _array(schema: Mapping[str, Any]) -> Check:
    each = quick_check(schema.get("items", {}))
    least, most = schema.get("minItems", 0), schema.get("maxItems", float("inf"))
    return lambda value: type(value) is list and least <= len(value) <= most and all(map(each, value))


def _object(schema: Mapping[str, Any]) -> Check:
    checks = {name: quick_check(part) for name, part in schema.get("properties", {}).items()}
    required = schema.get("required", ())

    def check(value: Any) -> bool:
        if type(value) is not dict or any(name not in value for name in required):
            return False
        return all(name in checks and checks[name](part) for name, part in value.items())

    return check


_BY_TYPE: Mapping[str, tuple[Callable[[Mapping[str, Any]], Check], frozenset[str]]] = {
    "string": (_text, frozenset({"enum"})),
    "number": (_number, frozenset({"minimum", "maximum"})),
    "integer": (_integer, frozenset({"minimum", "maximum"})),
    "boolean": (_truth, frozenset()),
    "array": (_array, frozenset({"items", "minItems", "maxItems"})),
    "object": (_object, frozenset({"properties", "required", "additionalProperties"})),
}
