"""Any number of labels out of several."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pydantic import Field, model_validator

from act_spec.records import AnswerForm, Joins, Labelled, Metric, TargetForm, canonical_json
from act_spec.registry import register
from act_spec.tasks.kind import LabelledTask
from act_spec.tasks.parts.f1 import label_figures, set_figures

ALLOWED = "allowed"
NOTHING = "none"
_MEANS_NONE = "None of the other labels applies."
_SEPARATORS = (";", "|", ",")
_MOST_PARTS = 30


@register("task", "multilabel.v1")
class Multilabel(LabelledTask):
    """
    Any number of labels out of several; a label is the JSON list of their names.

    The names stand in the recipe's order, so equal answers are equal text.
    Distance is 1 - Jaccard, votes settle label by label.
    """

    kind: str = "multilabel"
    none: str | None = Field(
        None,
        description="`allowed`: an empty answer is an answer; or the label that means that none applies.",
    )

    @model_validator(mode="before")
    @classmethod
    def _declare_none(cls, written: Any) -> Any:
        """The label that means none need not stand among the labels."""
        if not isinstance(written, dict):
            return written
        none, labels = written.get("none"), written.get("labels")
        if none in {None, ALLOWED} or not isinstance(labels, dict | list) or none in labels:
            return written
        added = [*labels, none] if isinstance(labels, list) else {**labels, none: {"definition": _MEANS_NONE}}
        return {**written, "labels": added}

    @model_validator(mode="after")
    def _check(self) -> Multilabel:
        if self.none == ALLOWED:
            for word in {ALLOWED, NOTHING} & {label.casefold() for label in self.labels}:
                raise ValueError(f"none: 'allowed' is ambiguous beside a label '{word}'; rename the label.")
        return self

    @property
    def joins(self) -> Joins:
        """What any piece has."""
        return "any"

    def answer_schema(self) -> Mapping[str, Any]:
        """An array of labels; not empty unless an empty answer is an answer."""
        items = {"type": "string", "enum": list(self.labels)}
        least = {} if self.none == ALLOWED else {"minItems": 1}
        return {"type": "array", "items": items, **least}

    def answer_instruction(self) -> str:
        """One sentence on the form of an answer."""
        start = "Answer with all labels that apply, as a list, spelt as above"
        if self.none == ALLOWED:
            return f"{start}; the list is empty if none applies."
        if self.none is not None:
            return f"{start}; answer with {self.none} alone if no other applies."
        return f"{start}; at least one applies."

    def answer_form(self) -> AnswerForm:
        """Any of the labels; none where that is an answer."""
        return AnswerForm("choices", self.definitions, several=True, may_be_empty=self.none == ALLOWED)

    def parse(self, value: Any) -> str:
        """A reply's label, from a list or from text as `read` takes it; see `records.Task`."""
        if isinstance(value, str):
            return self.read(value)
        if not isinstance(value, list | tuple):
            raise ValueError(f"'{value}' is not a list of labels.")  # noqa: TRY004 - what callers catch
        return self._canonical({self.known(str(name)) for name in value})

    def read(self, text: str) -> str:
        """
        A person's labels from a cell: `a; b`, `a, b`, `a|b` or a JSON list.

        `none` stands for an empty answer where that is allowed.
        """
        cell = text.strip()
        if cell.casefold() in {label.casefold() for label in self.labels}:
            return self._canonical({self.known(cell)})
        if cell.casefold() == NOTHING:
            return self._canonical(set())
        if cell.startswith("["):
            return self.parse(_json_list(cell))
        separator = next((mark for mark in _SEPARATORS if mark in cell), ";")
        named = {self.known(name) for name in cell.split(separator) if name.strip()}
        if not named:
            raise ValueError(f"'{text}' names no label.")
        return self._canonical(named)

    def renamed(self, label: str, names: Mapping[str, str]) -> str:
        """The labels under their other names, in this recipe's order; canonical before and after."""
        return self._canonical({names.get(name, name) for name in _names(label)})

    def show(self, label: str) -> str:
        """The names, as `read` takes them back: `a; b`, or `none`."""
        names = _names(label)
        if any(";" in name or name.startswith("[") for name in names):
            return label
        return "; ".join(names) or NOTHING

    def distance(self, label: str, other: str) -> float:
        """1 - Jaccard: the share of the labels named by either that not both name; two empty ones: 0."""
        one, two = set(_names(label)), set(_names(other))
        return 1 - len(one & two) / len(one | two) if one | two else 0.0

    def example(self) -> str:
        """The first label alone."""
        return self._canonical({next(iter(self.labels))})

    def parts(self, label: str) -> tuple[str, ...]:
        """Every label of the recipe, given or left out, where they are few; else those given."""
        return tuple(self.labels) if len(self.labels) <= _MOST_PARTS else tuple(_names(label))

    def settle(self, votes: Sequence[str]) -> str:
        """
        The labels that more than half of the votes name.

        Where there is none and an answer may not be empty: the label that
        means none, else the most frequent one, first in the recipe's order.
        """
        counts = Counter(name for vote in votes for name in _names(vote))
        chosen = {name for name in counts if 2 * counts[name] > len(votes)}
        if not chosen and self.none is None:
            chosen = {max(self.labels, key=lambda name: counts[name])}
        return self._canonical(chosen)

    def units(self, label: str) -> frozenset[str]:
        """The labels named."""
        return frozenset(_names(label))

    def figures(self, rows: Iterable[Labelled]) -> Iterator[Metric]:
        """Micro F1, precision and recall over all labels; precision and recall of each; the gap that review closes."""
        listed = list(rows)
        yield from set_figures(listed, _names, "labels of an item")
        yield from label_figures(listed, _names, list(self.labels))

    def target_form(self) -> TargetForm:
        """Each label yes or no; those likelier than not are the answer, or the likeliest where they are none."""
        names = tuple(self.labels)

        def encode(label: str) -> list[float]:
            given = set(_names(label))
            return [float(name in given) for name in names]

        def decode(belief: Sequence[float]) -> str:
            try:
                return self._canonical(
                    {name for value, name in zip(belief, names, strict=True) if value > 0.5}
                )
            except ValueError:
                # No answer at all, or labels that exclude one another.
                return self._canonical({max(zip(belief, names, strict=True), key=lambda one: one[0])[1]})

        return TargetForm("labels", names, encode, decode)

    def _canonical(self, names: set[str]) -> str:
        """The JSON list in the recipe's order, if these names are an answer."""
        if not names and self.none is None:
            raise ValueError("an answer needs at least one label.")
        if self.none not in {None, ALLOWED}:
            if len(names) > 1 and self.none in names:
                raise ValueError(f"'{self.none}' means that no other label applies; it stands alone.")
            names = names or {str(self.none)}
        return canonical_json([name for name in self.labels if name in names])


def _names(label: str) -> list[str]:
    names: list[str] = json.loads(label)
    return names


def _json_list(cell: str) -> list[Any]:
    try:
        value = json.loads(cell)
    except ValueError as error:
        raise ValueError(f"'{cell}' begins like a JSON list but is none; write labels as 'a; b'.") from error
    names: list[Any] = value
    return names
