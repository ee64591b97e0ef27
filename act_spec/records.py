"""
The values that travel along the walk, and the seams between its rooms.

A strategy that needs calls is a generator: it yields lists of `Request`,
receives lists of `Reply` in the same order, and returns its record. One that
reads recorded answers returns a `Lookup`. What a strategy may ask of the task
and of the prompts stands here as protocols, so that strategies, task kinds
and modalities know of one another only by shape.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, Protocol, TypeVar

Status = Literal["ok", "refused", "truncated", "invalid", "provider_error"]
Message = Mapping[str, Any]
"""One chat message as OpenAI's interface writes it: `role`, and `content` as text or parts."""
Part = Mapping[str, Any]
"""
One piece of a message's content: `{"type": "text", "text": …}`, `{"type": "image", "sha256": …}` or
`{"type": "audio", "sha256": …}`. Bytes are put in their place where the message leaves.
"""

FREE_TEXT: Mapping[str, Any] = {"type": "string"}
"""Reply schema of a request that wants plain text: the reply's value is `{"text": …}`."""

Settled = TypeVar("Settled")
Settled_co = TypeVar("Settled_co", covariant=True)


def canonical_json(value: Any) -> str:
    """One text for one value: sorted keys, no spaces, no NaN. The base of every hash."""
    return _canonical.encode(value)


_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def sha256(value: Any) -> str:
    """Hex SHA-256 of a value's canonical JSON."""
    return sha256_of_text(canonical_json(value))


def sha256_of_text(text: str) -> str:
    """Hex SHA-256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Item:
    """
    One thing to label.

    Attributes:
        item_id: As the data has it, unchanged.
        content: Shown fields by their shown names, as the `items` table stores them.
        shown_as: Where a task kind shows it otherwise: the name that is seen, in
            order, to the field of `content` behind it. None: as the recipe says.
    """

    item_id: str
    content: Mapping[str, Any]
    shown_as: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Vote:
    """One answer among several for an item: which member gave it, and which sample it was."""

    member: str
    sample: int
    label: str | None
    confidence: float | None = None
    call_key: str | None = None


@dataclass(frozen=True, slots=True)
class Annotation:
    """
    The annotator's settled answer for one item.

    Attributes:
        label: In the task's canonical text; None unless status is `ok`.
        confidence: Stated or recorded, in [0, 1]; None where there is none.
        rationale: The annotator's own words; never shown to a judge unasked.
        status: `ok`, or why there is no label.
        votes: Every single answer, where the strategy asked for several.
        repairs: What the task kind had to mend in the reply, and how often: `relocated` and the like.
    """

    label: str | None
    confidence: float | None = None
    rationale: str | None = None
    status: Status = "ok"
    votes: tuple[Vote, ...] = ()
    repairs: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Judgment:
    """
    How likely an annotation is wrong.

    Attributes:
        error_probability: P(annotation is not the reference label), in [0, 1];
            None unless status is `ok`.
        suggested_label: The label that the judge would give; None if it names none.
        rationale: The judge's words.
        status: `ok`, or why there is no error probability.
        units: For kinds made of parts: error probability per label or span.
    """

    error_probability: float | None
    suggested_label: str | None = None
    rationale: str | None = None
    status: Status = "ok"
    units: Mapping[str, float] | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """
    One question to a model, free of which model answers.

    Attributes:
        messages: The rendered conversation.
        reply_schema: JSON Schema (an object) that the reply must meet.
        member: Which of the role's models or prompts is asked; empty for the only one.
        sample: Number of the sample, from 0. Equal requests with equal sample
            numbers are one call.
        logprobs: Whether token log-probabilities are wanted.
    """

    messages: tuple[Message, ...]
    reply_schema: Mapping[str, Any]
    member: str = ""
    sample: int = 0
    logprobs: bool = False


@dataclass(frozen=True, slots=True)
class TokenScore:
    """A reply token: its log-probability (natural), and the likeliest alternatives'."""

    token: str
    logprob: float
    alternatives: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """
    What came back for one request, checked against its schema.

    Attributes:
        status: `ok` where `value` meets the schema; else the class of the failure.
        value: The parsed reply; None unless status is `ok`.
        text: The raw text, empty where there is none.
        call_key: Key of the stored call.
        tokens: Scores of the reply's tokens, where asked for and given.
        reason: Why it failed, for people; empty if it did not.
    """

    status: Status
    value: Mapping[str, Any] | None
    text: str = ""
    call_key: str = ""
    tokens: tuple[TokenScore, ...] = ()
    reason: str = ""


Steps = Generator[list[Request], list[Reply], Settled]
"""A strategy at work on one item: lists of requests out, lists of replies in, a record at the end."""


