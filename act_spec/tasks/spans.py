"""Passages of a text, each with a label: entities, mentions, quotations."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, Self

from pydantic import Field, PrivateAttr

from act_spec.records import AnswerForm, Item, Labelled, Metric, canonical_json
from act_spec.registry import register
from act_spec.tasks.kind import LabelledTask
from act_spec.tasks.parts.f1 import set_distance, set_figures
from act_spec.tasks.parts.marks import Mark, Marking, marks_of
from act_spec.tasks.parts.partial import partial_figures

NOTHING = "none"
_CELL = re.compile(
    r"\s*(?P<text>.+?)(?:\s*@\s*(?P<start>\d+))?\s*\[(?P<label>[^\[\]]+)\]\s*(?:[;\n]|$)", re.DOTALL
)
_AWKWARD = re.compile(r"[\[\];@\n]")


@register("task", "spans.v1")
class Spans(LabelledTask):
    """
    Labelled passages of one field; a label is the JSON list of their places, labels and words.

    Distance is 1 - F1 of the two sets, votes settle passage by passage. An
    empty list is an answer: nothing is there.
    """

    kind: str = "spans"
    text: str = Field(description="The shown field in which passages are marked.")
    overlap: Literal["refused", "nested", "allowed"] = Field(
        "refused",
        description="Whether passages may share characters: not at all, one within another, or any way.",
    )
    places: Literal["characters", "tokens"] = Field(
        "characters",
        description="What replies and data count from 0: characters, the end left out; or pieces between white space, the last included. A mapping with an end counts characters always.",
    )
    trust: Literal["text", "places"] = Field(
        "text", description="What is right where the quoted words do not stand at the given place."
    )

    _said: str | None = PrivateAttr(None)

    @property
    def quotes(self) -> bool:
        """A span is words of the item."""
        return True

    @property
    def fields(self) -> Mapping[str, str]:
        """The one that is marked."""
        return {self.text: "text"}

    def about(self, item: Item) -> Self:
        """Places are checked against the item's text."""
        task = self.model_copy()
        task._said = str(item.content.get(self.text) or "")  # noqa: SLF001 - its own copy
        return task

    def answer_schema(self) -> Mapping[str, Any]:
        """An array of passages: label, words as they stand in the text, and where they begin."""
        passage = {
            "label": {"type": "string", "enum": list(self.labels)},
            "text": {"type": "string"},
            "start": {"type": "integer"},
        }
        items = {
            "type": "object",
            "properties": passage,
            "required": list(passage),
            "additionalProperties": False,
        }
        return {"type": "array", "items": items}

    def answer_instruction(self) -> str:
        """What a passage is made of, and whether passages may overlap."""
        counted = "character" if self.places == "characters" else "word"
        policy = {
            "refused": "Passages do not overlap; of two that would, take the longer.",
            "nested": "A passage may lie within another, but two may not cross.",
            "allowed": "Passages may overlap.",
        }[self.overlap]
        return (
            f'Mark every passage of the field "{self.text}" to which a label applies: quote it letter by letter, without '
            f"spaces or marks around it, and say at which {counted} of the field it begins, counted from 0. {policy} "
            "The list is empty if there is nothing to mark."
        )

    def answer_form(self) -> AnswerForm:
        """Marks in the text."""
        return AnswerForm(
            "spans",
            self.definitions,
            several=True,
            may_be_empty=True,
            options={"field": self.text, "overlap": self.overlap, "none": "Nothing to mark"},
            instruction="Select words, then choose their label. Enter saves; 0 if there is nothing to mark.",
        )

    def guidance(self) -> tuple[str, ...]:
        """How a cell of the worklist is filled in."""
        return (
            (
                "Write each passage as it stands, its label behind it in square brackets, with semicolons between them: "
                f"`Mount Rainier [{next(iter(self.labels))}]`. If the same words stand several times, say at which "
                f"character they begin: `Rainier @ 25 [{next(iter(self.labels))}]`. Write `{NOTHING}` if there is nothing to mark."
            ),
        )

    def parse(self, value: Any) -> str:
        """
        A reply's passages; see `records.Task`.

        Passages whose words are in the text are put where these stand nearest
        to the given place. Those that are nowhere, have an unknown label or
        may not overlap are left out, and `repairs` counts them; if none is
        left of some, the reply is no answer.
        """
        if isinstance(value, str):
            return self.read(value)
        if not isinstance(value, list | tuple):
            raise ValueError(f"'{value}' is not a list of passages.")  # noqa: TRY004 - what callers catch
        marked = self._marking(value)
        if value and not marked.taken:
            raise ValueError(marked.faults[0])
        return _canonical(marked.taken)

    def repairs(self, value: Any) -> Mapping[str, int]:
        """`relocated`, `misquoted`, and left out: `unknown_label`, `not_in_text`, `overlapping`."""
        if isinstance(value, str):
            if not value.strip().startswith("["):
                return {}  # a cell, of which `read` leaves nothing out
            value = _json_list(value.strip())
        return self._marking(value).repairs

    def read(self, text: str) -> str:
        """
        A person's passages from a cell: `words [label]; words @ 25 [label]`, `none`, or a JSON list.

        Nothing is left out in silence: a passage that cannot be taken is an error.
        """
        cell = text.strip()
        if cell.casefold() == NOTHING:
            return "[]"
        if cell.startswith("["):
            return self.parse(_json_list(cell))
        given = [found.groupdict() for found in _CELL.finditer(cell)]
        if not given or "".join(found[0] for found in _CELL.finditer(cell)) != cell:
            raise ValueError(
                f"'{text[:80]}' is not a list of passages such as 'words [{next(iter(self.labels))}]'."
            )
        marked = self._marking(
            [{**one, "start": one["start"] and int(one["start"])} for one in given], counted="characters"
        )
        if marked.faults:
            raise ValueError(marked.faults[0])
        return _canonical(marked.taken)

    def renamed(self, label: str, names: Mapping[str, str]) -> str:
        """The passages with their labels under other names; canonical before and after."""
        return _canonical(replace(mark, label=names.get(mark.label, mark.label)) for mark in marks_of(label))

    def renamed_unit(self, unit: str, names: Mapping[str, str]) -> str:
        """A passage, whose label stands last, in brackets."""
        name = next((name for name in names if unit.endswith(f" [{name}]")), None)
        return unit if name is None else f"{unit.removesuffix(f'[{name}]')}[{names[name]}]"

    def show(self, label: str) -> str:
        """The passages in the order of the text, as `read` takes them back."""
        marks = marks_of(label)
        if any(_AWKWARD.search(mark.text) or mark.text != mark.text.strip() for mark in marks):
            return label
        return "; ".join(map(str, marks)) or NOTHING

    def distance(self, label: str, other: str) -> float:
        """1 - F1 of the two sets of passages; both empty: 0."""
        return set_distance(marks_of(label), marks_of(other))

    def settle(self, votes: Sequence[str]) -> str:
        """The passages that more than half of the votes have, place and label alike."""
        counts = Counter(mark for vote in votes for mark in marks_of(vote))
        return _canonical([mark for mark, count in counts.items() if 2 * count > len(votes)])

    def units(self, label: str) -> frozenset[str]:
        """The passages, as people read them."""
        return frozenset(map(str, marks_of(label)))

    def parts(self, label: str) -> tuple[str, ...]:
        """The passages, in the order of the text."""
        return tuple(map(str, marks_of(label)))

    def example(self) -> str:
        """Nothing is marked."""
        return "[]"

    def figures(self, rows: Iterable[Labelled]) -> Iterator[Metric]:
        """F1 of whole passages with their labels, of each label, and of passages that overlap in part."""
        listed = list(rows)
        yield from set_figures(listed, marks_of, "passages with the same place and label")
        yield from partial_figures(listed, marks_of, list(self.labels))

    def _marking(self, value: Sequence[Any], counted: str = "") -> Marking:
        return Marking.of(
            value,
            said=self._said,
            known=self.known,
            overlap=self.overlap,
            counted=counted or self.places,
            trust=self.trust,
        )


def _canonical(marks: Iterable[Mark]) -> str:
    return canonical_json([mark.as_json() for mark in sorted(set(marks))])


def _json_list(cell: str) -> list[Any]:
    try:
        value = json.loads(cell)
    except ValueError as error:
        raise ValueError(f"'{cell[:80]}' begins like a JSON list but is none.") from error
    if not isinstance(value, list):
        raise ValueError(f"'{cell[:80]}' is not a list of passages.")  # noqa: TRY004 - what callers catch
    return value
