"""What no section can check alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from act_spec.errors import Problem, did_you_mean
from act_spec.recipe.blind_spots import BlindSpots
from act_spec.recipe.checks_rounds import Found, check_rounds
from act_spec.recipe.expect import Expectation, expected_label
from act_spec.recipe.matrix import Matrix
from act_spec.recipe.nodes import KeyPath, Places
from act_spec.recipe.rounds import Rounds
from act_spec.recipe.schema import Annotator, Budget, Data, Judge, Review
from act_spec.recipe.values import Amount
from act_spec.registry import Entry, find, names, parameters
from act_spec.tasks.kind import TaskKind


def check_together(sections: Mapping[str, Any], places: Places) -> list[Problem]:
    """
    The faults between sections.

    Args:
        sections: Those sections of the recipe that are right by themselves.
        places: Where their parts stand.
    """
    task, data = sections.get("task"), sections.get("data")
    review = sections.get("review")
    found: list[Found] = []
    if isinstance(task, TaskKind) and isinstance(data, Data):
        found += [
            *_gold_labels(task, data),
            *_modality(task, data),
            *_pieces(task, data),
            *_fields(task, data),
        ]
    if isinstance(task, TaskKind):
        found += _expected_labels(task, sections.get("expect", ()))
    if isinstance(data, Data):
        found += _gold_shown(data)
    if isinstance(data, Data) and isinstance(review, Review):
        found += _simulation(data, review)
    if isinstance(sections.get("matrix"), Matrix):
        found += _matrix(review if isinstance(review, Review) else Review())
    found += [*_pilot(sections, places), *_confidence(sections)]
    if isinstance(sections.get("blind_spots"), BlindSpots):
        found += _blind_spots(sections, places)
    if isinstance(sections.get("rounds"), Rounds):
        found += check_rounds(sections["rounds"], sections)
    return [
        Problem(*places.at(one.path), places.as_written(one.path), one.message, one.hint) for one in found
    ]


def _gold_labels(task: TaskKind, data: Data) -> Iterator[Found]:
    read = getattr(task, "read", None)
    if data.gold is None or read is None:
        return
    names = [definition.name for definition in getattr(task, "definitions", ())]
    for value, label in data.gold.map.items():
        try:
            read(label)
        except ValueError:
            path = ("data", "gold", "map", value)
            yield Found(path, f"'{label}' is not one of the labels.", did_you_mean(label, names))


def _expected_labels(task: TaskKind, expected: Sequence[Expectation]) -> Iterator[Found]:
    for number, one in enumerate(expected):
        for key in ("machine_label", "final_label"):
            value = getattr(one, key)
            if value is None:
                continue
            try:
                expected_label(task, value)
            except ValueError as error:
                yield Found(("expect", number, key), str(error), "")


def _modality(task: TaskKind, data: Data) -> Iterator[Found]:
    kinds = {field.type for field in data.show.values()}
    if task.modality is not None and task.modality not in kinds:
        what = f"'{task.modality}' does not agree with data.show, which shows {' and '.join(sorted(kinds))}."
        yield Found(("task", "modality"), what, "Leave modality out; it follows from data.show.")


def _fields(task: TaskKind, data: Data) -> Iterator[Found]:
    """What the kind relies on must be shown."""
    for name, key in task.fields.items():
        if name not in data.show:
            what = f"'{name}' is not one of the fields that data.show shows."
            yield Found(("task", key), what, did_you_mean(name, list(data.show)))


def _pieces(task: TaskKind, data: Data) -> Iterator[Found]:
    fields = [name for name, field in data.show.items() if field.longer == "pieces"]
    for name in fields[1:]:
        what = f"only one field is asked about in pieces, and '{fields[0]}' is already."
        yield Found(("data", "show", name, "longer"), what, "Write refuse or cut.")
    if fields and task.joins is None:
        what = f"the answers of pieces cannot be put together for '{task.kind}'."
        yield Found(("data", "show", fields[0], "longer"), what, "Write refuse or cut.")


def _gold_shown(data: Data) -> Iterator[Found]:
    for name, field in data.show.items():
        if data.gold is not None and field.column == data.gold.column:
            what = f"the column '{field.column}' is the gold, and models and reviewers would see the answer."
            yield Found(("data", "show", name), what, "Take it out of show.")


def _simulation(data: Data, review: Review) -> Iterator[Found]:
    if review.simulate == "gold" and data.gold is None:
        what = "reviewers cannot be simulated from gold, because data.gold is not given."
        yield Found(("review", "simulate"), what, "Name the column with the answers: data.gold.")


def _matrix(review: Review) -> Iterator[Found]:
    if review.simulate is None:
        what = "each run of a matrix is walked to its end, and people cannot answer for every one."
        yield Found(("matrix",), what, "Add review: {simulate: gold}, or take matrix out.")


def _pilot(sections: Mapping[str, Any], places: Places) -> Iterator[Found]:
    pilot, budget = sections.get("pilot"), sections.get("budget")
    # A pilot that is written and wrong is a fault of its own.
    none = places.nearest(("pilot",)) == ()
    if none and sections.get("judges"):
        what = "several judges are compared on items that people review first, and pilot is not given."
        yield Found(("judges",), what, "Add pilot: 60 at the top level, or keep one judge.")
    if places.nearest(("combine",)) != () and not sections.get("judges"):
        what = "only several judges can be combined, and there is no list of judges."
        yield Found(("combine",), what, "Leave out 'combine', or write judge as a list.")
    if isinstance(budget, Budget):
        if none and budget.reviews != "auto" and "fit_accuracy" in budget.model_fields_set:
            what = "'fit_accuracy' is looked at after the first round, and this budget has just one."
            yield Found(("budget", "fit_accuracy"), what, "Add pilot: 60 at the top level, or leave it out.")
        if isinstance(pilot, int):
            yield from _pilot_in_budget(pilot, budget)


def _pilot_in_budget(pilot: int, budget: Budget) -> Iterator[Found]:
    counted = isinstance(budget.reviews, Amount)
    most = budget.reviews.count if isinstance(budget.reviews, Amount) else budget.at_most.count
    if most is not None and pilot >= most:
        key = "budget.reviews" if counted else "budget.at_most"
        what = f"the pilot alone reviews {pilot:,} items, and {key} has {most:,} in all."
        yield Found(("pilot",), what, f"Write a smaller pilot, or a larger {key}.")


def _confidence(sections: Mapping[str, Any]) -> Iterator[Found]:
    annotator = sections.get("annotator")
    if not isinstance(annotator, Annotator) or _gives_confidence(annotator):
        return
    judges: list[tuple[KeyPath, Any]] = [(("judge",), sections.get("judge"))]
    judges += [(("judges", index), judge) for index, judge in enumerate(sections.get("judges", ()))]
    for path, judge in judges:
        if isinstance(judge, Judge) and judge.on is not None:
            name = annotator.strategy.entry.name
            what = (
                f"this takes what the annotator was least sure of, and '{name}' does not say how sure it is."
            )
            yield Found((*path, "on"), what, _how_to_be_sure(annotator.strategy.entry))


def _blind_spots(sections: Mapping[str, Any], places: Places) -> Iterator[Found]:
    annotator = sections.get("annotator")
    unjudged = all(places.nearest((key,)) == () for key in ("judge", "judges"))
    if isinstance(annotator, Annotator) and unjudged and not _gives_confidence(annotator):
        what = f"nobody says how sure a label is: '{annotator.strategy.entry.name}' does not, and there is no judge."
        yield Found(("blind_spots",), what, _how_to_be_sure(annotator.strategy.entry, "Add a judge"))
    if isinstance(sections.get("matrix"), Matrix):
        what = "blind spots are taught after the reviews of one run, and a matrix has many."
        yield Found(("blind_spots",), what, "Leave one of the two out.")
    if isinstance(sections.get("rounds"), Rounds):
        what = "blind spots are told of reviews that a rule draws, and rounds choose their own."
        yield Found(("blind_spots",), what, "Leave one of the two out.")


def _gives_confidence(annotator: Annotator) -> bool:
    """By the trait `confidence`: True, or the name of the parameter that asks for one or names its column."""
    trait = annotator.strategy.entry.traits.get("confidence", False)
    return bool(annotator.strategy.parameters[trait]) if isinstance(trait, str) else bool(trait)


def _how_to_be_sure(entry: Entry, other: str = "Leave out 'on'") -> str:
    trait = entry.traits.get("confidence")
    if isinstance(trait, str):
        asked = parameters(entry).model_fields[trait].annotation is bool
        if asked:
            return f"Write annotator.strategy: {{name: {entry.name}, {trait}: true}}."
        return f"Name the column that holds it: annotator.strategy.{trait}."
    known = [name for name in names("annotator") if find("annotator", name).traits.get("confidence")]
    return f"{other}, or take a strategy that says so: {', '.join(known)}."
