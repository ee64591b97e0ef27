"""The end of a round: a student is trained on all labels so far, and measured."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np

from act_spec.errors import ActSpecError, Problem, RecipeError
from act_spec.plan.model import Plan
from act_spec.plan.rounds import RoundsPlan
from act_spec.run.stage import StageReport
from act_spec.store import selections
from act_spec.store.database import Store
from act_spec.store.times import utc_now
from act_spec.strategies.estimators.korn_graubard import share_interval
from act_spec.strategies.selecting import held_out

if TYPE_CHECKING:
    from act_spec.train.student import Student, Teaching

_CERTAINTY = 0.95
Score = tuple[int, float | None, float | None, float | None, str]
"""Known answers tested on, mean score, low, high, and what it is of or why there is none."""


class Learning:
    """
    The students of a run, each made when it is asked for.

    A student that an earlier process trained is trained again if a round has
    still to choose by it: equal labels and seed give an equal one.
    """

    def __init__(self, plan: Plan, rounds: RoundsPlan, store: Store) -> None:
        self._plan, self._rounds, self._store = plan, rounds, store
        self._teaching: Teaching | None = None
        self._last: tuple[int, Student | None] = (0, None)

    def learn(self, number: int) -> StageReport:
        """Train the student of a round and record what it is worth, once."""
        if number in selections.learnt_rounds(self._store, self._rounds.key):
            return StageReport("learn")
        now = utc_now()
        student = self.student(number)
        learnt = 0 if student is None else student.learnt
        selections.write_learnt(self._store, self._rounds.key, number, learnt, self._score(student), now)
        return StageReport("learn", settled=learnt)

    def student(self, number: int) -> Student | None:
        """The student of a round; None for round 0, for kinds that nothing is trained for, and without labels."""
        if number < 1 or self._plan.task.target_form() is None:
            return None
        if self._last[0] != number:
            people = {
                one: label for one, _, label in selections.labelled_by(self._store, selections.PEOPLE, number)
            }
            model = {
                one: label for one, _, label in selections.labelled_by(self._store, selections.MODEL, number)
            }
            with self._as_a_problem():
                self._last = (number, self._teach().student(people, model))
        return self._last[1]

    def _teach(self) -> Teaching:
        if self._teaching is None:
            check_torch()
            from act_spec.train.student import Teaching

            self._teaching = Teaching(self._plan, self._store)
        return self._teaching

    @contextmanager
    def _as_a_problem(self) -> Iterator[None]:
        """What cannot be trained on, or with the recipe's loss, is a problem of the recipe."""
        try:
            yield
        except ValueError as error:
            if isinstance(error, ActSpecError):
                raise
            raise RecipeError([Problem(str(self._plan.recipe_path), 0, 0, "train", str(error))]) from error

    def _score(self, student: Student | None) -> Score:
        if self._plan.task.target_form() is None:
            return 0, None, None, None, f"nothing is trained for {self._plan.task.kind}"
        if student is None:
            return 0, None, None, None, "fewer than two labels to learn from"
        items = selections.open_items(self._store)
        kept = np.zeros(len(items.item_ids), dtype=bool)
        if self._rounds.parts:
            kept = held_out(items.groups, self._plan.seed, self._rounds.parts)
        scores = student.scores(items.gold, kept)
        if not scores.size:
            return 0, None, None, None, "no known answers are kept to test on"
        what = "of the test file" if self._plan.train.test else "kept from labelling"
        mean = float(scores.mean())
        low, high = share_interval(mean, float(scores.size), _CERTAINTY)
        return int(scores.size), mean, min(low, mean), max(high, mean), f"{scores.size:,} items {what}"


def check_torch() -> None:
    """
    Rounds train, so what training needs must be there.

    Raises:
        ActSpecError: If it is not.
    """
    if find_spec("torch") is None or find_spec("safetensors") is None:
        raise ActSpecError(
            "Rounds train a student, which needs PyTorch, and it is not installed: pip install 'act_spec[train]'."
        )
