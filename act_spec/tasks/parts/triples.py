"""Relations that a reply lists: read, and held against the text."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from act_spec.tasks.parts.places import occurrences


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
class Triples:
    """
    What a list of relations amounts to.

    Attributes:
        triples: Those that are taken.
        faults: A sentence for each that is not.
        repairs: Reason for leaving one out, to how often.
    """

    triples: list[Triple] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    repairs: Counter[str] = field(default_factory=Counter)

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
            made._take(one, said, known, symmetric)
        return made

    def _take(
        self, one: Any, said: str | None, known: Callable[[str], str], symmetric: Collection[str]
    ) -> None:
        parts = [one.get(key) for key in ("head", "label", "tail")] if isinstance(one, Mapping) else one
        if (
            not isinstance(parts, list | tuple)
            or len(parts) != 3
            or not all(isinstance(part, str) for part in parts)
        ):
            self._leave_out("malformed", f"'{str(one)[:80]}' is not a relation with head, label and tail.")
            return
        head, name, tail = (" ".join(part.split()) for part in parts)
        try:
            label = known(name)
        except ValueError as error:
            self._leave_out("unknown_label", str(error))
            return
        words = []
        for part in (head, tail):
            found = occurrences(said, part) if said is not None else []
            if said is not None and not found:
                self._leave_out("not_in_text", f"'{part[:80]}' does not stand in the text.")
                return
            # As the text writes it, so that equal relations are equal text.
            words.append(" ".join(said[found[0].start : found[0].end].split()) if said is not None else part)
        if label in symmetric:
            words.sort()
        triple = Triple(words[0], label, words[1])
        if triple not in self.triples:
            self.triples.append(triple)

    def _leave_out(self, why: str, message: str) -> None:
        self.repairs[why] += 1
        self.faults.append(message)
