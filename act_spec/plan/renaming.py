"""
Labels that had another name before: models are asked under the former names, so that nothing is asked twice.

What they answer is recorded under the new names; people see only those.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from act_spec.records import Annotation, Judgment, Steps, Task, Vote


@dataclass(frozen=True)
class Renaming:
    """
    A task under its new names and as it was under the former ones.

    Attributes:
        task: As the recipe has it.
        former: The same question with the former names.
        names: New name to former name.
    """

    task: Task
    former: Task
    names: Mapping[str, str]

    def as_asked(self, annotation: Annotation) -> Annotation:
        """An annotation under the names that models know."""
        return self._annotation(annotation, self.former, self.names)

    def renamed(self, steps: Steps[Any]) -> Steps[Any]:
        """A strategy whose record comes out under the new names."""
        record = yield from steps
        return self._as_recorded(record)

    def label(self, label: str | None) -> str | None:
        """A recorded label under its new name."""
        return None if label is None else _renamed(self.task, label, self._back)

    @property
    def _back(self) -> dict[str, str]:
        return {former: name for name, former in self.names.items()}

    def _as_recorded(self, record: Any) -> Any:
        if isinstance(record, Annotation):
            return self._annotation(record, self.task, self._back)
        if isinstance(record, Judgment):
            units = record.units and {self._back.get(name, name): p for name, p in record.units.items()}
            return replace(record, suggested_label=self.label(record.suggested_label), units=units)
        return record

    def _annotation(self, one: Annotation, task: Task, names: Mapping[str, str]) -> Annotation:
        def vote(said: Vote) -> Vote:
            return said if said.label is None else replace(said, label=_renamed(task, said.label, names))

        label = None if one.label is None else _renamed(task, one.label, names)
        return replace(one, label=label, votes=tuple(vote(said) for said in one.votes))


def renaming_of(task: Task) -> Renaming | None:
    """How the labels of a task were renamed; None if none was."""
    labels: Mapping[str, Any] = getattr(task, "labels", {})
    names = {name: spec.renamed_from for name, spec in labels.items() if spec.renamed_from}
    if not names:
        return None
    kind: Any = task
    written = kind.model_dump()
    written["labels"] = {
        names.get(name, name): {**spec, "renamed_from": name if name in names else ""}
        for name, spec in written["labels"].items()
    }
    if written.get("none") in names:
        written["none"] = names[written["none"]]
    return Renaming(task, cast("Task", type(kind).model_validate(written)), names)


def as_asked(task: Task) -> Task:
    """The task as models know it."""
    found = renaming_of(task)
    return task if found is None else found.former


def _renamed(task: Any, label: str, names: Mapping[str, str]) -> str:
    # Kinds whose labels can be renamed say how; the recipe's schema refuses `renamed_from` in all others.
    renamed: str = task.renamed(label, names)
    return renamed
