"""What comes back from people, whatever the format: answers, what was left open, what could not be taken."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from act_spec.errors import Problem, did_you_mean
from act_spec.exchange.document import Document
from act_spec.records import Task

Outcome = Literal["ambiguous", "skip"]
Asked = Callable[[str], Task]
"""What reads the answer to an item, by its id."""


@dataclass(frozen=True)
class Answer:
    """
    What one reviewer said about one item.

    Attributes:
        item_id: One of the expected ids.
        label: In canonical text; None only where `outcome` is given.
        outcome: `ambiguous` or `skip`. Whether a label keeps or changes the
            machine's is for the stage to tell, which knows the machine's.
        reviewer: As written; empty where the file does not say.
        note: Free text.
        seconds: Time taken, at least 0; None where the file does not say.
        line: Where the row begins, from 1; 0 where the format has no lines.
        guideline_version: What the reviewer had read; empty where the row does not say.
    """

    item_id: str
    label: str | None
    outcome: Outcome | None
    reviewer: str
    note: str
    seconds: float | None
    line: int
    guideline_version: str = ""


@dataclass(frozen=True)
class AnswersRead:
    """
    What a file held.

    Attributes:
        answers: Good ones in the order of the file, an item and reviewer once.
        blanks: Expected items in the file that are not answered yet.
        problems: Everything else, in the order of the file.
        notes: What was settled without a loss, such as an answer that its own
            reviewer replaced later; a sentence each.
        foreign: Rows of a worklist that are of no expected item; each is a problem, too.
        untouched: Of these, the ones in which nobody has written anything.
    """

    answers: tuple[Answer, ...]
    blanks: int
    problems: tuple[Problem, ...]
    notes: tuple[str, ...] = ()
    foreign: int = 0
    untouched: int = 0


@dataclass(frozen=True)
class Expected:
    """
    What a run expects of answers that come back.

    Attributes:
        run: Its name.
        review_key: Of the question, the answers and what is shown.
        seals: Item id to seal, of every drawn item; see `exchange.seal`.
        draws: Item id to round and inclusion probability, for formats that carry them openly.
        reviewers: Names that may answer; anybody where there are none.
        known_as: What a person is called in another tool, to the name here.
    """

    run: str
    review_key: str
    seals: Mapping[str, str]
    reviewers: Collection[str] = ()
    known_as: Mapping[str, str] = field(default_factory=dict)
    draws: Mapping[str, tuple[int, float]] = field(default_factory=dict)

    def reviewer(self, *written: str) -> str:
        """
        The reviewer who is meant by what a tool calls them: name, address, number.

        Args:
            written: What the tool says of the person, the most telling first; empty ones do not count.

        Raises:
            RefusedError: If it is none of the run's.
        """
        told = [text.strip() for text in written if text.strip()]
        for text in told:
            if text in self.known_as:
                return self.known_as[text]
        if not told or not self.reviewers:
            return told[0] if told else ""
        for text in told:
            for form in (text, text.partition("@")[0]):
                for name in self.reviewers:
                    if name.casefold() == form.casefold():
                        return name
        hint = did_you_mean(told[0], list(self.reviewers))
        if not hint.startswith("Did you mean"):
            hint = f"Say who it is: --known-as '{told[0][:80]}=NAME'. {hint}"
        raise RefusedError(f"'{told[0][:80]}' is not a reviewer of this run.", hint)


@dataclass(frozen=True)
class Returned:
    """
    A file of answers.

    Attributes:
        read: What it held.
        channel: How they came, as the table `reviews` names it.
        guideline_version: Under which they were given; None where the file does not say.
    """

    read: AnswersRead
    channel: str
    guideline_version: str | None = None


class Format(Protocol):
    """A format of answers; registered as `@register("exchange", "name.v1")`, one file each."""

    def recognises(self, document: Document) -> bool:
        """Whether the file is of this format; at most one format says so."""

    def read(self, document: Document, asked: Asked, expected: Expected) -> Returned:
        """The file's answers; good ones are kept and bad ones named."""


class RefusedError(ValueError):
    """A file, or one answer, cannot be taken; `hint` is what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message, self.hint = message, hint

    def at(self, path: Path | str, place: str = "", line: int = 0) -> Problem:
        """The problem, at its place in the file."""
        return Problem(str(path), line, 0, place, self.message, self.hint)


def refused(document: Document, channel: str, problem: Problem, *more: Problem) -> Returned:
    """A file of which nothing can be taken."""
    return Returned(AnswersRead((), 0, (*document.problems, problem, *more)), channel)


@dataclass(frozen=True)
class Said:
    """
    One answer out of another tool, before it is compared with the others.

    Attributes:
        answer: Itself.
        at: When it was given, in a form that sorts; empty where the tool does not say.
        place: Where in the file, for messages.
    """

    answer: Answer
    at: str
    place: str


def last_words(
    said: Collection[Said],
) -> tuple[tuple[Answer, ...], tuple[str, ...], tuple[tuple[str, str], ...]]:
    """
    One answer an item and reviewer.

    The same answer twice is one. Of different ones the last counts, if it is
    known when each was given; otherwise none is taken.

    Returns:
        The answers in the order of the file, notes, and place and message of
        each answer that is not taken.
    """
    groups: dict[tuple[str, str], list[Said]] = {}
    for one in said:
        groups.setdefault((one.answer.item_id, one.answer.reviewer), []).append(one)
    kept: list[Answer] = []
    repeated = replaced = 0
    clashes: list[tuple[str, str]] = []
    for group in groups.values():
        last = max(group, key=lambda one: one.at)
        others = [one for one in group if _meaning(one) != _meaning(last)]
        if any(one.at == last.at for one in others):
            message = f"'{last.answer.item_id[:80]}' is answered {len(group)} times, and differently."
            clashes += [(one.place, message) for one in group]
            continue
        kept.append(last.answer)
        replaced += len(others)
        repeated += len(group) - len(others) - 1
    notes = [f"{repeated:,} answers stand in the file more than once"] if repeated else []
    notes += [f"{replaced:,} answers were replaced by a later one of the same reviewer"] if replaced else []
    return tuple(kept), tuple(notes), tuple(clashes)


def _meaning(one: Said) -> tuple[Any, ...]:
    return (one.answer.label, one.answer.outcome, one.answer.note)
