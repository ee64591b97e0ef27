"""Where a quoted text stands in a longer one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, order=True, slots=True)
class Place:
    """Characters of a text: from `start`, up to but without `end`."""

    start: int
    end: int

    def overlaps(self, other: Place) -> bool:
        """Whether both have a character in common."""
        return self.start < other.end and other.start < self.end

    def nests(self, other: Place) -> bool:
        """Whether one lies within the other."""
        return (self.start <= other.start and other.end <= self.end) or (
            other.start <= self.start and self.end <= other.end
        )


@lru_cache(maxsize=256)
def tokens(text: str) -> tuple[Place, ...]:
    """The pieces between white space."""
    return tuple(Place(*found.span()) for found in re.finditer(r"\S+", text))


def occurrences(text: str, quoted: str) -> list[Place]:
    """Every place where a text is quoted: letter by letter, else whatever its case and white space."""
    words = quoted.split()
    if not words:
        return []
    exact = [Place(found.start(), found.start() + len(quoted)) for found in _all(re.escape(quoted), text)]
    if exact:
        return exact
    pattern = r"\s+".join(map(re.escape, words))
    return [Place(*found.span(1)) for found in _all(f"({pattern})", text, re.IGNORECASE)]


def nearest(places: Sequence[Place], start: int | None) -> Place:
    """Of at least one place, that which begins nearest; the first where no beginning is known."""
    return places[0] if start is None else min(places, key=lambda place: (abs(place.start - start), place))


def _all(pattern: str, text: str, flags: int = 0) -> list[re.Match[str]]:
    # Looking ahead finds occurrences that overlap, as of `aa` in `aaa`.
    return list(re.finditer(f"(?={pattern})", text, flags))
