"""What no section can check alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from act_spec import resources
from act_spec.errors import Problem, did_you_mean
from act_spec.recipe.nodes import KeyPath, Places
from act_spec.recipe.schema import Data, Guideline, Review
from act_spec.tasks.kind import TaskKind


@dataclass(frozen=True)
class _Found:
    path: KeyPath
    message: str
    hint: str


def check_together(sections: Mapping[str, Any], places: Places) -> list[Problem]:
    """
    The faults between sections.

    Args:
        sections: Those sections of the recipe that are right by themselves.
        places: Where their parts stand.
    """
    task, data = sections.get("task"), sections.get("data")
    review, guideline = sections.get("review"), sections.get("guideline")
    found: list[_Found] = []
    if isinstance(task, TaskKind) and isinstance(data, Data):
        found += [*_gold_labels(task, data), *_modality(task, data)]
    if isinstance(data, Data):
        found += _gold_shown(data)
    if isinstance(data, Data) and isinstance(review, Review):
        found += _simulation(data, review)
    if isinstance(guideline, Guideline):
        found += _template(guideline)
    return [
        Problem(*places.at(one.path), places.as_written(one.path), one.message, one.hint) for one in found
    ]


def _gold_labels(task: TaskKind, data: Data) -> Iterator[_Found]:
    read = getattr(task, "read", None)
    if data.gold is None or read is None:
        return
    names = [definition.name for definition in getattr(task, "definitions", ())]
    for value, label in data.gold.map.items():
        try:
            read(label)
        except ValueError:
            path = ("data", "gold", "map", value)
            yield _Found(path, f"'{label}' is not one of the labels.", did_you_mean(label, names))


def _modality(task: TaskKind, data: Data) -> Iterator[_Found]:
    kinds = {field.type for field in data.show.values()}
    if task.modality is not None and task.modality not in kinds:
        what = f"'{task.modality}' does not agree with data.show, which shows {' and '.join(sorted(kinds))}."
        yield _Found(("task", "modality"), what, "Leave modality out; it follows from data.show.")


def _gold_shown(data: Data) -> Iterator[_Found]:
    for name, field in data.show.items():
        if data.gold is not None and field.column == data.gold.column:
            what = f"the column '{field.column}' is the gold, and models and reviewers would see the answer."
            yield _Found(("data", "show", name), what, "Take it out of show.")


def _simulation(data: Data, review: Review) -> Iterator[_Found]:
    if review.simulate == "gold" and data.gold is None:
        what = "reviewers cannot be simulated from gold, because data.gold is not given."
        yield _Found(("review", "simulate"), what, "Name the column with the answers: data.gold.")


def _template(guideline: Guideline) -> Iterator[_Found]:
    known = [
        file.name.removesuffix(".md.j2") for file in resources.folder("templates").glob("guideline*.md.j2")
    ]
    if guideline.template not in known and guideline.template != Guideline().template:
        what = f"no template is named '{guideline.template}'."
        yield _Found(("guideline", "template"), what, did_you_mean(guideline.template, known))