@dataclass(frozen=True, slots=True)
class LabelDefinition:
    """A label as recipes define it; what is not given is empty."""

    name: str
    definition: str = ""
    not_when: str = ""
    examples: tuple[Mapping[str, Any], ...] = ()
    near_misses: tuple[Mapping[str, Any], ...] = ()
    costly: Literal["", "missed", "given"] = ""


Head = Literal["classes", "labels", "numbers"]
"""What a model's K outputs say: a distribution over K, any of K (each yes or no), or K numbers in [0, 1]."""


@dataclass(frozen=True)
class TargetForm:
    """
    Labels of a task as the numbers that a model is trained against.

    Attributes:
        head: What they are. Training minimises cross-entropy against
            `classes`, one cross-entropy a label against `labels`, and the
            squared distance to `numbers`.
        names: Of the K numbers.
        encode: From a canonical label to its K numbers: for `classes` they
            sum to 1, so a label may be a distribution.
        decode: From what a model believes, K numbers in [0, 1], to the
            canonical label that it amounts to.
    """

    head: Head
    names: tuple[str, ...]
    encode: Callable[[str], Sequence[float]]
    decode: Callable[[Sequence[float]], str]


@dataclass(frozen=True, slots=True)
class AnswerForm:
    """
    How people are asked for an answer: on the review page, in packets and in other tools.

    An answer travels as JSON, as a canonical label holds it: the label itself
    for scalar kinds, else the value of its JSON text. `Task.parse` reads it.

    Attributes:
        widget: What an answer is given with: `choices`, `text` (a box in which
            to type what `Task.read` reads), or one that a kind brings: the
            script `templates/review_form_WIDGET.v1.js.j2`.
        choices: What can be chosen, in order. On the page each has a key.
        several: Whether an answer may hold more than one of the choices.
        may_be_empty: Whether choosing nothing is an answer.
        options: JSON for the widget's script. Texts for people belong into
            `choices`, where they are made safe to show.
        instruction: How to answer with the widget; where it is empty, the
            task's own instruction stands there.
    """

    widget: str
    choices: tuple[LabelDefinition, ...] = ()
    several: bool = False
    may_be_empty: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)
    instruction: str = ""


@dataclass(frozen=True, slots=True)
class Presentation:
    """
    One way in which an item is put to a model or a person.

    Attributes:
        name: Which way, as `votes.member` records it; empty where there is only one.
        task: Reads and writes answers as they are given to this presentation.
        item: What is shown.
    """

    name: str
    task: Task
    item: Item


@dataclass(frozen=True, slots=True)
class Labelled:
    """
    An item with its labels, as a task kind computes its figures from.

    Attributes:
        item_id: Its id.
        machine: The machine's label; None where it failed.
        final: The delivered label; None where there is none.
        gold: The known answer; None where there is none.
        votes: Every single machine answer, where there were several.
        columns: The columns that the kind asked for, by the column's name.
        people: The latest label of each reviewer who gave one.
        outcome: What people made of the machine's label: `keep`, `change`, `ambiguous`; None where nobody said.
    """

    item_id: str
    machine: str | None
    final: str | None
    gold: str | None
    votes: tuple[Vote, ...] = ()
    columns: Mapping[str, str | None] = field(default_factory=dict)
    people: tuple[str, ...] = ()
    outcome: str | None = None


Joins = Literal["any", "most"]


