"""What a reply's list of parts amounts to: those that are taken, and why others are not."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Generic, TypeVar

One = TypeVar("One")


class LeftOutError(ValueError):
    """A part that cannot be taken: what counts it, and a sentence."""

    def __init__(self, why: str, message: str) -> None:
        super().__init__(message)
        self.why = why


@dataclass
class Reading(Generic[One]):
    """
    A list that is read one part after the other.

    Attributes:
        taken: Parts that are taken, each once.
        faults: A sentence for each that is not.
        repairs: Kind of repair, or reason for leaving one out, to how often.
    """

    taken: list[One] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    repairs: Counter[str] = field(default_factory=Counter)

    def take(self, one: One, repair: str = "") -> None:
        """Take a part, unless it is there already; `repair` says how it was mended, if it was."""
        if one in self.taken:
            return
        self.taken.append(one)
        if repair:
            self.repairs[repair] += 1

    def leave_out(self, why: LeftOutError) -> None:
        """Note a part that is not taken."""
        self.repairs[why.why] += 1
        self.faults.append(str(why))
