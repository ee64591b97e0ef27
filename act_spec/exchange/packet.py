"""
Answers out of an offline packet that came back, and what ties them to the run that made it.

The file that comes back holds each item's seal (see `exchange.seal`), and of
the draw nothing else, so a reviewer cannot read from it how suspicious an item
is, and an answer to anything else is found out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from act_spec.exchange.answer_form import PageAnswer, clean, label_of
from act_spec.exchange.document import Document
from act_spec.exchange.returned import Answer, AnswersRead, Asked, Expected, RefusedError, Returned, refused
from act_spec.records import sha256
from act_spec.registry import register

CHANNEL = "packet"
FORMAT = "act-spec packet answers 1"


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


@register("exchange", "packet.v1")
class Packet:
    """The file that a packet's page downloads."""

    def recognises(self, document: Document) -> bool:
        """It names its format."""
        return isinstance(document.value, dict) and "format" in document.value

    def read(self, document: Document, asked: Asked, expected: Expected) -> Returned:
        """
        The answers of a packet; good ones are kept and bad ones named.

        A file of another run, or of a packet made before the question or the
        labels changed, is one problem. An edited recipe does no harm otherwise:
        each answer counts if its item is still drawn with the same probability
        and shown the same.
        """
        try:
            file = _open(document)
            head = _head(file, expected)
            reviewer = expected.reviewer(clean(file.reviewer))
        except RefusedError as error:
            return refused(document, CHANNEL, error.at(document.path))
        answers: dict[str, Answer] = {}
        problems = []
        for number, said in enumerate(file.answers):
            try:
                answer = _answer(said, asked, head, expected, reviewer)
                if answers.setdefault(answer.item_id, answer) != answer:
                    raise RefusedError(f"'{answer.item_id}' is answered twice, and differently.")
            except RefusedError as error:
                problems.append(error.at(document.path, f"answers[{number}]"))
        blanks = len(head.seals) - len(answers)
        read = AnswersRead(tuple(answers.values()), blanks, tuple(problems))
        return Returned(read, CHANNEL, head.guideline_version)


def _open(document: Document) -> _File:
    try:
        file = _File.model_validate(document.value)
    except ValidationError as error:
        hint = "Download the answers again from the packet, and change nothing in the file."
        raise RefusedError("these are not the answers of a packet.", hint) from error
    if file.format != FORMAT:
        raise RefusedError(f"'{file.format[:80]}' is not a format that is known here.", f"Known: {FORMAT}.")
    return file


def _head(file: _File, expected: Expected) -> PacketHead:
    head = PacketHead(**file.packet.model_dump())
    if head.digest != file.packet_sha256:
        raise RefusedError("the packet's own part of the file was changed.", "Download the answers again.")
    if head.run != expected.run:
        raise RefusedError(f"these answers are of the run '{head.run[:80]}', not of '{expected.run}'.")
    if head.review_key != expected.review_key:
        hint = "Export a packet again; these answers are to another question."
        raise RefusedError(
            "the question, the labels or what is shown changed since the packet was made.", hint
        )
    return head


def _answer(said: Any, asked: Asked, head: PacketHead, expected: Expected, reviewer: str) -> Answer:
    try:
        one = _Returned.model_validate(said)
    except ValidationError as error:
        raise RefusedError("this is not an answer of a packet.") from error
    if one.item_id not in head.seals:
        raise RefusedError(f"'{one.item_id[:80]}' is not an item of this packet.")
    if one.item_id not in expected.seals:
        raise RefusedError(f"'{one.item_id[:80]}' is not drawn in this run any more.")
    if head.seals[one.item_id] != expected.seals[one.item_id]:
        raise RefusedError(f"'{one.item_id[:80]}', or the chance with which it was drawn, has changed since.")
    try:
        label = label_of(asked(one.item_id), one)
    except ValueError as error:
        raise RefusedError(f"'{one.item_id[:80]}': {error}") from error
    note = clean(one.note).strip()
    return Answer(one.item_id, label, one.outcome, reviewer, note, one.seconds, 0)