class Task(Protocol):
    """What the rest of the program may ask of a task kind."""

    @property
    def kind(self) -> str:
        """Name of the kind: `classification`, `multilabel` and so on."""

    @property
    def question(self) -> str:
        """The question that annotators answer, as the recipe words it."""

    @property
    def if_unsure(self) -> str:
        """What to do when unsure; may be empty."""

    @property
    def definitions(self) -> tuple[LabelDefinition, ...]:
        """The labels in the recipe's order; empty for kinds without any."""

    @property
    def exact(self) -> bool:
        """Whether two labels are the same answer only where their text is equal; else `same` decides."""

    @property
    def fields(self) -> Mapping[str, str]:
        """Shown fields that the kind relies on: shown name to the key of the recipe's `task:` that names it."""

    @property
    def columns(self) -> Mapping[str, str]:
        """Columns of the data that its figures need and nobody is shown: column to the key that names it."""

    @property
    def drafts(self) -> bool:
        """Whether people are shown the machine's answer beside the item, to edit it."""

    @property
    def quotes(self) -> bool:
        """Whether labels hold words of the item, so that whoever may not see one may not see the other."""

    @property
    def joins(self) -> Joins | None:
        """What the labels of an item's pieces come to: `any` piece's labels, or what `most` have; None where nothing."""

    def about(self, item: Item) -> Task:
        """The task for one item, for kinds whose answers refer to what the item says."""

    def present(self, item: Item) -> tuple[Presentation, ...]:
        """The ways in which an item is put to annotators, at least one; people and judges are shown the last."""

    def answer_schema(self) -> Mapping[str, Any]:
        """JSON Schema of a label as a model replies it."""

    def answer_instruction(self) -> str:
        """One sentence that tells a model or a person the form of an answer."""

    def answer_form(self) -> AnswerForm:
        """How people are asked for an answer."""

    def parse(self, value: Any) -> str:
        """
        A reply's label in canonical text, as tables hold it.

        Args:
            value: Any JSON: a model's reply, or a person's answer from a page.

        Raises:
            ValueError: With the reason, in words that a model can act on.
        """

    def repairs(self, value: Any) -> Mapping[str, int]:
        """What `parse` has to mend in a reply that it takes: kind of repair to how often."""

    def read(self, text: str) -> str:
        """
        A person's answer from a cell of a worklist, in canonical text.

        Raises:
            ValueError: With the reason, in words that a reviewer can act on.
        """

    def show(self, label: str) -> str:
        """A canonical label for people to read."""

    def distance(self, label: str, other: str) -> float:
        """How far two labels differ, in [0, 1]; 0 exactly where they are equal."""

    def same(self, label: str, other: str) -> bool:
        """Whether two labels are the same answer: equal, or nearer than the kind's tolerance."""

    def place(self, label: str) -> float | None:
        """Where a label stands on the one scale that labels have; None where they have none."""

    def settle(self, votes: Sequence[str]) -> str:
        """The label that several votes (at least one) amount to; ties break by the recipe's order."""

    def units(self, label: str) -> frozenset[str]:
        """The parts of a label that can be right or wrong on their own; a single one for scalar kinds."""

    def parts(self, label: str) -> tuple[str, ...]:
        """Whose error probabilities a judge may be asked for one by one; empty where a label is judged as a whole."""

    def example(self) -> str:
        """Some label, for previews of prompts that need one."""

    def guidance(self) -> tuple[str, ...]:
        """What reviewers must know of the kind beyond question and labels, a paragraph each."""

    def figures(self, rows: Iterable[Labelled]) -> Iterable[Metric]:
        """Figures of the kind's own, such as F1 or win rates; the rows are read once, and only if asked for."""

    def target_form(self) -> TargetForm | None:
        """How models are trained for this task; None where nothing is."""


class Prompts(Protocol):
    """Renders the plan's templates for one item."""

    def messages(self, template: str, item: Item, **context: Any) -> tuple[Message, ...]:
        """
        The conversation that a template makes of an item.

        Args:
            template: Name with version, one of the strategy's declared prompts.
            item: Its content is inserted as data where the template says `{{ item }}`.
            context: Further values for the template's user part.
        """


@dataclass(frozen=True, slots=True)
class Example:
    """An item that was labelled before: its text fields by their shown names, and its label, canonical."""

    fields: Mapping[str, str]
    label: str


class Pool(Protocol):
    """Labelled examples that a prompt may show."""

    def nearest(self, item: Item, k: int) -> Sequence[Example]:
        """The `k` examples most like an item, the most like first; fewer where there are fewer."""

    def given(self, k: int) -> Sequence[Example]:
        """The first `k` examples in the order in which they were given."""


class Settle(Protocol[Settled_co]):
    """Turns an item's recorded rows into a record. `annotation` is None for annotators."""

    def __call__(
        self, rows: Sequence[Mapping[str, Any]], task: Task, annotation: Annotation | None
    ) -> Settled_co:
        """The record of one item."""


Cells = Mapping[str, Sequence[Any]]
"""Columns of one length, a value an item; None where an item has none."""


class SettleAll(Protocol):
    """Turns the recorded cells of many items into columns of records, item by item what `Settle` makes of one row."""

    def __call__(self, cells: Cells, task: Task, annotations: Cells) -> Cells:
        """Fields of the record by name; `annotations` has what `Lookup.of_annotation` names, and nothing for annotators."""


@dataclass(frozen=True)
class Lookup(Generic[Settled]):
    """
    What a strategy takes from recorded answers, joined on the item id.

    Attributes:
        settle: Makes the record of an item from its rows.
        settle_all: The same for many items of one row each, a column at a
            time; None where an item's rows have to be looked at together.
        of_annotation: What `settle_all` reads of the annotations. The fewer, the
            more items are alike, and those are settled once.
        columns: Our name to the column's name in the source.
        source: File beside the recipe; None for the data itself.
        where: Column to the value that it must have.
        id: The source's column that holds the item id.
        many: Whether an item may have several rows; otherwise that is an error.
    """

    settle: Settle[Settled]
    columns: Mapping[str, str]
    settle_all: SettleAll | None = None
    of_annotation: tuple[str, ...] = ("label", "confidence")
    source: str | None = None
    where: Mapping[str, str] = field(default_factory=dict)
    id: str = "item_id"
    many: bool = False


@dataclass(frozen=True)
class Metric:
    """One figure of a run; `value` None means that it cannot be had, and `note` says why."""

    name: str
    value: float | None
    low: float | None = None
    high: float | None = None
    note: str = ""
