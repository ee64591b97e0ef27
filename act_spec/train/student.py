"""The student of a round: a model trained on what is labelled so far, and what it believes of every item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from act_spec.losses.objective import Examples
from act_spec.plan.model import Plan
from act_spec.store.database import Store
from act_spec.strategies.selecting import Floats
from act_spec.train.dataset import Dataset, read_dataset
from act_spec.train.fit import Fitted, fit
from act_spec.train.session import settings_of, threads
from act_spec.train.targets import Targets


@dataclass(frozen=True, eq=False)
class Student:
    """
    A trained model and the items of its run.

    Attributes:
        fitted: The model.
        data: What it reads; items are sorted by id.
        learnt: How many items it learnt from.
    """

    fitted: Fitted
    data: Dataset
    learnt: int

    @cached_property
    def belief(self) -> NDArray[np.float32]:
        """What it believes of every item, shape (n, K)."""
        return self.fitted.predict(self.data.rows)

    @cached_property
    def expected(self) -> list[str]:
        """The label that it would give every item."""
        return self.data.targets.decode(self.belief)

    def parts(self, places: Sequence[int]) -> list[Floats]:
        """Its beliefs of some items as selectors take them: of shape (t, K), t parts with K answers."""
        return [_parts(self.belief[place].astype(np.float64), self.data.targets) for place in places]

    def scores(self, gold: Sequence[str | None], places: NDArray[np.bool_]) -> Floats:
        """How right it is on a test file if the recipe names one, else on these items, those with known answers."""
        if self.data.apart is not None:
            labels, rows = self.data.apart
            known = [place for place, label in enumerate(labels.gold) if label is not None]
            belief = self.fitted.predict(rows.take(np.array(known, dtype=np.int64)))
            return self.data.targets.scores(belief, [str(labels.gold[place]) for place in known])
        known = [place for place in np.flatnonzero(places).tolist() if gold[place] is not None]
        return self.data.targets.scores(self.belief[known], [str(gold[place]) for place in known])


class Teaching:
    """Trains the students of one run; the items are read once."""

    def __init__(self, plan: Plan, store: Store) -> None:
        """
        Read the items.

        Raises:
            ValueError: If the task's kind or its fields cannot be trained on.
            RecipeError: If the test file cannot be read.
        """
        self.plan, self.data = plan, read_dataset(plan, store)
        self._place = {item_id: place for place, item_id in enumerate(self.data.labels.item_ids)}

    def student(self, people: Mapping[str, str], model: Mapping[str, str]) -> Student | None:
        """
        A student of these labels, each of which counts once; None where there are fewer than two.

        Args:
            people: Item id to the label that people gave.
            model: Item id to the label that the annotator gave.
        """
        places = np.array(sorted(self._place[one] for one in {**model, **people}), dtype=np.int64)
        if len(places) < 2:
            return None
        examples = self._examples(places, people, model)
        loss = self.plan.loss
        objective = loss.entry.build(examples, **loss.parameters)
        settings = settings_of(self.plan)
        with threads(self.plan):
            fitted = fit(
                self.data.rows.take(places), objective, self.data.targets.head, settings, self.plan.seed
            )
            made = Student(fitted, self.data, len(places))
            made.belief  # noqa: B018 - under the same number of threads
        return made

    def _examples(
        self, places: NDArray[np.int64], people: Mapping[str, str], model: Mapping[str, str]
    ) -> Examples:
        ids: list[Any] = [self.data.labels.item_ids[place] for place in places]
        human, machine = [people.get(one) for one in ids], [model.get(one) for one in ids]
        by_people = np.array([label is not None for label in human], dtype=bool)
        return Examples(
            self.data.targets.encode(machine),
            self.data.targets.encode(human),
            np.array([label is not None for label in machine], dtype=bool),
            by_people,
            by_people.astype(np.float64),
        )


def _parts(belief: Floats, targets: Targets) -> Floats:
    if targets.head == "classes":
        return belief[np.newaxis]
    # Each label, or number, is a question of its own with two answers.
    return np.stack([belief, 1 - belief], axis=1)
