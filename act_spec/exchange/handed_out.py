"""What is handed to people through another tool: items with their slips, the question, what the machine said."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from xml.etree.ElementTree import Element

from act_spec import registry
from act_spec.exchange.answer_form import clean, said_of, taken_whole
from act_spec.exchange.seal import Slip
from act_spec.records import AnswerForm, Task

ANSWER, FLAG, NOTE = "answer", "flag", "note"
"""Names of the three questions in every tool: the task's own, ambiguous or not, and a note."""
AMBIGUOUS = "ambiguous"
UNANSWERED = "it was submitted without an answer."


@dataclass(frozen=True)
class HandedItem:
    """
    One item for another tool.

    Attributes:
        slip: What ties it to the run.
        fields: Shown name to text for people.
        task: Reads and writes this item's labels.
        machine: The machine's canonical label; None where it stays hidden, or there is none.
        confidence: The machine's, in [0, 1]; None where there is none.
    """

    slip: Slip
    fields: Mapping[str, str]
    task: Task
    machine: str | None = None
    confidence: float | None = None

    def machine_answer(self) -> Any:
        """The machine's label as a tool's control takes it; None where there is none to show."""
        if self.machine is None:
            return None
        typed = is_typed(self.task.answer_form())
        return self.task.show(self.machine) if typed else said_of(self.task, self.machine)


@dataclass(frozen=True)
class Work:
    """
    Items for another tool, and what is shown around them.

    Attributes:
        title: Of the task.
        task: Question, labels and the form of an answer.
        fields: Shown names in the recipe's order.
        items: In worklist order.
        guideline: As Markdown.
        model: Who made the machine's labels.
        types: Shown name to `image`, of fields that are images, as data URLs; others are text.
    """

    title: str
    task: Task
    fields: Sequence[str]
    items: Sequence[HandedItem]
    guideline: str
    model: str
    types: Mapping[str, str] = field(default_factory=dict)

    @property
    def target(self) -> int:
        """Which of the fields is marked, where one is; else the first."""
        marked = str(self.task.answer_form().options.get("field"))
        return list(self.fields).index(marked) if marked in self.fields else 0


class Control(Protocol):
    """
    How one widget of `AnswerForm` is asked for in other tools.

    Registered as `@register("control", "WIDGET.v1")`, one file each in
    `exchange/controls`. Answers are JSON as in `exchange.answer_form`.
    """

    def labelstudio(self, form: AnswerForm, field: str) -> Element:
        """The tag named `answer`, for the object tag of that name."""

    def regions(self, form: AnswerForm, answer: Any) -> list[dict[str, Any]]:
        """An answer as Label Studio's results: `type` and `value` of each."""

    def of_regions(self, form: AnswerForm, regions: Sequence[Mapping[str, Any]]) -> Any:
        """An answer out of Label Studio's results, none where it was submitted so; ValueError if it is none."""

    def argilla(self, form: AnswerForm) -> dict[str, Any]:
        """Settings of Argilla's question; a field that it names is named as the recipe shows it."""

    def value(self, form: AnswerForm, answer: Any) -> Any:
        """An answer as Argilla's value."""

    def of_value(self, form: AnswerForm, value: Any) -> Any:
        """An answer out of Argilla's value, None where it was submitted so; ValueError if it is none."""


def control_of(form: AnswerForm) -> Control:
    """
    The control of a form's widget; for a widget that other tools do not have, a box to type in.

    What is typed is read like a cell of a worklist.
    """
    name = form.widget if form.widget in registry.names("control") else "text"
    made: Control = registry.find("control", name).build()
    return made


def is_typed(form: AnswerForm) -> bool:
    """Whether other tools ask for this form with a box to type in."""
    return form.widget == "text" or form.widget not in registry.names("control")


def label_from(task: Task, answer: Any) -> str:
    """
    The canonical label of what a control gave back.

    Raises:
        ValueError: If it is no answer to this task, in words for a reviewer.
    """
    return task.read(clean(answer)) if is_typed(task.answer_form()) else taken_whole(task, answer)


def field_name(number: int) -> str:
    """A shown field's name in other tools, which allow few characters; numbers from 0."""
    return f"field_{number + 1}"


# What XML 1.0 cannot hold, other controls, and overrides of the writing direction.
_UNFIT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)


def fit(text: str) -> str:
    """The text as any tool can hold and show it."""
    return _UNFIT.sub("\ufffd", text)


def stored(text: str) -> str:
    """An item's text as any tool's database can hold it; otherwise it stays as it is."""
    return clean(text)
