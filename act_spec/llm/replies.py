"""A model's text becomes a checked value here, or a reason that the model can act on."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from typing import Any, NoReturn

from act_spec.llm.quick_check import quick_check
from act_spec.once import OncePer
from act_spec.records import FREE_TEXT, canonical_json

_NUMBER = re.compile(r"[-+]?\d+(\.\d+)?([eE][-+]?\d+)?")
_LONGEST_REASON = 300


def read_reply(text: str, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """
    The JSON object in a model's reply, checked against the schema.

    Code fences, prose around the object and reasoning in `<think>` tags are
    passed over. An enum's value may differ in case and outer space, and a
    number may stand in quotes; all else must be as the schema says.

    Where plain text was asked for, the value is `{"text": …}`.

    Raises:
        ValueError: With the reason, one sentence for the model to act on.
    """
    if schema == FREE_TEXT:
        return {"text": text}
    value = forgive(_first_object(text.rpartition("</think>")[2]), schema)
    fault = None if _quick_check(schema)(value) else _worst_fault(value, schema)
    if fault is not None:
        where = fault.json_path.removeprefix("$").removeprefix(".")
        reason = f"{where}: {fault.message}" if where else str(fault.message)
        raise ValueError(f"{_shortened(reason)}.")
    return dict(value)


def _first_object(text: str) -> dict[str, Any]:
    decoder = json.JSONDecoder(parse_constant=_no_constant)
    start = text.find("{")
    if start < 0:
        raise ValueError("The reply holds no JSON object.")
    while start >= 0:
        try:
            found, _ = decoder.raw_decode(text, start)
        except json.JSONDecodeError as error:
            if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string"):
                raise ValueError("The JSON object is not closed.") from None
            start = text.find("{", start + 1)
        except RecursionError:
            raise ValueError("The JSON object is nested too deeply.") from None
        else:
            return dict(found)
    raise ValueError("The reply holds no valid JSON object.")


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number.")


def forgive(value: Any, schema: Mapping[str, Any]) -> Any:
    """The value with slips of form mended wherever the schema leaves one reading only."""
    if "enum" in schema:
        return _in_enum(value, schema["enum"])
    if "anyOf" in schema:
        return _in_union(value, schema["anyOf"])
    if isinstance(value, dict):
        properties = schema.get("properties", {})
        return {name: forgive(part, properties.get(name, {})) for name, part in value.items()}
    if isinstance(value, list):
        return [forgive(part, schema.get("items", {})) for part in value]
    if isinstance(value, str) and _wants_number(schema):
        return _as_number(value)
    return value


def _in_enum(value: Any, allowed: list[Any]) -> Any:
    if value in allowed or value is None or isinstance(value, dict | list):
        return value
    written = value if isinstance(value, str) else json.dumps(value)
    plain = written.strip().casefold()
    near = [one for one in allowed if isinstance(one, str) and one.strip().casefold() == plain]
    return near[0] if len(near) == 1 else value


def _in_union(value: Any, choices: list[Mapping[str, Any]]) -> Any:
    for choice in choices:
        mended = forgive(value, choice)
        validator, _ = _compiled(canonical_json(choice))
        if validator.is_valid(mended):
            return mended
    return value


def _wants_number(schema: Mapping[str, Any]) -> bool:
    kinds = schema.get("type", ())
    kinds = {kinds} if isinstance(kinds, str) else set(kinds)
    return bool(kinds & {"number", "integer"}) and "string" not in kinds


def _as_number(text: str) -> Any:
    number = text.strip()
    if _NUMBER.fullmatch(number):
        with suppress(ValueError):
            return json.loads(number.removeprefix("+"))
    return text


_quick_check = OncePer(quick_check)


def _worst_fault(value: Any, schema: Mapping[str, Any]) -> Any:
    validator, best_match = _compiled(canonical_json(schema))
    return best_match(validator.iter_errors(value))


@lru_cache(maxsize=256)
def _compiled(schema: str) -> tuple[Any, Any]:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    return Draft202012Validator(json.loads(schema)), best_match


def _shortened(reason: str) -> str:
    return reason if len(reason) <= _LONGEST_REASON else f"{reason[:_LONGEST_REASON]}…"
