"""
What can go wrong, as one tree.

    ActSpecError
    ├── RecipeError      the recipe, or the data that it names, cannot be used
    ├── StoreError       the run's database cannot be opened, read or written
    ├── ModelCallError   a model call cannot be made at all (key, price, host)
    ├── ReviewError      answers of people cannot be taken in
    └── StoppedEarly     the run ended before its work was done, and can resume

Every message is one sentence that says where, what and what to do. The
command line prints it and exits with `exit_code`; no traceback is shown.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

# A value that is quoted may break the line, steer the terminal or turn the direction of reading.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
# A sentence that quotes a value of a megabyte is no sentence any more.
_LONGEST = 1_500


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most * 2 // 3]} … {text[-most // 4 :]}"


@dataclass(frozen=True, order=True)
class Problem:
    """
    One fault of a file: where it stands, what is wrong, what to do.

    Attributes:
        file: Path as the user gave it.
        line: Counted from 1; 0 where the fault is the file's as a whole.
        column: Counted from 1; 0 likewise.
        path: Where in the recipe, such as `budget.rule`; may be empty.
        message: What is wrong, one sentence without a trailing hint.
        hint: What to do; may be empty.
    """

    file: str
    line: int
    column: int
    path: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        parts = [part for part in (place, _short(self.path, 200)) if part]
        hint = f" {_short(self.hint, _LONGEST)}" if self.hint else ""
        said = ": ".join(parts) + f": {_short(self.message, _LONGEST)}{hint}"
        return _UNSEEN.sub(lambda found: found[0].encode("unicode_escape").decode(), said)

    def as_json(self) -> dict[str, Any]:
        """The same as a JSON object, for `--json`."""
        return {
            "file": self.file,
            "line": self.line or None,
            "column": self.column or None,
            "path": self.path or None,
            "message": self.message,
            "hint": self.hint or None,
        }


class ActSpecError(Exception):
    """Everything that a user can cause or must hear about."""

    exit_code = 2


class RecipeError(ActSpecError, ValueError):
    """A recipe, or the data that it names, cannot be used; holds every problem found."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class StoreError(ActSpecError):
    """The run's database cannot be opened, read or written."""


class ModelCallError(ActSpecError):
    """A model call cannot be made at all: no key, no price, a host that is not allowed."""


class ReviewError(ActSpecError):
    """Answers of people cannot be taken in."""


class StoppedEarly(ActSpecError):  # noqa: N818 - a stop is not an error
    """The run ended before its work was done; the same command goes on."""

    exit_code = 3


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """`Did you mean 'sqrt'?` for the nearest known word, else the known words."""
    near = get_close_matches(word.lower(), [name.lower() for name in known], n=1, cutoff=0.6)
    if near:
        original = next(name for name in known if name.lower() == near[0])
        return f"Did you mean '{original}'?"
    if not known:
        return ""
    return "Known: " + ", ".join(sorted(known)) + "."
