"""What people answer on pages, as JSON, and what it means: to canonical text and back, whatever the task kind."""

from __future__ import annotations

import json
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from act_spec.records import Task

MAX_NOTE_CHARS = 10_000
MAX_SECONDS = 86_400
_WITH_PARTS = frozenset({"array", "object"})
# What `Task.repairs` counts without anything being left out.
_MENDED = frozenset({"relocated", "misquoted"})


class PageAnswer(BaseModel):
    """One answer as a page sends it, checked in form alone; `answer` is for the task to read."""

    model_config = ConfigDict(extra="ignore", strict=True, allow_inf_nan=False)

    answer: JsonValue
    outcome: Literal["ambiguous", "skip"] | None = None
    note: str = Field("", max_length=MAX_NOTE_CHARS)
    seconds: float | None = Field(None, ge=0, le=MAX_SECONDS)


def label_of(task: Task, said: PageAnswer) -> str | None:
    """
    An answer's label in canonical text; None where it has none.

    Raises:
        ValueError: If it is no answer to this task, in words for a reviewer.
    """
    if said.outcome == "skip" and said.answer is not None:
        raise ValueError("an item is either skipped or labelled.")
    if said.answer is None:
        if said.outcome is None:
            raise ValueError("the answer has no label.")
        return None
    if task.answer_form().widget == "text":
        if not isinstance(said.answer, str):
            raise ValueError("the answer is no text.")
        return task.read(clean(said.answer))
    return taken_whole(task, said.answer)


def taken_whole(task: Task, answer: Any) -> str:
    """
    The canonical label of a person's answer, which unlike a model's reply is not taken in part.

    Raises:
        ValueError: If it is no answer to this task, or a part of it cannot be taken.
    """
    label = task.parse(answer)
    lost = task.repairs(answer).keys() - _MENDED
    if lost:
        why = ", ".join(sorted(lost)).replace("_", " ")
        raise ValueError(f"a part of the answer cannot be taken: {why}.")
    return label


def said_of(task: Task, label: str | None) -> Any:
    """A canonical label as `PageAnswer.answer` has it."""
    if label is None:
        return None
    if task.answer_form().widget == "text":
        return task.show(label)
    return json.loads(label) if task.answer_schema().get("type") in _WITH_PARTS else task.show(label)


def outcome_of(task: Task, label: str | None, machine_label: str | None) -> Literal["keep", "change"]:
    """Whether a person's label keeps or changes the machine's."""
    if label is None or machine_label is None:
        return "keep" if label == machine_label else "change"
    return "keep" if task.same(label, machine_label) else "change"


def clean(text: str) -> str:
    """The text as a table can hold it: without zero bytes and half characters."""
    return text.replace("\0", "\ufffd").encode("utf-8", errors="replace").decode()
