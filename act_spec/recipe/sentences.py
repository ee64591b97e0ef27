"""Pydantic's kinds of errors as sentences: what is wrong, and what to do."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from act_spec.errors import did_you_mean

Said = tuple[str, str]
"""What is wrong, and what to do."""
Context = Mapping[str, Any]


def sentence(kind: str, value: Any, context: Context, otherwise: str) -> Said:
    """
    The sentence for one kind of error.

    Args:
        kind: As pydantic names it, such as `int_parsing`.
        value: What stands there; quoted, shortened where it is long.
        context: The error's own details.
        otherwise: What pydantic says, for kinds that have no sentence here.
    """
    if value is None:
        return "there is a key and no value.", "Write the value, in quotes if it is the word null or ~."
    for pattern, say in _SENTENCES:
        if re.fullmatch(pattern, kind):
            return say(_quoted(value), context)
    return f"{_quoted(value)} does not fit: {otherwise}.", ""


def _quoted(value: Any) -> str:
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    text = str(value)
    return f"'{text}'" if len(text) <= 60 else f"'{text[:57]}…'"


def _choices(quoted: str, context: Context) -> Said:
    choices = re.findall(r"'([^']*)'", str(context.get("expected", "")))
    return f"{quoted} is not a choice here.", did_you_mean(quoted.strip("'"), choices)


def _bound(words: str, key: str) -> Callable[[str, Context], Said]:
    return lambda quoted, context: (f"{quoted} is out of range: it must be {words} {context[key]:g}.", "")


_SENTENCES: tuple[tuple[str, Callable[[str, Context], Said]], ...] = (
    (r"int_.*", lambda q, _: (f"{q} is not a whole number.", "Write digits alone.")),
    (r"float_.*|finite_number", lambda q, _: (f"{q} is not a number.", "Write a number such as 0.5.")),
    (r"bool_.*", lambda q, _: (f"{q} is neither true nor false.", "Write true or false.")),
    (r"literal_error|enum", _choices),
    (r"greater_than", _bound("above", "gt")),
    (r"greater_than_equal", _bound("at least", "ge")),
    (r"less_than", _bound("below", "lt")),
    (r"less_than_equal", _bound("at most", "le")),
    (
        r"string_type",
        lambda q, _: (f"expected a text, found {q}.", "Put a text with special signs in quotes."),
    ),
    (r"string_too_short", lambda _q, _: ("this is empty.", "Write at least one character.")),
    (r"string_too_long", lambda _q, c: (f"this is longer than {c['max_length']} characters.", "Shorten it.")),
    (
        r"string_pattern_mismatch",
        lambda q, c: (f"{q} is not of the form expected here.", f"It must match {c['pattern']}."),
    ),
    (r"too_short", lambda _q, _: ("this is empty.", "Name at least one.")),
    (r"(tuple|list)_type", lambda q, _: (f"expected a list, found {q}.", "Write [first, second].")),
    (
        r"(dict|mapping|model)(_attributes)?_type",
        lambda q, _: (f"expected a mapping of keys, found {q}.", "Write key: value."),
    ),
)
