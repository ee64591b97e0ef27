"""
Answers out of an offline packet that came back, and what ties them to the run that made it.

Each item of a packet has a seal: a hash of what was shown of it, and of the
round and probability with which it was drawn. The file that comes back holds
the seals and none of these figures, so a reviewer cannot read from it how
suspicious an item is, and an answer to anything else is found out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from act_spec.errors import Problem, did_you_mean
from act_spec.exchange.answer_form import PageAnswer, clean, label_of
from act_spec.exchange.csv_answers import Answer, AnswersRead
from act_spec.records import Task, sha256

FORMAT = "act-spec packet answers 1"
ENDING = ".json"
MAX_BYTES = 256 * 1024 * 1024
_SEAL_CHARS = 24


@dataclass(frozen=True)
class PacketItem:
    """An item as a packet shows it, and how it was drawn."""

    item_id: str
    round: int
    inclusion_probability: float
    fields: Mapping[str, str]

    @property
    def seal(self) -> str:
        """The same for the same item, shown the same and drawn the same."""
        return sha256({**asdict(self), "fields": dict(self.fields)})[:_SEAL_CHARS]


@dataclass(frozen=True)
class PacketHead:
    """
    Which run a packet is of, and which items it holds.

    Attributes:
        run: Name of the recipe.
        plan: Hash of the plan that made it.
        recipe_sha256: Of the recipe's meaning.
        review_key: Of the question, the answers and what is shown.
        guideline_version: Of the guideline in the packet.
        reviewer: For whom it is; empty for whoever opens it.
        seals: Item id to seal, in the packet's order.
    """

    run: str
    plan: str
    recipe_sha256: str
    review_key: str
    guideline_version: str
    reviewer: str
    seals: Mapping[str, str]

    @property
    def digest(self) -> str:
        """The packet's hash."""
        return sha256(asdict(self))

    def empty_answers(self) -> dict[str, Any]:
        """The file that comes back, before anything is answered."""
        return {
            "format": FORMAT,
            "packet": asdict(self),
            "packet_sha256": self.digest,
            "reviewer": self.reviewer,
        }


@dataclass(frozen=True)
class Expected:
    """What a run expects of a packet's answers: its name, its reviews' key, its items' seals, its people."""

    run: str
    review_key: str
    seals: Mapping[str, str]
    reviewers: Collection[str] = ()


@dataclass(frozen=True)
class PacketRead:
    """What a file held, and the version of the guideline that its answers were given under."""

    read: AnswersRead
    guideline_version: str | None = None


class _Returned(PageAnswer):
    """One answer in the file."""

    item_id: str


class _Head(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    run: str
    plan: str
    recipe_sha256: str
    review_key: str
    guideline_version: str
    reviewer: str
    seals: dict[str, str]


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    format: str
    packet: _Head
    packet_sha256: str
    reviewer: str = Field(max_length=1_000)
    answers: list[Any]


class _RefusedError(ValueError):
    """The file, or one answer, cannot be taken; what to do is the second argument."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message, self.hint = message, hint


def read_packet_answers(path: Path, task: Task | Callable[[str], Task], expected: Expected) -> PacketRead:
    """
    Read the answers of a packet; good ones are kept and bad ones named.

    A file of another run, or of a packet made before the question or the
    labels changed, is one problem. An edited recipe does no harm otherwise:
    each answer counts if its item is still drawn with the same probability
    and shown the same.
    """
    try:
        file = _open(path)
        head = _head(file, expected)
        reviewer = _reviewer(file, expected)
    except _RefusedError as error:
        return PacketRead(AnswersRead((), 0, (Problem(str(path), 0, 0, "", error.message, error.hint),)))
    answers: dict[str, Answer] = {}
    problems = []
    for number, said in enumerate(file.answers):
        try:
            answer = _answer(said, task, head, expected, reviewer)
            if answers.setdefault(answer.item_id, answer) != answer:
                raise _RefusedError(f"'{answer.item_id}' is answered twice, and differently.")
        except _RefusedError as error:
            place = f"answers[{number}]"
            problems.append(Problem(str(path), 0, 0, place, error.message, error.hint))
    blanks = len(head.seals) - len(answers)
    return PacketRead(AnswersRead(tuple(answers.values()), blanks, tuple(problems)), head.guideline_version)


def _open(path: Path) -> _File:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise _RefusedError("the file is larger than any packet's answers.")
        said = json.loads(path.read_bytes())
        file = _File.model_validate(said)
    except OSError as error:
        raise _RefusedError(f"the file cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        if isinstance(error, _RefusedError):
            raise
        hint = "Download the answers again from the packet, and change nothing in the file."
        raise _RefusedError("these are not the answers of a packet.", hint) from error
    if file.format != FORMAT:
        raise _RefusedError(f"'{file.format[:80]}' is not a format that is known here.", f"Known: {FORMAT}.")
    return file


def _head(file: _File, expected: Expected) -> PacketHead:
    head = PacketHead(**file.packet.model_dump())
    if head.digest != file.packet_sha256:
        raise _RefusedError("the packet's own part of the file was changed.", "Download the answers again.")
    if head.run != expected.run:
        raise _RefusedError(f"these answers are of the run '{head.run[:80]}', not of '{expected.run}'.")
    if head.review_key != expected.review_key:
        hint = "Export a packet again; these answers are to another question."
        raise _RefusedError(
            "the question, the labels or what is shown changed since the packet was made.", hint
        )
    return head


def _reviewer(file: _File, expected: Expected) -> str:
    name = clean(file.reviewer).strip()
    if name and expected.reviewers and name not in expected.reviewers:
        raise _RefusedError(
            f"'{name[:80]}' is not a reviewer of this run.", did_you_mean(name, list(expected.reviewers))
        )
    return name


def _answer(
    said: Any, task: Task | Callable[[str], Task], head: PacketHead, expected: Expected, reviewer: str
) -> Answer:
    try:
        one = _Returned.model_validate(said)
    except ValidationError as error:
        raise _RefusedError("this is not an answer of a packet.") from error
    if one.item_id not in head.seals:
        raise _RefusedError(f"'{one.item_id[:80]}' is not an item of this packet.")
    if one.item_id not in expected.seals:
        raise _RefusedError(f"'{one.item_id[:80]}' is not drawn in this run any more.")
    if head.seals[one.item_id] != expected.seals[one.item_id]:
        raise _RefusedError(
            f"'{one.item_id[:80]}', or the chance with which it was drawn, has changed since."
        )
    try:
        label = label_of(task(one.item_id) if callable(task) else task, one)
    except ValueError as error:
        raise _RefusedError(f"'{one.item_id[:80]}': {error}") from error
    note = clean(one.note).strip()
    return Answer(one.item_id, label, one.outcome, reviewer, note, one.seconds, 0)


def seals_of(items: Iterator[PacketItem] | Collection[PacketItem]) -> dict[str, str]:
    """Item id to seal."""
    return {item.item_id: item.seal for item in items}
