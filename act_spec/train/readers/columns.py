"""Columns of a table as numbers: measured ones are scaled, named ones get a column a name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from act_spec.recipe.schema import Reading

_MOST_CATEGORIES = 50
_LEAST_REPEATS = 5
_MOST_CATEGORY_CHARS = 60
_FARTHEST = 10.0
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


@dataclass(frozen=True)
class Number:
    """A measured column: its mean over the items, and their standard deviation, by which it is scaled."""

    name: str
    mean: float
    spread: float

    @classmethod
    def of(cls, name: str, values: Sequence[Any]) -> Number:
        """
        Measure a column.

        Raises:
            ValueError: If a value is no number.
        """
        known = np.array([_number(name, value) for value in values if not absent(value)])
        if not known.size:
            return cls(name, 0.0, 1.0)
        spread = float(known.std())
        return cls(name, float(known.mean()), spread if spread > 0 else 1.0)

    def told(self) -> str:
        """What it is read as, for people."""
        return "number"

    def columns(self, values: Sequence[Any]) -> NDArray[np.float32]:
        """Shape (n, 2): the scaled value, at most 10 from 0, and whether it is missing; a missing one is 0."""
        made = np.zeros((len(values), 2), dtype=np.float32)
        for row, value in enumerate(values):
            if absent(value):
                made[row, 1] = 1
            else:
                scaled = (_number(self.name, value) - self.mean) / self.spread
                made[row, 0] = min(_FARTHEST, max(-_FARTHEST, scaled))
        return made


@dataclass(frozen=True)
class Category:
    """A column of names: those that items have, in order."""

    name: str
    values: tuple[str, ...]

    @classmethod
    def of(cls, name: str, values: Sequence[Any]) -> Category:
        """Every name that occurs, sorted."""
        return cls(name, tuple(sorted({str(value) for value in values if not absent(value)})))

    def told(self) -> str:
        """What it is read as, for people."""
        return f"one of {len(self.values)}"

    def columns(self, values: Sequence[Any]) -> NDArray[np.float32]:
        """Shape (n, K): one in the name's column; zeros where it is missing or unknown."""
        place = {value: number for number, value in enumerate(self.values)}
        made = np.zeros((len(values), len(self.values)), dtype=np.float32)
        for row, value in enumerate(values):
            if str(value) in place:
                made[row, place[str(value)]] = 1
        return made


def looks_like(values: Sequence[Any], *, alone: bool) -> Reading:
    """
    How a column is read where the recipe does not say.

    A column of numbers alone is a number. One of at most 50 short texts, each
    on average in five items or more, is a category, unless it is all that an
    item shows. Anything else is text. The limits are ours.
    """
    known = [value for value in values if not absent(value)]
    if not known or any(isinstance(value, list | dict) for value in known):
        return "text"
    if all(as_number(value) is not None for value in known):
        return "number"
    names = {str(value) for value in known}
    few = len(names) <= _MOST_CATEGORIES and len(known) >= _LEAST_REPEATS * len(names)
    return "category" if few and not alone and max(map(len, names)) <= _MOST_CATEGORY_CHARS else "text"


def absent(value: Any) -> bool:
    """Whether an item has nothing there."""
    return value is None or value == ""


def as_number(value: Any) -> float | None:
    """A finite number, or a text that is written like one; else None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value) if np.isfinite(value) else None
    text = str(value).strip()
    number = float(text) if _NUMBER.fullmatch(text) else None
    return number if number is not None and np.isfinite(number) else None


def _number(name: str, value: Any) -> float:
    number = as_number(value)
    if number is None:
        raise ValueError(f"train.features.{name}: '{value}' is not a number. Read it as category or text.")
    return number
