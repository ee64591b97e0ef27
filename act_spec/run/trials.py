"""Answers with all fields and without some, for selectors that look at the difference."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from act_spec.content.fields import unusable
from act_spec.engine.job import Job
from act_spec.errors import Problem, RecipeError
from act_spec.plan.model import Plan
from act_spec.plan.prompting import Asking
from act_spec.plan.rounds import RoundsPlan
from act_spec.records import Annotation, Item, Steps
from act_spec.run.stage import Engine
from act_spec.store import selections
from act_spec.store.database import Store
from act_spec.store.trials import Trial, answers_with_gold, tried, write_trials

_STRIDE = 1000
"""Sample numbers that one repeat may use for itself."""


def right_answers(
    plan: Plan, rounds: RoundsPlan, store: Store, engine: Engine, item_ids: Sequence[str]
) -> NDArray[np.int64]:
    """
    How many answers of each item are right, with all fields and without those that the selector removes.

    What is asked is asked once; a failed answer is not right.

    Returns:
        Shape (n, 2), in the order of the ids.

    Raises:
        StoppedEarly: If the cap, the provider or the user ended it.
    """
    if plan.annotate.model is None:
        message = (
            "this selector asks the annotator again and again, and the annotator takes what is recorded."
        )
        raise RecipeError([Problem(str(plan.recipe_path), 0, 0, "rounds.select", message)])
    wanted = [
        (item_id, with_fields, sample)
        for item_id in item_ids
        for with_fields in (True, False)
        for sample in range(int(rounds.parameters["repeats"]))
    ]
    known = tried(store, rounds.key)
    due = [one for one in wanted if one not in known]
    if due:
        steps = _steps(plan, rounds, store.cursor(), due)

        def keep(to: Store, settled: Sequence[tuple[str, Trial]]) -> None:
            write_trials(to, rounds.key, settled)

        engine.execute(Job("select", 1, plan.annotate.models, steps, keep), len(due))
    place = {item_id: number for number, item_id in enumerate(item_ids)}
    made = np.zeros((len(item_ids), 2), dtype=np.int64)
    for item_id, with_fields, label, gold in answers_with_gold(store, rounds.key):
        if item_id in place and label is not None and gold is not None and plan.task.same(label, gold):
            made[place[item_id], 0 if with_fields else 1] += 1
    return made


def _steps(
    plan: Plan, rounds: RoundsPlan, reader: Store, due: Sequence[tuple[str, bool, int]]
) -> Iterator[tuple[str, Steps[Trial]]]:
    removed = set(rounds.parameters["without"])
    show = {name: field for name, field in plan.data.show.items() if name not in removed}
    folder = plan.recipe_path.parent
    asking = {
        True: Asking(plan.annotate, plan.task, plan.data.show, folder),
        False: Asking(plan.annotate, plan.task, show, folder),
    }
    items = selections.open_items(reader)
    contents = dict(zip(items.item_ids, items.contents, strict=True))
    for item_id, with_fields, sample in due:
        content = contents[item_id]
        kept = content if with_fields else {name: content.get(name) for name in show}
        item = Item(item_id, kept)
        reason = unusable(item, asking[with_fields].show)
        started = None if reason else asking[with_fields].start(item, None)
        yield item_id, _trial(started, with_fields=with_fields, sample=sample)


def _trial(started: Steps[Annotation] | None, *, with_fields: bool, sample: int) -> Steps[Trial]:
    """The annotator at work, with sample numbers of this repeat's own."""
    if started is None:
        yield []
        return Trial(with_fields, sample, None, "invalid")
    try:
        requests = next(started)
        while True:
            apart = [replace(one, sample=one.sample + sample * _STRIDE) for one in requests]
            requests = started.send((yield apart))
    except StopIteration as end:
        made: Annotation = end.value
        return Trial(with_fields, sample, made.label, made.status)
