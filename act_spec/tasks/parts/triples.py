"""Relations that a reply lists: read, and held against the text."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from act_spec.tasks.parts.places import occurrences
from act_spec.tasks.parts.reading import LeftOutError, Reading


@dataclass(frozen=True, slots=True, order=True)
class Triple:
    """A relation: from a head, by a label, to a tail."""

    head: str
    label: str
    tail: str

    def as_json(self) -> dict[str, str]:
        """As a canonical label holds it."""
        return {"head": self.head, "label": self.label, "tail": self.tail}

    def __str__(self) -> str:
        """As people read and write it."""
        return f"{self.head} -[{self.label}]-> {self.tail}"


@lru_cache(maxsize=4096)
def triples_of(label: str) -> tuple[Triple, ...]:
    """The relations of a canonical label."""
    return tuple(Triple(one["head"], one["label"], one["tail"]) for one in json.loads(label))


@dataclass
class Triples(Reading[Triple]):
    """What a list of relations amounts to."""

    @classmethod
    def of(
        cls,
        value: Sequence[Any],
        *,
        said: str | None,
        known: Callable[[str], str],
        symmetric: Collection[str],
    ) -> Triples:
        """
        Read relations, one after the other.

        Args:
            value: Each a mapping of head, label and tail, or a list of these three.
            said: The text that heads and tails must stand in; None where it is not known.
            known: The label of a name; raises ValueError where there is none.
            symmetric: Labels whose head and tail are put in the order of the alphabet.
        """
        made = cls()
        for one in value:
            try:
                made.take(_triple(one, said, known, symmetric))
            except LeftOutError as why:
                made.leave_out(why)
        return made


def _triple(given: Any, said: str | None, known: Callable[[str], str], symmetric: Collection[str]) -> Triple:
    parts = [given.get(key) for key in ("head", "label", "tail")] if isinstance(given, Mapping) else given
    if (
        not isinstance(parts, list | tuple)
        or len(parts) != 3
        or not all(isinstance(part, str) for part in parts)
    ):
        raise LeftOutError("malformed", f"'{str(given)[:80]}' is not a relation with head, label and tail.")
    head, name, tail = (" ".join(part.split()) for part in parts)
    try:
        label = known(name)
    except ValueError as error:
        raise LeftOutError("unknown_label", str(error)) from error
    words = [_as_written(part, said) for part in (head, tail)]
    if label in symmetric:
        words.sort()
    return Triple(words[0], label, words[1])


def _as_written(part: str, said: str | None) -> str:
    """As the text writes it, so that equal relations are equal text."""
    if said is None:
        return part
    found = occurrences(said, part)
    if not found:
        raise LeftOutError("not_in_text", f"'{part[:80]}' does not stand in the text.")
    return " ".join(said[found[0].start : found[0].end].split())
