"""Values of recorded columns, read with the same strictness wherever they come from."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import isfinite
from typing import Any, TypeVar

from act_spec.records import Task

_Read = TypeVar("_Read")
_LONGEST = 40
"""Characters of a cell that a reason quotes."""


def recorded_label(value: Any, task: Task) -> str | None:
    """The label in a cell, in canonical text; None if the cell is empty or holds no label of the task."""
    if value is None or value != value:  # noqa: PLR0124 - NaN is how a data frame wrote a missing value
        return None
    if isinstance(value, float) and value.is_integer():
        # A column of whole numbers with a gap in it is stored as 1.0, 2.0, …
        value = int(value)
    try:
        return task.parse(value)
    except ValueError:
        return None


def recorded_probability(value: Any) -> float | None:
    """The number in a cell; None if it is missing, not a number, or outside [0, 1]."""
    if value is None or isinstance(value, bool):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if isfinite(number) and 0 <= number <= 1 else None


def why_no_label(value: Any) -> str | None:
    """Why `recorded_label` finds none in a cell, as far as the cell itself tells."""
    if value in (None, "") or value != value:  # noqa: PLR0124 - as above
        return "no label is recorded"
    return f"'{_brief(value)}' is no label of the task"


def why_no_probability(value: Any) -> str | None:
    """Why `recorded_probability` finds none in a cell; None if it does."""
    if recorded_probability(value) is not None:
        return None
    return "no value is recorded" if value is None else f"'{_brief(value)}' is no number from 0 to 1"


def _brief(value: Any) -> str:
    text = str(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def each_once(values: Iterable[Any], read: Callable[[Any], _Read]) -> list[_Read]:
    """What `read` makes of every value, asked once for each that differs; they must be hashable."""
    listed = list(values)
    made = {value: read(value) for value in set(listed)}
    return [made[value] for value in listed]
