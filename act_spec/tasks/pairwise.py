"""Which of two is better."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Self

from pydantic import Field, PrivateAttr, model_validator

from act_spec.records import (
    AnswerForm,
    Item,
    LabelDefinition,
    Labelled,
    Metric,
    Presentation,
    TargetForm,
)
from act_spec.registry import register
from act_spec.tasks.kind import TaskKind, Two, fault
from act_spec.tasks.parts.preferences import preference_figures

SEEN = ("A", "B")
"""The names under which the two are seen."""
TIE = "tie"
AS_GIVEN, SWAPPED = "as_given", "swapped"
_MEANS_TIE = frozenset({"tie", "both", "equal", "neither", "c"})


@register("task", "pairwise.v1")
class Pairwise(TaskKind):
    """
    Which of two shown fields is better; a label is the better field's name, or `tie`.

    Models and people see the two as A and B, in an order that is drawn for
    each item from its id. Labels are in the data's own terms, so the order
    flips none. Distance is 0 or 1; votes settle by plurality, and where both
    fields have as many, on a tie, or without ties on the one named first.
    """

    kind: str = "pairwise"
    between: Two = Field(description="The two shown fields that are compared.")
    tie: bool = Field(default=True, description="Whether neither being better is an answer.")
    both_orders: bool = Field(
        default=False,
        description="Ask models twice, in either order; answers that differ are a tie, where there are ties.",
    )
    order_seed: int = Field(0, description="Another number shows other items in the other order.")
    systems: Two | None = Field(
        None,
        description="Columns that name who made the first and the second, never shown: for strengths by Bradley and Terry.",
    )

    _swapped: bool | None = PrivateAttr(None)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if len(set(self.between)) < 2:
            raise fault("a pair has two different fields.", "between")
        if TIE in self.between:
            raise fault(
                f"a field cannot be called '{TIE}', which is an answer.",
                "between",
                hint="Rename it in data.show.",
            )
        return self

    @property
    def quotes(self) -> bool:
        """An answer names one of two fields, or a tie."""
        return False

    @property
    def fields(self) -> Mapping[str, str]:
        """The two that are compared."""
        return dict.fromkeys(self.between, "between")

    @property
    def columns(self) -> Mapping[str, str]:
        """Who made which."""
        return dict.fromkeys(self.systems or (), "systems")

    def present(self, item: Item) -> tuple[Presentation, ...]:
        """The two as A and B, in the item's order; the other order besides, where both are asked."""
        first = self._drawn_order(item.item_id)
        orders = (first, not first) if self.both_orders else (first,)
        return tuple(self._presentation(item, swapped=swapped) for swapped in orders)

    def answer_schema(self) -> Mapping[str, Any]:
        """A or B, or tie."""
        return {"type": "string", "enum": [*SEEN, *([TIE] if self.tie else [])]}

    def answer_instruction(self) -> str:
        """One sentence on the form of an answer."""
        if self.tie:
            return "Answer A if A is better, B if B is better, or tie if neither is."
        return "Answer A if A is better, else B; one of the two must be chosen."

    def answer_form(self) -> AnswerForm:
        """The answers as choices."""
        said = {"A": "A is better", "B": "B is better", TIE: "Neither is better"}
        seen = (*SEEN, *([TIE] if self.tie else []))
        choices = tuple(LabelDefinition(name, said[name]) for name in seen)
        return AnswerForm("choices", choices, options={"beside": list(SEEN)})

    def guidance(self) -> tuple[str, ...]:
        """That places mean nothing."""
        return (
            "Which of the two stands as A and which as B was drawn at random for each item; the place says nothing.",
        )

    def parse(self, value: Any) -> str:
        """The better field's name: from A or B where the order is known, else from that name itself."""
        said = str(value).strip()
        if self.tie and said.casefold() in _MEANS_TIE:
            return TIE
        if self._swapped is not None:
            names = {seen.casefold(): name for seen, name in zip(SEEN, self._order, strict=True)}
            if said.casefold() in names:
                return names[said.casefold()]
        for name in self.between:
            if name.casefold() == said.casefold():
                return name
        raise ValueError(f"'{said}' is not one of the answers: {', '.join(self._answers)}.")

    def read(self, text: str) -> str:
        """A person's answer; as `parse`."""
        return self.parse(text)

    def show(self, label: str) -> str:
        """As it was asked: A or B where the order is known, else the field's name."""
        if self._swapped is None or label == TIE:
            return label
        return SEEN[self._order.index(label)]

    def distance(self, label: str, other: str) -> float:
        """0 where equal, else 1."""
        return float(label != other)

    def settle(self, votes: Sequence[str]) -> str:
        """The most frequent answer; where fields have as many votes, a tie if there are ties."""
        counts = Counter(votes)
        most = max(counts.values())
        top = [answer for answer in (*self.between, TIE) if counts[answer] == most]
        return TIE if self.tie and len(top) > 1 else top[0]

    def place(self, label: str) -> float:
        """1 where the field named first is better, -1 where the other is, 0 for a tie."""
        return {self.between[0]: 1.0, self.between[1]: -1.0}.get(label, 0.0)

    def units(self, label: str) -> frozenset[str]:
        """The answer, as the only unit."""
        return frozenset({label})

    def example(self) -> str:
        """The first field is better."""
        return self.between[0]

    def figures(self, rows: Iterable[Labelled]) -> Iterator[Metric]:
        """Wins, ties and losses; what the order did, where both were asked; strengths of the systems."""
        yield from preference_figures(rows, self.between, self.systems)

    def target_form(self) -> TargetForm:
        """One of the answers."""
        names = (*self.between, *([TIE] if self.tie else []))

        def encode(label: str) -> list[float]:
            return [float(name == label) for name in names]

        def decode(belief: Sequence[float]) -> str:
            return max(zip(belief, names, strict=True), key=lambda one: one[0])[1]

        return TargetForm("classes", names, encode, decode)

    @property
    def _answers(self) -> tuple[str, ...]:
        return (*(self.between if self._swapped is None else SEEN), *([TIE] if self.tie else []))

    @property
    def _order(self) -> tuple[str, ...]:
        return self.between[::-1] if self._swapped else self.between

    def _drawn_order(self, item_id: str) -> bool:
        """Whether an item's pair is swapped: one bit of a hash of its id."""
        digest = hashlib.sha256(f"{self.order_seed}\n{item_id}".encode()).digest()
        return bool(digest[0] & 1)

    def _presentation(self, item: Item, *, swapped: bool) -> Presentation:
        task = self.model_copy()
        task._swapped = swapped  # noqa: SLF001 - its own copy
        names = [name for name in item.content if name not in self.between]
        shown = {name: name for name in names} | dict(zip(SEEN, task._order, strict=True))  # noqa: SLF001
        seen = Item(item.item_id, item.content, shown)
        return Presentation(SWAPPED if swapped else AS_GIVEN, task, seen)
