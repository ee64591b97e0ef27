"""How a person is asked on a page, and what the page's answer means: the form of each task kind, and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from act_spec.records import LabelDefinition, Task

MAX_NOTE_CHARS = 10_000
MAX_SECONDS = 86_400
NOTHING = "none"
"""What stands on the button for an empty answer."""

Kind = Literal["one", "several", "text"]
Said = str | list[str] | None
"""An answer as pages write it: names of labels, the text of a kind without labels, or nothing."""


class PageAnswer(BaseModel):
    """One answer as a page sends it, checked in form alone."""

    model_config = ConfigDict(extra="ignore", strict=True, allow_inf_nan=False)

    answer: (
        Annotated[str, Field(max_length=MAX_NOTE_CHARS)]
        | Annotated[list[str], Field(max_length=1_000)]
        | None
    )
    outcome: Literal["ambiguous", "skip"] | None = None
    note: str = Field("", max_length=MAX_NOTE_CHARS)
    seconds: float | None = Field(None, ge=0, le=MAX_SECONDS)


@dataclass(frozen=True)
class AnswerForm:
    """
    How a kind is asked.

    Attributes:
        kind: `one` or `several` of the labels, or `text` for kinds without any.
        labels: In the recipe's order.
        may_be_empty: Whether naming no label is an answer.
    """

    kind: Kind
    labels: tuple[LabelDefinition, ...]
    may_be_empty: bool


def answer_form(task: Task) -> AnswerForm:
    """The form that a task's answers have."""
    schema = task.answer_schema()
    if schema.get("type") == "array" and "enum" in schema.get("items", {}):
        return AnswerForm("several", task.definitions, not schema.get("minItems"))
    if "enum" in schema:
        return AnswerForm("one", task.definitions, may_be_empty=False)
    return AnswerForm("text", (), may_be_empty=False)


def label_of(task: Task, said: PageAnswer) -> str | None:
    """
    An answer's label in canonical text; None where it has none.

    Raises:
        ValueError: If it is no answer to this task, in words for a reviewer.
    """
    answer, kind = said.answer, answer_form(task).kind
    if said.outcome == "skip" and answer is not None:
        raise ValueError("an item is either skipped or labelled.")
    if answer is None:
        if said.outcome is None:
            raise ValueError("the answer has no label.")
        return None
    if kind == "text":
        return task.read(clean("; ".join(answer) if isinstance(answer, list) else answer))
    names = [answer] if isinstance(answer, str) else answer
    if kind == "several":
        return task.parse(names)
    if len(names) != 1:
        raise ValueError("the answer is exactly one label.")
    return task.parse(names[0])


def said_of(task: Task, label: str | None) -> Said:
    """A canonical label as `PageAnswer.answer` has it."""
    if label is None:
        return None
    form = answer_form(task)
    if form.kind == "text":
        return task.show(label)
    units = task.units(label)
    return [definition.name for definition in form.labels if definition.name in units]


def clean(text: str) -> str:
    """The text as a table can hold it: without zero bytes and half characters."""
    return text.replace("\0", "\ufffd").encode("utf-8", errors="replace").decode()
