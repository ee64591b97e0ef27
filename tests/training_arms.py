"""What the benchmarks share: draws by a rule, training on what came out, and a table of means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from act_spec import registry
from act_spec.losses.objective import Examples, Objective
from act_spec.strategies import sampling
from act_spec.train.fit import Settings, fit
from act_spec.train.rows import Rows

Labels = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Pool:
    """Items to train on with what machine and people say, and items to test on."""

    rows: Rows
    machine: Labels
    gold: Labels
    error_probability: NDArray[np.float64]
    test_rows: Rows
    test_gold: Labels
    classes: int


def one_hot(labels: Labels, classes: int) -> NDArray[np.float64]:
    """Zeros where a label is -1."""
    return np.eye(classes)[labels] * (labels >= 0)[:, None]


def examples(
    pool: Pool, reviewed: NDArray[np.bool_], weight: NDArray[np.float64], machine: Labels | None = None
) -> Examples:
    """The pool's labels with these reviews."""
    said = pool.machine if machine is None else machine
    human = np.where(reviewed, pool.gold, -1)
    return Examples(one_hot(said, pool.classes), one_hot(human, pool.classes), said >= 0, reviewed, weight)


def unreviewed(pool: Pool, labels: Labels) -> Objective:
    """Plain training on these labels."""
    none = np.zeros(len(labels), dtype=bool)
    made: Objective = registry.find("loss", "cross_entropy").build(
        examples(pool, none, none.astype(float), labels)
    )
    return made


def delivered(
    pool: Pool, rule: str, budget: int, loss: str, seed: int, audit: int = 0, **parameters: object
) -> Objective:
    """One draw by a rule, answered from gold, as a loss takes it."""
    spend = partial(registry.find("allocator", rule).build)
    design = sampling.design(pool.error_probability, budget, audit, spend)
    selected = sampling.draw(design, seed)
    weight = np.where(selected, 1 / np.where(selected, design.inclusion_probability, 1), 0.0)
    made: Objective = registry.find("loss", loss).build(examples(pool, selected, weight), **parameters)
    return made


def accuracy(pool: Pool, objective: Objective, settings: Settings, seed: int) -> float:
    """Share of the test items that a model trained so gets right, in percent."""
    fitted = fit(pool.rows, objective, "classes", settings, seed)
    return 100 * float((fitted.predict(pool.test_rows).argmax(axis=1) == pool.test_gold).mean())


def table(title: str, results: Mapping[str, Sequence[float]], best: str) -> str:
    """Mean and sd a row, and the paired gap to the row `best` with its standard error."""
    lines = [title, f"  {'':<34} {'accuracy %':>14}   {'gap to ' + best:>18}"]
    for name, values in results.items():
        gap = np.array(results[best]) - np.array(values)
        error = gap.std(ddof=1) / np.sqrt(len(gap))
        lines.append(
            f"  {name:<34} {np.mean(values):>7.1f} ± {np.std(values, ddof=1):>4.1f}   {gap.mean():>8.1f} ± {error:>4.1f}"
        )
    return "\n".join(lines)
