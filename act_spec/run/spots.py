"""Blind spots as people see them and decide on them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from act_spec.content.fields import plain_fields
from act_spec.documents.spots import ExampleFacts, SpotFacts
from act_spec.errors import Problem, ReviewError
from act_spec.exchange.lessons import read_lessons
from act_spec.plan.model import Plan
from act_spec.records import Item
from act_spec.run.teaching import take_lesson
from act_spec.store import blind_spots as stored
from act_spec.store.database import Store
from act_spec.store.times import utc_now


def spot_facts(plan: Plan, store: Store) -> tuple[SpotFacts, ...]:
    """Every blind spot of the run, with its errors and what was written against it."""
    spots, examples = stored.blind_spots(store), stored.synthetic_rows(store)
    contents = stored.contents_of(store, [item for spot in spots for item in spot.items])
    return tuple(
        SpotFacts(
            spot.number,
            plan.task.show(spot.machine_label),
            plan.task.show(spot.human_label),
            tuple(plain_fields(Item(item, contents[item]), plan.data.show) for item in spot.items),
            spot.pattern,
            spot.teacher,
            tuple(
                ExampleFacts(one.number, plan.task.show(one.label), one.content, one.made_by, one.decision)
                for one in examples
                if one.spot == spot.number
            ),
        )
        for spot in spots
    )


def decide(store: Store, accept: Sequence[int], decline: Sequence[int], by: str) -> None:
    """
    Record what a person decides on examples.

    Raises:
        ReviewError: If no example has one of the numbers, or one is both accepted and declined.
    """
    with store.transaction():
        stored.decide_examples(store, accept, decline, by, utc_now())


def take_lessons(plan: Plan, store: Store, file: Path, by: str) -> tuple[int, list[Problem]]:
    """
    Take in what a person teaches; nothing of a blind spot with a fault in its pattern.

    Returns:
        How many examples are new, and what is wrong with the file.

    Raises:
        ReviewError: If the recipe tells of no blind spots.
    """
    if plan.blind_spots is None:
        raise ReviewError(
            f"{plan.recipe_path}: the recipe has no blind_spots. Write `blind_spots: {{}}` into it."
        )
    numbers = {spot.number for spot in stored.blind_spots(store)}
    lessons, problems = read_lessons(file, plan.task, tuple(plan.data.show), numbers)
    new = 0
    for number, lesson in sorted(lessons.items()):
        if lesson.pattern:
            new += take_lesson(plan, store, number, lesson.pattern, lesson.examples, by)
    return new, problems
