"""Labels as the numbers that a model is trained against, and back."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from act_spec.records import Task


class Targets:
    """
    The labels of one task as numbers, in the form that its kind declares.

    Raises:
        ValueError: If the task is of a kind that nothing is trained for.
    """

    def __init__(self, task: Task) -> None:
        form = task.target_form()
        if form is None:
            raise ValueError(
                f"nothing is trained for {task.kind}. Use the labels elsewhere: `act-spec labels -o FILE`."
            )
        self.task, self.form = task, form
        self.head, self.names = form.head, form.names

    def encode(self, labels: Sequence[str | None]) -> NDArray[np.float64]:
        """Rows of numbers, shape (n, K); all zeros where there is no label."""
        made = np.zeros((len(labels), len(self.names)))
        for row, label in enumerate(labels):
            if label is not None:
                made[row] = self.form.encode(label)
        return made

    def decode(self, belief: NDArray[np.float32]) -> list[str]:
        """The label that each row of beliefs amounts to, in canonical text."""
        return [self.form.decode(row) for row in belief.tolist()]

    def scores(self, belief: NDArray[np.float32], truth: Sequence[str]) -> NDArray[np.float64]:
        """1 - the kind's distance to the true label, in [0, 1]: right or wrong for classes, Jaccard for sets."""
        told = self.decode(belief)
        return np.array([1 - self.task.distance(one, other) for one, other in zip(told, truth, strict=True)])
