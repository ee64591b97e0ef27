"""What training reads: the current plan's items with every label and weight, and the fits made so far."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from act_spec.store.database import Store

HUMAN, MACHINE, DELIVERED, CORRECTED = "human", "machine", "delivered", "corrected"
TAUGHT = "taught"
"""Names of arms: what a model learnt from."""


@dataclass(frozen=True, eq=False)
class TrainingRows:
    """
    Items sorted by id with what is known of them; every field has n entries.

    Attributes:
        item_ids: Of the items.
        contents: Shown fields by shown name.
        groups: Name of the group; the item's own id where there is none.
        gold: Canonical labels, None where not known.
        machine: Likewise, None where annotation failed.
        human: Likewise, None where not reviewed.
        sampling_weight: Shape (n,), 0 where not reviewed, NaN where missing.
        error_probability: Shape (n,), NaN where missing.
    """

    item_ids: Sequence[str]
    contents: Sequence[Mapping[str, Any]]
    groups: Sequence[str]
    gold: Sequence[str | None]
    machine: Sequence[str | None]
    human: Sequence[str | None]
    sampling_weight: NDArray[np.float64]
    error_probability: NDArray[np.float64]


@dataclass(frozen=True)
class Fit:
    """
    How one trained model did.

    Attributes:
        arm: Which labels it learnt from, by which loss.
        reviews: Human labels in the run that it stands for; None where the arm has all or none.
        seed: Of its training.
        epochs: Passes over the items.
        scores: Of each item that it was tested on, in [0, 1].
    """

    arm: str
    reviews: int | None
    seed: int
    epochs: int
    scores: tuple[float, ...]


@dataclass(frozen=True)
class Compared:
    """
    What a training was, for those who read its scores.

    Attributes:
        learner: By name with version.
        reads: What it reads, for people.
        loss: By name with version.
        against: What models were tested on: `gold`, or `reviews` without it.
        tested: Test items over all seeds.
        curve: Where the reviews of other budgets come from: `gold`, `thinned`
            (some of those made), or empty without a curve.
    """

    learner: str
    reads: str
    loss: str
    against: str
    tested: int
    curve: str


@dataclass(frozen=True)
class Arm:
    """
    One way to label the training items.

    Attributes:
        name: `human`, `machine`, `delivered` (the delivered labels as they
            are), `corrected` (with the recipe's loss) or `taught` (likewise,
            and on the examples written against blind spots).
        reviews: For a point of the curve, its number of reviews; None for
            the run's own labels.
    """

    name: str
    reviews: int | None = None


@dataclass(frozen=True)
class Score:
    """An arm's mean score over seeds, in [0, 1], and their standard deviation; None for one seed."""

    arm: Arm
    mean: float
    sd: float | None
    seeds: int


@dataclass(frozen=True)
class Difference:
    """How much better one arm is than another, with a 95% interval; `low` and `high` None where unknown."""

    of: Arm
    than: Arm
    value: float
    low: float | None
    high: float | None


def read_training_rows(store: Store) -> TrainingRows:
    """The current plan's items, labels and weights."""
    found = store.rows(
        """
        SELECT item_id, i.content, coalesce(i.group_id, item_id), i.gold, machine_label, human_label,
            coalesce(sampling_weight, 'nan'::DOUBLE), coalesce(error_probability, 'nan'::DOUBLE)
        FROM labels JOIN items i USING (item_id) ORDER BY item_id
        """
    )
    return _rows(found)


def staged_training_rows(store: Store) -> TrainingRows:
    """The items that `stage_items` has just read, with gold and nothing else: a file to test on."""
    nothing = "NULL, NULL, 'nan'::DOUBLE, 'nan'::DOUBLE"
    return _rows(
        store.rows(
            f"SELECT item_id, content, coalesce(group_id, item_id), gold, {nothing} FROM staged ORDER BY item_id"
        )
    )


def write_fit(store: Store, training_key: str, plan_hash: str, fit: Fit, now: datetime) -> None:
    """Keep one fit; it becomes part of the view `training`."""
    store.run("INSERT OR REPLACE INTO history.current_keys VALUES ('train', ?)", [training_key])
    store.run(
        "INSERT INTO history.training VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            training_key,
            plan_hash,
            fit.arm,
            fit.reviews,
            fit.seed,
            fit.epochs,
            float(np.mean(fit.scores)) if fit.scores else None,
            list(fit.scores),
            now,
        ],
    )


def read_fits(store: Store, training_key: str) -> list[Fit]:
    """The fits made under a key, in the order in which they were made."""
    rows = store.rows(
        """
        SELECT arm, reviews, seed, epochs, scores FROM history.training
        WHERE training_key = ? ORDER BY trained_at, arm, reviews, seed
        """,
        [training_key],
    )
    return [Fit(arm, reviews, seed, epochs, tuple(scores)) for arm, reviews, seed, epochs, scores in rows]


def write_comparison(
    store: Store,
    training_key: str,
    plan_hash: str,
    compared: Compared,
    differences: Sequence[Difference],
    now: datetime,
) -> None:
    """Keep what a training came to, in the place of what was kept under its key before."""
    one = compared
    with store.transaction():
        store.run("DELETE FROM history.training_differences WHERE training_key = ?", [training_key])
        store.run(
            "INSERT OR REPLACE INTO history.trainings VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                training_key,
                plan_hash,
                one.learner,
                one.reads,
                one.loss,
                one.against,
                one.tested,
                one.curve,
                now,
            ],
        )
        for row in differences:
            store.run(
                "INSERT INTO history.training_differences VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    training_key,
                    *(row.of.name, row.of.reviews, row.than.name, row.than.reviews),
                    *(row.value, row.low, row.high),
                ],
            )


def read_comparison(store: Store) -> tuple[Compared, list[Score], list[Difference]] | None:
    """The current plan's training, if it was finished: what it was, the arms' scores, and their differences."""
    found = store.rows(
        """
        SELECT learner, reads, loss, against, tested, curve
        FROM history.trainings t JOIN history.current_keys k ON k.stage = 'train' AND training_key = k.stage_key
        JOIN meta m ON m.key = 'plan_hash' AND m.value = t.plan_hash
        """
    )
    if not found:
        return None
    scores = store.rows(
        """
        SELECT arm, reviews, avg(score), stddev_samp(score), count(*) FROM training
        WHERE score IS NOT NULL GROUP BY arm, reviews ORDER BY arm, reviews NULLS FIRST
        """
    )
    differences = store.rows("FROM training_differences")
    return (
        Compared(*found[0]),
        [Score(Arm(name, reviews), *rest) for name, reviews, *rest in scores],
        [Difference(Arm(*row[:2]), Arm(*row[2:4]), *row[4:]) for row in differences],
    )


def _rows(found: Sequence[tuple[Any, ...]]) -> TrainingRows:
    columns = list(zip(*found, strict=True)) or [()] * 8
    return TrainingRows(
        columns[0],
        [json.loads(content) for content in columns[1]],
        columns[2],
        columns[3],
        columns[4],
        columns[5],
        np.array(columns[6], dtype=np.float64),
        np.array(columns[7], dtype=np.float64),
    )
