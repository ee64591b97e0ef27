"""Values of recorded columns, read with the same strictness wherever they come from."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import isfinite
from typing import Any, TypeVar

from act_spec.records import Task

_Read = TypeVar("_Read")


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


def each_once(values: Iterable[Any], read: Callable[[Any], _Read]) -> list[_Read]:
    """What `read` makes of every value, asked once for each that differs; they must be hashable."""
    listed = list(values)
    made = {value: read(value) for value in set(listed)}
    return [made[value] for value in listed]
