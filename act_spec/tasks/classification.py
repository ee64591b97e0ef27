"""One label out of several."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from statistics import median_low
from typing import Any

from pydantic import Field, model_validator

from act_spec.records import AnswerForm, Joins, Labelled, Metric, TargetForm
from act_spec.registry import register
from act_spec.tasks.kind import LabelledTask
from act_spec.tasks.parts.numbers import rating_figures


@register("task", "classification.v1")
class Classification(LabelledTask):
    """
    One label out of several; a label is its name.

    Distance is 0 or 1, votes settle by plurality. Where labels are ordered,
    distance is the steps between two over the steps from end to end, and
    votes settle on the median, of an even number the lower one.
    """

    kind: str = "classification"
    none: str | None = Field(None, description="The label that means that no other applies.")
    ordered: bool = Field(
        default=False,
        # An option of later versions, at its default, must not change the keys of runs that knew none.
        exclude_if=lambda ordered: not ordered,
        description="Whether the labels are steps of a scale, in the recipe's order.",
    )

    @model_validator(mode="after")
    def _check(self) -> Classification:
        if len(self.labels) < 2:
            raise ValueError("a classification needs at least two labels.")
        if self.none is not None and self.none not in self.labels:
            raise ValueError(f"none: '{self.none}' is not one of the labels: {', '.join(self.labels)}.")
        if self.none is not None and self.ordered:
            raise ValueError("none: a label that means no other is no step of a scale.")
        return self

    def answer_schema(self) -> Mapping[str, Any]:
        """A string that is one of the labels."""
        return {"type": "string", "enum": list(self.labels)}

    def answer_instruction(self) -> str:
        """One sentence on the form of an answer."""
        order = f" The labels are steps from {self._steps[0]} to {self._steps[-1]}." if self.ordered else ""
        return f"Answer with exactly one label, spelt as in the list.{order}"

    def answer_form(self) -> AnswerForm:
        """One of the labels."""
        return AnswerForm("choices", self.definitions)

    def parse(self, value: Any) -> str:
        """A reply's label; see `records.Task`."""
        if isinstance(value, list | dict):
            raise ValueError("the answer is exactly one label.")  # noqa: TRY004 - what callers catch
        return self.known(str(value))

    def read(self, text: str) -> str:
        """A person's label; see `records.Task`."""
        return self.known(text)

    def renamed(self, label: str, names: Mapping[str, str]) -> str:
        """The label under its other name; canonical before and after."""
        return names.get(label, label)

    def show(self, label: str) -> str:
        """The label itself."""
        return label

    def distance(self, label: str, other: str) -> float:
        """0 where equal, else 1; of ordered labels the steps between them, over all steps."""
        if not self.ordered:
            return float(label != other)
        return abs(self._steps.index(label) - self._steps.index(other)) / (len(self._steps) - 1)

    def place(self, label: str) -> float | None:
        """Of ordered labels the step."""
        return float(self._steps.index(label)) if self.ordered else None

    def settle(self, votes: Sequence[str]) -> str:
        """The most frequent vote; ties go to the label that the recipe names first. Of ordered labels the median."""
        if self.ordered:
            return self._steps[median_low(self._steps.index(vote) for vote in votes)]
        counts = Counter(votes)
        return max(self.labels, key=lambda label: counts[label])

    def units(self, label: str) -> frozenset[str]:
        """The label itself, as the only unit."""
        return frozenset({label})

    def figures(self, rows: Iterable[Labelled]) -> Iterator[Metric]:
        """Of ordered labels: how many steps the machine's and the delivered ones are from the known ones."""
        if self.ordered:
            yield from rating_figures(
                rows, lambda label: {"": float(self._steps.index(label))}, [""], mean=False
            )

    @property
    def joins(self) -> Joins:
        """What most pieces have."""
        return "most"

    @property
    def _steps(self) -> list[str]:
        return list(self.labels)

    def target_form(self) -> TargetForm:
        """One of the labels; the likeliest is the answer."""
        names = tuple(self.labels)

        def encode(label: str) -> list[float]:
            return [float(name == label) for name in names]

        def decode(belief: Sequence[float]) -> str:
            return max(zip(belief, names, strict=True), key=lambda one: one[0])[1]

        return TargetForm("classes", names, encode, decode)
