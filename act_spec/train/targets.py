"""Labels as the numbers that a model is trained against, and back."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from act_spec.records import Task
from act_spec.train.criterion import Head

_HEADS: dict[str, Head] = {"classification": "classes", "multilabel": "labels"}


class Targets:
    """
    The labels of one task, in the recipe's order.

    Raises:
        ValueError: If the task is of a kind that nothing is trained for.
    """

    def __init__(self, task: Task) -> None:
        head = _HEADS.get(task.kind)
        if head is None:
            raise ValueError(f"nothing is trained for {task.kind} yet. Kinds: {', '.join(_HEADS)}.")
        self.task = task
        self.head = head
        self.names = tuple(one.name for one in task.definitions)
        self._place = {name: place for place, name in enumerate(self.names)}

    def encode(self, labels: Sequence[str | None]) -> NDArray[np.float64]:
        """Rows of zeros and ones, shape (n, K); all zeros where there is no label."""
        made = np.zeros((len(labels), len(self.names)))
        for row, label in enumerate(labels):
            if label is not None:
                made[row, [self._place[unit] for unit in self.task.units(label)]] = 1
        return made

    def decode(self, belief: NDArray[np.float32]) -> list[str]:
        """The label that each row of beliefs amounts to, in canonical text."""
        best = belief.argmax(axis=1)
        if self.head == "classes":
            return [self.names[place] for place in best]
        return [self._set(row, int(place)) for row, place in zip(belief, best, strict=True)]

    def scores(self, belief: NDArray[np.float32], truth: Sequence[str]) -> NDArray[np.float64]:
        """1 - distance to the true label, in [0, 1]: right or wrong for classes, Jaccard for sets."""
        told = self.decode(belief)
        return np.array([1 - self.task.distance(one, other) for one, other in zip(told, truth, strict=True)])

    def _set(self, row: NDArray[np.float32], best: int) -> str:
        likely = [name for name, value in zip(self.names, row, strict=True) if value > 0.5]
        try:
            return self.task.parse(likely)
        except ValueError:
            # No answer at all, or labels that exclude one another: the likeliest alone.
            return self.task.parse([self.names[best]])
