"""The schema's objections, in our words: where, what, what to do."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic_core import ErrorDetails

from act_spec.errors import Problem, did_you_mean
from act_spec.recipe.known_keys import description, home, known_keys, role_path
from act_spec.recipe.nodes import KeyPath, Places
from act_spec.recipe.sentences import Said, sentence

_KEY_WORDS = {"api_key", "key", "apikey", "token", "password", "secret"}
_OWN_FIELD = re.compile(r"(\w+): (.+)", re.DOTALL)


def complain(errors: Sequence[ErrorDetails], values: Mapping[str, Any], places: Places) -> list[Problem]:
    """
    Pydantic's errors as problems with places.

    A key that is missing because it is misspelt is one fault, and so is a
    value that fits no branch of a union.

    Args:
        errors: Their `loc` leads from the top of the recipe.
        values: The recipe that was checked.
        places: Where its parts stand.
    """
    misspelt = {_intended(error, values) for error in errors if error["type"] == "extra_forbidden"}
    problems: dict[tuple[str, ...], Problem] = {}
    for error in errors:
        path = tuple(error["loc"])
        if error["type"] == "missing" and path in misspelt:
            continue
        problem = _problem(error, path, values, places)
        about = error["type"] if error["type"] in ("missing", "extra_forbidden") else ""
        problems.setdefault((problem.path, about, str(problem.line), str(problem.column)), problem)
    return list(problems.values())


def _problem(error: ErrorDetails, path: KeyPath, values: Mapping[str, Any], places: Places) -> Problem:
    kind = error["type"]
    message, hint = _say(error, path, values)
    if kind == "value_error" and (own := _OWN_FIELD.fullmatch(message)):
        field = (*path, own[1])
        if places.nearest(field) == field:
            path, message = field, own[2]
    place = places.key(path) if kind in ("missing", "extra_forbidden") else places.at(path)
    return Problem(*place, places.as_written(path), message, hint)


def _say(error: ErrorDetails, path: KeyPath, values: Mapping[str, Any]) -> Said:
    kind, context = error["type"], error.get("ctx") or {}
    if kind == "fault":
        return context["message"], context["hint"]
    if kind == "value_error":
        return str(context["error"]), ""
    if kind == "missing":
        return f"'{path[-1]}' is missing.", description(path, values)
    if kind == "extra_forbidden":
        return _unknown_key(path, values)
    said = sentence(kind, error["input"], context, error["msg"])
    if path in _ROLES and isinstance(error["input"], str) and error["input"]:
        return said[0], f"Write {_in_role(error['input'])}."
    return said


_ROLES = (("annotator",), ("judge",))


def _in_role(word: str) -> str:
    """Where a model's or a strategy's name belongs that stands in the place of the whole role."""
    return f"{{model: {word}}}" if "/" in word or "-" in word else f"{{model: …, strategy: {word}}}"


def _unknown_key(path: KeyPath, values: Mapping[str, Any]) -> Said:
    name = str(path[-1])
    message = f"there is no key '{name}' here."
    if name.lower() in _KEY_WORDS and role_path(path)[0] in ("annotator", "judge"):
        return message, "Keys never stand in a recipe; api_key_env names the variable that holds it."
    known = known_keys(path[:-1], values)
    hint = did_you_mean(name, known)
    if not hint.startswith("Did you mean"):
        section = home(name)
        hint = f"It belongs under '{section}'." if section and (section,) != path[:-1] else hint
        hint = "It belongs at the top level of the recipe." if name in known_keys((), values) else hint
    return message, hint


def _intended(error: ErrorDetails, values: Mapping[str, Any]) -> KeyPath:
    """The path that a misspelt key was meant for; itself where nothing is near."""
    path = tuple(error["loc"])
    near = re.fullmatch(r"Did you mean '(.+)'\?", _unknown_key(path, values)[1])
    return (*path[:-1], near[1]) if near else path
