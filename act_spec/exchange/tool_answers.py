"""Answers out of another tool, reconciled: who meant what, what stands twice, what is still open."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from math import isfinite
from typing import Any

from act_spec.errors import Problem
from act_spec.exchange.answer_form import MAX_NOTE_CHARS, MAX_SECONDS, clean
from act_spec.exchange.document import Document
from act_spec.exchange.handed_out import label_from
from act_spec.exchange.returned import (
    Answer,
    AnswersRead,
    Asked,
    Expected,
    Outcome,
    RefusedError,
    Returned,
    Said,
    last_words,
)
from act_spec.exchange.seal import Slip, read_slip
from act_spec.records import AnswerForm, Task


@dataclass(frozen=True)
class Spoken:
    """
    What one person gave for one item, as the tool has it.

    Attributes:
        person: What the tool calls them, the most telling first.
        answer: As the tool has it; None for none.
        outcome: `ambiguous`, `skip` or None.
        note: Free text.
        seconds: As the tool says, of any kind.
        at: When, in a form that sorts; may be empty.
    """

    person: tuple[str, ...]
    answer: Any = None
    outcome: Outcome | None = None
    note: str = ""
    seconds: Any = None
    at: str = ""


@dataclass(frozen=True)
class ToolItem:
    """One item of the file: its place there, its slip as it stands, what was given for it, drafts left out."""

    place: str
    line: int
    slip: Any
    spoken: Sequence[Spoken] = ()
    drafts: int = 0


@dataclass
class _Gathered:
    said: list[Said] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    items: dict[str, int] = field(default_factory=dict)
    drafts: int = 0
    slips: list[Slip] = field(default_factory=list)


Heard = Callable[[AnswerForm, Any], Any]
"""Reads a tool's own form of an answer; ValueError if it is none."""


def reconcile(
    document: Document,
    channel: str,
    items: Iterable[ToolItem],
    heard: Heard,
    asked: Asked,
    expected: Expected,
) -> Returned:
    """The answers of a tool's file; good ones are kept, bad ones named, and what is missing counted."""
    listed = list(items)
    found = _Gathered(problems=list(document.problems))
    known = _with_the_only_person(listed, expected)
    for item in listed:
        try:
            slip = read_slip(item.slip, expected)
        except RefusedError as error:
            found.problems.append(error.at(document.path, item.place, item.line))
            continue
        found.slips.append(slip)
        found.drafts += item.drafts
        found.items[slip.item_id] = found.items.get(slip.item_id, 0) + len(item.spoken)
        for spoken in item.spoken:
            try:
                answer = _answer(slip, spoken, heard, asked(slip.item_id), known, item.line)
            except RefusedError as error:
                found.problems.append(error.at(document.path, item.place, item.line))
            else:
                found.said.append(Said(answer, spoken.at, item.place or f"line {item.line}"))
    answers, notes, clashes = last_words(found.said)
    found.problems += [Problem(str(document.path), 0, 0, place, message) for place, message in clashes]
    blanks = sum(not given for given in found.items.values())
    read = AnswersRead(answers, blanks, tuple(found.problems), (*notes, *_missing(found)))
    versions = {slip.guideline_version for slip in found.slips}
    return Returned(read, channel, (versions.pop() or None) if len(versions) == 1 else None)


def _answer(slip: Slip, spoken: Spoken, heard: Heard, task: Task, expected: Expected, line: int) -> Answer:
    reviewer = expected.reviewer(*map(clean, spoken.person))
    note = clean(spoken.note).strip()
    try:
        if len(note) > MAX_NOTE_CHARS:
            raise ValueError(f"the note has more than {MAX_NOTE_CHARS:,} characters.")
        label = None
        if spoken.outcome is None or (spoken.outcome == "ambiguous" and spoken.answer is not None):
            label = label_from(task, heard(task.answer_form(), spoken.answer))
    except ValueError as error:
        raise RefusedError(f"'{slip.item_id[:80]}': {error}") from error
    return Answer(slip.item_id, label, spoken.outcome, reviewer, note, _seconds(spoken.seconds), line)


def _seconds(said: Any) -> float | None:
    """The time, where it can be one; a tool's clock is no reason to lose an answer."""
    if isinstance(said, bool) or not isinstance(said, int | float) or not isfinite(said):
        return None
    return float(said) if 0 <= said <= MAX_SECONDS else None


def _with_the_only_person(items: Sequence[ToolItem], expected: Expected) -> Expected:
    """Where the run has one reviewer and the file one person, whatever the tool calls them, they are the same."""
    people = {spoken.person for item in items for spoken in item.spoken}
    if len(expected.reviewers) != 1 or len(people) != 1:
        return expected
    [name], [person] = expected.reviewers, people
    return replace(expected, known_as=dict.fromkeys(person, name) | dict(expected.known_as))


def _missing(found: _Gathered) -> list[str]:
    notes = [f"{found.drafts:,} drafts were not submitted and do not count"] if found.drafts else []
    handed_out = max((slip.handed_out for slip in found.slips), default=0)
    if len(found.items) < handed_out:
        notes.append(
            f"{handed_out - len(found.items):,} of the {handed_out:,} items handed out are not in the file"
        )
    return notes
