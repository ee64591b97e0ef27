"""
The judge at work while the annotator still is: each item is judged as soon as its label is in the file.

What it does is what it would do afterwards: a judgment rests on its item and
label alone, wherever `plan.together` lets the two go together.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, islice
from typing import Any

from act_spec.engine.job import Job, Progress, Then
from act_spec.plan.model import Answering, Plan
from act_spec.plan.together import why_judged_after
from act_spec.records import Annotation, Item, Steps
from act_spec.run.asking import ROUND, Starting, keeping
from act_spec.run.stage import Engine
from act_spec.store.batches import is_stage_out
from act_spec.store.database import Store
from act_spec.store.pending import Pending, Scope, as_read, count_pending


class Meanwhile:
    """
    Hands labels on from the annotator to the judge.

    Attributes:
        progress: Of the judge, once the annotator is through; None where the judge has not begun.
    """

    def __init__(self, plan: Plan, store: Store, scope: Scope) -> None:
        self._plan = plan
        self._store = store
        self._scope = scope
        self._settled: dict[str, tuple[Item, Annotation]] = {}
        self.progress: Progress | None = None

    def joined(self, job: Job, due: Iterator[tuple[Pending, Steps[Any]]]) -> Job:
        """
        The annotator's job, with the judge's to go on with its items.

        Args:
            job: Asks by calls.
            due: Its items, not yet started.
        """
        judge = self._plan.judge
        if judge is None or is_stage_out(self._store, judge.key):
            return job
        heard = ((one.item.item_id, self._heard(one.item, steps)) for one, steps in due)
        return replace(job, steps=heard, then=self._then(judge))

    def _then(self, judge: Answering) -> Then:
        starting = Starting(self._plan, judge)

        def go_on(item_id: str) -> Steps[Any] | None:
            item, annotation = self._settled.pop(item_id)
            return starting.on(item, as_read(annotation)) if annotation.status == "ok" else None

        due = (
            (one.item.item_id, steps) for one, steps in starting.on_pending(self._store.cursor(), self._scope)
        )
        # Which these are is settled with the first, before anything more is annotated.
        waiting = chain(list(islice(due, 1)), due)
        count = count_pending(self._store, judge.stage, judge.key, self._scope)
        job = Job(judge.stage, ROUND, judge.models, waiting, keeping(judge))
        return Then(job, count, go_on)

    def _heard(self, item: Item, steps: Steps[Any]) -> Steps[Any]:
        """The annotator's steps on an item; what they come to is remembered until the judge takes it up."""
        record = yield from steps
        self._settled[item.item_id] = (item, record)
        return record


def meanwhile(plan: Plan, store: Store, engine: Engine, scope: Scope) -> Meanwhile | None:
    """For the annotator to be asked with; None where the judge must wait for it, or the engine does one thing at a time."""
    if not engine.side_by_side or plan.judge is None or why_judged_after(plan) is not None:
        return None
    return Meanwhile(plan, store, scope)
