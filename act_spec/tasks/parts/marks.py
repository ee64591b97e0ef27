"""Passages that a reply marks in a text: read, checked against it, and mended where the repair is certain."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from act_spec.tasks.parts.places import Place, nearest, occurrences, tokens
from act_spec.tasks.parts.reading import LeftOutError, Reading

_LABEL_KEYS = ("label", "type")


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A passage: from character `start` up to but without `end`, its label, and its words."""

    start: int
    end: int
    label: str
    text: str = field(compare=False, default="")

    def as_json(self) -> dict[str, Any]:
        """As a canonical label holds it."""
        return {"start": self.start, "end": self.end, "label": self.label, "text": self.text}

    @property
    def place(self) -> Place:
        """Its characters."""
        return Place(self.start, self.end)

    def __str__(self) -> str:
        """As people read and write it."""
        return f"{self.text} @ {self.start} [{self.label}]"


@lru_cache(maxsize=4096)
def marks_of(label: str) -> tuple[Mark, ...]:
    """The passages of a canonical label, in the order of the text."""
    return tuple(Mark(one["start"], one["end"], one["label"], one["text"]) for one in json.loads(label))


@dataclass
class Marking(Reading[Mark]):
    """What a list of passages amounts to."""

    @classmethod
    def of(
        cls,
        value: Sequence[Any],
        *,
        said: str | None,
        known: Callable[[str], str],
        overlap: str,
        counted: str,
        trust: str,
    ) -> Marking:
        """
        Read passages, one after the other.

        Args:
            value: Each a mapping of label (or type), text, start and perhaps
                end, or a list of text, label, start and end.
            said: The text; None where it is not known, and places are believed.
            known: The label of a name; raises ValueError where there is none.
            overlap: `refused`, `nested` or `allowed`; of two that may not be
                together the longer is taken, or else the first.
            counted: What places count: `characters` or `tokens`. A mapping with
                an end counts characters, as canonical labels do.
            trust: `text` or `places`, where the two do not agree.
        """
        made = cls()
        for one in value:
            try:
                made.take(*_Reader(one, said, known, counted, trust).mark(made.taken))
            except LeftOutError as why:
                made.leave_out(why)
        made._settle_overlaps(overlap)
        return made

    def _settle_overlaps(self, overlap: str) -> None:
        if overlap == "allowed":
            return
        kept: list[Mark] = []
        for mark in sorted(self.taken, key=lambda one: (one.start - one.end, self.taken.index(one))):
            met = [one for one in kept if one.place.overlaps(mark.place)]
            if all(overlap == "nested" and one.place.nests(mark.place) for one in met):
                kept.append(mark)
            else:
                fault = f"'{mark}' overlaps '{met[0]}', which is not allowed."
                self.leave_out(LeftOutError("overlapping", fault))
        self.taken = [mark for mark in self.taken if mark in kept]


@dataclass(frozen=True)
class _Reader:
    """One passage as a reply gives it."""

    given: Any
    said: str | None
    known: Callable[[str], str]
    counted: str
    trust: str

    def mark(self, taken: Sequence[Mark]) -> tuple[Mark, str]:
        """The passage, and how it was mended, if it was."""
        label, text, start, end = self._read()
        if self.said is None:
            return self._believed(label, text, start, end), ""
        place = self._place(start, end, text)
        if place is not None:
            there = self.said[place.start : place.end]
            if there == text or not text:
                return Mark(place.start, place.end, label, there), ""
            if self.trust == "places":
                return Mark(place.start, place.end, label, there), "misquoted"
        found = occurrences(self.said, text)
        if not found:
            raise LeftOutError("not_in_text", f"'{text[:80]}' does not stand in the text.")
        if start is None:
            free = [one for one in found if Mark(one.start, one.end, label) not in taken]
            found = free or found
        near = nearest(found, self._first_character(start))
        words = self.said[near.start : near.end]
        asked = start is not None or words != text
        return Mark(near.start, near.end, label, words), "relocated" if asked else ""

    def _read(self) -> tuple[str, str, int | None, int | None]:
        if isinstance(self.given, Mapping):
            name = next((self.given[key] for key in _LABEL_KEYS if key in self.given), None)
            values = (self.given.get("text"), name, self.given.get("start"), self.given.get("end"))
        elif isinstance(self.given, list | tuple) and 2 <= len(self.given) <= 4:
            values = (*self.given, None, None)[:4]
        else:
            raise LeftOutError(
                "malformed", f"'{str(self.given)[:80]}' is not a passage with label, text and start."
            )
        text, name, start, end = values
        if not isinstance(text, str) or not isinstance(name, str):
            raise LeftOutError("malformed", f"'{str(self.given)[:80]}' lacks its words or its label.")
        if any(not isinstance(one, int) or isinstance(one, bool) for one in (start, end) if one is not None):
            raise LeftOutError("malformed", f"'{str(self.given)[:80]}' has a place that is no whole number.")
        try:
            return self.known(name), text, start, end
        except ValueError as error:
            raise LeftOutError("unknown_label", str(error)) from error

    def _place(self, start: int | None, end: int | None, text: str) -> Place | None:
        """The given place as characters; None where there is none, or it lies outside the text."""
        if start is None or self.said is None or start < 0:
            return None
        if self._counts_characters:
            last = start + len(text) if end is None else end
            return Place(start, last) if start < last <= len(self.said) else None
        pieces = tokens(self.said)
        last = start + max(1, len(text.split())) - 1 if end is None else end
        return Place(pieces[start].start, pieces[last].end) if start <= last < len(pieces) else None

    def _first_character(self, start: int | None) -> int | None:
        if start is None or self._counts_characters or self.said is None:
            return start
        pieces = tokens(self.said)
        return pieces[max(0, min(start, len(pieces) - 1))].start if pieces else None

    @property
    def _counts_characters(self) -> bool:
        """A mapping with an end is written as canonical labels are."""
        return self.counted == "characters" or (isinstance(self.given, Mapping) and "end" in self.given)

    def _believed(self, label: str, text: str, start: int | None, end: int | None) -> Mark:
        if start is None:
            raise LeftOutError("malformed", f"'{text[:80]}' does not say where it begins.")
        return Mark(start, start + len(text) if end is None else end, label, text)
