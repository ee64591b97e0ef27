"""How things in a text relate: typed, directed pairs."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Self

from pydantic import Field, PrivateAttr, model_validator

from act_spec.records import AnswerForm, Item, LabelDefinition, Labelled, Metric, canonical_json
from act_spec.registry import register
from act_spec.tasks.kind import LabelledTask, Two, fault
from act_spec.tasks.parts.f1 import set_distance, set_figures
from act_spec.tasks.parts.triples import Triple, Triples, triples_of

NOTHING = "none"
FORWARD, BACKWARD = "forward", "backward"
_CELL = re.compile(r"\s*(?P<head>[^;\n]+?)\s*-\[(?P<label>[^\[\]]+)\]->\s*(?P<tail>[^;\n]+?)\s*(?:[;\n]|$)")
_AWKWARD = re.compile(r"[;\n\[\]]|->")


@register("task", "relations.v1")
class Relations(LabelledTask):
    """
    Relations between things that a text names, or between two that are given; a label is their JSON list.

    Each relation has a head, a label and a tail; a label in `symmetric` has
    no direction. Distance is 1 - F1 of the two sets, votes settle relation by
    relation. The empty list is an answer.
    """

    kind: str = "relations"
    about_labels: ClassVar[tuple[str, ...]] = ("none", "symmetric")
    text: str | None = Field(None, description="The shown field whose words heads and tails must be.")
    between: Two | None = Field(
        None,
        description="Two shown fields that hold the pair in question: head and tail. Then one label is asked for.",
    )
    none: str | None = Field(None, description="Of a given pair: the label that means that no other applies.")
    symmetric: tuple[str, ...] = Field((), description="Labels without a direction.")
    directed: bool = Field(
        default=False, description="Of a given pair: whether the direction is asked for too."
    )

    _item: Item | None = PrivateAttr(None)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.text is None) == (self.between is None):
            raise fault(
                "relations are found in 'text', or asked about 'between' two fields: name one of them.",
                "text",
            )
        for key, names in {"none": (self.none,), "symmetric": self.symmetric}.items():
            if unknown := [name for name in names if name is not None and name not in self.labels]:
                raise fault(f"'{unknown[0]}' is not one of the labels: {', '.join(self.labels)}.", key)
        if self.between is None and (self.none or self.directed):
            raise fault("'none' and 'directed' are of a given pair.", "none" if self.none else "directed")
        return self

    @property
    def quotes(self) -> bool:
        """Both ends are words of the item, where they are found in it."""
        return self.text is not None

    @property
    def fields(self) -> Mapping[str, str]:
        """The text, or the fields with the pair."""
        return {self.text: "text"} if self.text else dict.fromkeys(self.between or (), "between")

    def about(self, item: Item) -> Self:
        """Heads and tails are held against the item."""
        task = self.model_copy()
        task._item = item  # noqa: SLF001 - its own copy
        return task

    def answer_schema(self) -> Mapping[str, Any]:
        """One label for a given pair, perhaps with a direction; else an array of relations."""
        label = {"type": "string", "enum": list(self.labels)}
        if self.between and not self.directed:
            return label
        if self.between:
            fields: dict[str, Any] = {
                "label": label,
                "direction": {"type": "string", "enum": [FORWARD, BACKWARD]},
            }
        else:
            fields = {"head": {"type": "string"}, "label": label, "tail": {"type": "string"}}
        made = {
            "type": "object",
            "properties": fields,
            "required": list(fields),
            "additionalProperties": False,
        }
        return made if self.between else {"type": "array", "items": made}

    def answer_instruction(self) -> str:
        """The form of an answer, and which way relations run."""
        free = f"; {', '.join(self.symmetric)} may be written either way" if self.symmetric else ""
        if self.between:
            head, tail = self.between
            start = f'Say how the field "{head}" relates to the field "{tail}", with exactly one label, spelt as in the list'
            way = (
                f"; the direction is {FORWARD} if it runs from the first to the second, else {BACKWARD}{free}"
            )
            return f"{start}{way if self.directed else ''}."
        return (
            f'List every relation that the field "{self.text}" states: head and tail quoted as they stand there, and a '
            f"label that holds from head to tail{free}. The list is empty if there is none."
        )

    def answer_form(self) -> AnswerForm:
        """The labels as choices for a given pair without direction, else a box."""
        if not self.between or self.directed:
            return AnswerForm("text")
        return AnswerForm(
            "choices", tuple(LabelDefinition(one.name, one.definition) for one in self.definitions)
        )

    def guidance(self) -> tuple[str, ...]:
        """How a cell is filled in."""
        if self.between and not self.directed:
            return ()
        first = next(iter(self.labels))
        if self.between:
            return (
                f"Write the label, and `{BACKWARD}` behind it if it runs from the second to the first: `{first} {BACKWARD}`.",
            )
        return (
            f"Write each relation as `head -[{first}]-> tail`, with semicolons between them, and `{NOTHING}` if there is none.",
        )

    def parse(self, value: Any) -> str:
        """
        A reply's relations; see `records.Task`.

        Those whose words are not in the text, or whose label is unknown, are
        left out, and `repairs` counts them; if none is left of some, the reply
        is no answer.
        """
        if self.between and not isinstance(value, list | tuple):
            return self._of_pair(value)
        if isinstance(value, str):
            return self.read(value)
        if not isinstance(value, list | tuple):
            raise ValueError(f"'{value}' is not a list of relations.")  # noqa: TRY004 - what callers catch
        read = self._triples(value)
        if value and not read.taken:
            raise ValueError(read.faults[0])
        return _canonical(read.taken)

    def repairs(self, value: Any) -> Mapping[str, int]:
        """What is left out: `unknown_label`, `not_in_text`, `malformed`."""
        if self.between:
            return {}
        try:
            listed = json.loads(value) if isinstance(value, str) else value
        except ValueError:
            return {}
        return self._triples(listed).repairs if isinstance(listed, list) else {}

    def read(self, text: str) -> str:
        """A person's relations: `head -[label]-> tail; …`, `none`, JSON; of a given pair the label."""
        cell = text.strip()
        if cell.startswith("["):
            try:
                return self.parse(json.loads(cell))
            except json.JSONDecodeError as error:
                raise ValueError(f"'{cell[:80]}' begins like a JSON list but is none.") from error
        if self.between:
            return self._of_pair(cell)
        if cell.casefold() == NOTHING:
            return "[]"
        found = list(_CELL.finditer(cell))
        if not found or "".join(one[0] for one in found) != cell:
            raise ValueError(
                f"'{text[:80]}' is not a list of relations such as 'head -[{next(iter(self.labels))}]-> tail'."
            )
        read = self._triples([one.groupdict() for one in found])
        if read.faults:
            raise ValueError(read.faults[0])
        return _canonical(read.taken)

    def renamed(self, label: str, names: Mapping[str, str]) -> str:
        """The relations with their labels under other names; canonical before and after."""
        return _canonical(replace(one, label=names.get(one.label, one.label)) for one in triples_of(label))

    def renamed_unit(self, unit: str, names: Mapping[str, str]) -> str:
        """A relation, whose label stands between its ends."""
        name = next((name for name in names if f" -[{name}]-> " in unit), None)
        return unit if name is None else unit.replace(f" -[{name}]-> ", f" -[{names[name]}]-> ", 1)

    def show(self, label: str) -> str:
        """The relations as `read` takes them back; of a given pair the label."""
        triples = triples_of(label)
        if self.between:
            if not triples:
                return self.none or NOTHING
            backward = triples[0].head == self.between[1]
            return f"{triples[0].label} {BACKWARD}" if backward else triples[0].label
        if any(_AWKWARD.search(part) for one in triples for part in (one.head, one.tail)):
            return label
        return "; ".join(map(str, triples)) or NOTHING

    def distance(self, label: str, other: str) -> float:
        """1 - F1 of the two sets of relations; both empty: 0."""
        return set_distance(triples_of(label), triples_of(other))

    def settle(self, votes: Sequence[str]) -> str:
        """Of a given pair the most frequent answer, the first of those that tie; else what more than half of the votes have."""
        if self.between:
            counts = Counter(votes)
            return max(counts, key=lambda vote: counts[vote])
        found = Counter(one for vote in votes for one in triples_of(vote))
        return _canonical([one for one, count in found.items() if 2 * count > len(votes)])

    def units(self, label: str) -> frozenset[str]:
        """The relations, as people read them."""
        return frozenset(map(str, triples_of(label)))

    def parts(self, label: str) -> tuple[str, ...]:
        """The relations, where they are found in a text."""
        return () if self.between else tuple(map(str, triples_of(label)))

    def example(self) -> str:
        """No relation."""
        return "[]"

    def figures(self, rows: Iterable[Labelled]) -> Iterator[Metric]:
        """Micro F1 of whole relations, over all and for each label; no relation counts as none."""
        listed = list(rows)
        yield from set_figures(listed, triples_of, "relations with the same head, label and tail")
        for label in self.labels:
            if label != self.none:
                yield from self._of_label(listed, label)

    def _of_label(self, rows: Sequence[Labelled], label: str) -> Iterator[Metric]:
        def own(text: str) -> list[Triple]:
            return [one for one in triples_of(text) if one.label == label]

        if any(own(one) for row in rows for one in (row.machine, row.final, row.gold) if one is not None):
            for metric in set_figures(rows, own, "relations with this label"):
                if metric.name.endswith("_f1"):
                    yield Metric(f"{metric.name}:{label}", metric.value, metric.low, metric.high, metric.note)

    def _of_pair(self, value: Any) -> str:
        """The relation of a given pair, from one field to the other."""
        name, backward = value, False
        if isinstance(value, Mapping):
            name, backward = value.get("label"), value.get("direction") == BACKWARD
        elif isinstance(value, str) and value.strip().casefold().endswith(f" {BACKWARD}"):
            name, backward = value.strip()[: -len(BACKWARD)], True
        label = self.known(str(name))
        if label == self.none:
            return "[]"
        turned = backward and self.directed and label not in self.symmetric
        head, tail = (self.between or ())[:: -1 if turned else 1]
        return _canonical([Triple(head, label, tail)])

    def _triples(self, value: Sequence[Any]) -> Triples:
        said = None
        if self._item is not None and self.text:
            said = str(self._item.content.get(self.text) or "")
        return Triples.of(value, said=said, known=self.known, symmetric=self.symmetric)


def _canonical(triples: Iterable[Triple]) -> str:
    return canonical_json([one.as_json() for one in sorted(set(triples))])
