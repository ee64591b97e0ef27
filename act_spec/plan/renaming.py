"""
Labels that had another name before: models are asked under the former names, so that nothing is asked twice.

What they answer is recorded under the new names; people see only those.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from act_spec.records import Annotation, Judgment, Steps, Task, Vote
from act_spec.tasks.kind import LabelledTask, LabelSpec


@dataclass(frozen=True)
class Renaming:
    """
    A task under its new names and as it was under the former ones.

    Attributes:
        task: As the recipe has it.
        former: The same question with the former names.
        names: New name to the name that models know.
        back: Every former name to the new one.
    """

    task: Task
    former: Task
    names: Mapping[str, str]
    back: Mapping[str, str]

    def as_asked(self, annotation: Annotation) -> Annotation:
        """An annotation under the names that models know."""
        return self._annotation(annotation, self.former, self.names)

    def renamed(self, steps: Steps[Any]) -> Steps[Any]:
        """A strategy whose record comes out under the new names."""
        record = yield from steps
        return self._as_recorded(record)

    def label(self, label: str | None) -> str | None:
        """A recorded label under its new name."""
        return None if label is None else _renamed(self.task, label, self.back)

    def _as_recorded(self, record: Any) -> Any:
        if isinstance(record, Annotation):
            return self._annotation(record, self.task, self.back)
        if isinstance(record, Judgment):
            units = record.units and {self._unit(name): p for name, p in record.units.items()}
            return replace(record, suggested_label=self.label(record.suggested_label), units=units)
        return record

    def _unit(self, name: str) -> str:
        kind = cast("LabelledTask", self.task)
        return kind.renamed_unit(name, self.back)

    def _annotation(self, one: Annotation, task: Task, names: Mapping[str, str]) -> Annotation:
        def vote(said: Vote) -> Vote:
            return said if said.label is None else replace(said, label=_renamed(task, said.label, names))

        label = None if one.label is None else _renamed(task, one.label, names)
        return replace(one, label=label, votes=tuple(vote(said) for said in one.votes))


def renaming_of(task: Task) -> Renaming | None:
    """How the labels of a task were renamed; None if none was."""
    labels: Mapping[str, LabelSpec] = getattr(task, "labels", {})
    names = {name: spec.renamed_from[0] for name, spec in labels.items() if spec.renamed_from}
    if not names:
        return None
    kind = cast("LabelledTask", task)
    written = kind.model_dump()
    written["labels"] = {
        names.get(name, name): {**spec, "renamed_from": [name] if name in names else []}
        for name, spec in written["labels"].items()
    }
    for key in kind.about_labels:
        if written.get(key):
            written[key] = _under(names, written[key])
    former = cast("Task", type(kind).model_validate(written))
    back = {before: name for name, spec in labels.items() for before in spec.renamed_from}
    return Renaming(task, former, names, back)


def as_asked(task: Task) -> Task:
    """The task as models know it."""
    found = renaming_of(task)
    return task if found is None else found.former


def _under(names: Mapping[str, str], value: Any) -> Any:
    """A name of a label, a list or a mapping of them, under other names."""
    if isinstance(value, dict):
        return {names.get(key, key): names.get(said, said) for key, said in value.items()}
    return names.get(value, value) if isinstance(value, str) else [names.get(one, one) for one in value]


def _renamed(task: Any, label: str, names: Mapping[str, str]) -> str:
    # Kinds whose labels can be renamed say how; the recipe's schema refuses `renamed_from` in all others.
    renamed: str = task.renamed(label, names)
    return renamed
