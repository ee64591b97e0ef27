"""One training of a run: every arm with every seed, kept as it is made, then the model itself."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from act_spec.documents.ticks import Tick
from act_spec.errors import ActSpecError, Problem, RecipeError
from act_spec.losses.max_weight import best_max_weight
from act_spec.losses.objective import WeightFacts, weight_facts
from act_spec.plan.model import Plan
from act_spec.records import sha256
from act_spec.store.blind_spots import Unknowns, read_unknowns, write_unknowns
from act_spec.store.database import Store
from act_spec.store.plans import set_max_weight
from act_spec.store.times import utc_now
from act_spec.store.training_rows import (
    CORRECTED,
    TAUGHT,
    Arm,
    Compared,
    Fit,
    read_fits,
    write_comparison,
    write_fit,
)
from act_spec.strategies.blind_spots import unknown_unknowns
from act_spec.strategies.selecting import held_out
from act_spec.train.arms import Labelling, arms, corrected_by
from act_spec.train.dataset import Dataset, Tested, of_rounds, read_dataset
from act_spec.train.fit import Fitted, Settings, fit
from act_spec.train.gap import Gap, TestSet, measure_gap
from act_spec.train.readers.choose import located
from act_spec.train.saved import TrainedModel, save_model

_VERSION = 2
"""Part of every training's key; raise it where equal labels would give other models."""
_LEARNING_RATE = 0.02


@dataclass(frozen=True)
class Training:
    """
    What a training found.

    Attributes:
        name: Of the recipe.
        plan_hash: Of the plan.
        items: In the run.
        reviewed: Those of them with a human label.
        budget: Reviews that the plan spends.
        compared: What was compared: learner, loss, and what models were tested on.
        weights: How much the reviews weigh.
        gap: The comparison; without arms where nothing could be tested.
        folder: Where the model is.
        made: Models trained now; those of an earlier, interrupted training are not counted.
        taught: Examples against blind spots that models learnt from.
        unknown: Errors that models were sure of, with and without these.
    """

    name: str
    plan_hash: str
    items: int
    reviewed: int
    budget: int
    compared: Compared
    weights: WeightFacts
    gap: Gap
    folder: Path
    made: int
    taught: int = 0
    unknown: tuple[Unknowns, ...] = ()


def train(plan: Plan, store: Store, folder: Path, show: Callable[[Tick], None]) -> Training:
    """
    Train what is missing, keep each score at once, and write the model.

    Args:
        plan: The run's current plan.
        store: The run's database, open for writing.
        folder: Where the model goes.
        show: Told of every model that is done.

    Raises:
        ActSpecError: If there is nothing to train on, or a probability is missing.
        RecipeError: If the recipe's `train:` does not fit its data.
    """
    with threads(plan):
        try:
            data = read_dataset(plan, store)
            if plan.rounds is not None:
                data = of_rounds(data, _kept(plan, data))
            return _Session(plan, store, data, show).run(folder)
        except RecipeError:
            raise
        except ValueError as error:
            message = str(error)
            if message.startswith("train."):
                path, _, what = message.partition(": ")
                raise RecipeError([Problem(str(plan.recipe_path), 0, 0, path, what)]) from error
            raise ActSpecError(f"{plan.recipe_path}: {message}") from error


class _Session:
    """The fits of one training."""

    def __init__(self, plan: Plan, store: Store, data: Dataset, show: Callable[[Tick], None]) -> None:
        self.plan, self.store, self.data, self.show = plan, store, data, show
        self.labelling = Labelling(plan, data)
        section = plan.train
        self.settings = settings_of(plan)
        self.loss = corrected_by(plan)
        self.key = sha256(
            [
                _VERSION,
                data.digest,
                plan.spending.key,
                plan.spending.reviews,
                plan.seed,
                self.loss.model_dump(mode="json"),
                # More seeds, and more to compare, go on where fewer ended.
                section.model_dump(mode="json", exclude={"seeds", "compare"}),
                torch.__version__.partition("+")[0],
                *([sorted({*told.thresholds, told.confidence})] if (told := plan.blind_spots) else []),
            ]
        )
        if plan.max_weight is None:
            set_max_weight(store, best_max_weight(data.examples()))

    def run(self, folder: Path) -> Training:
        """Everything that `train` does."""
        if not any(label is not None for label in (*self.data.labels.machine, *self.data.labels.human)):
            raise ValueError("there are no labels to train on. Run `act-spec run` first.")
        self.labelling.objective(Arm(CORRECTED), 0)
        tests = {
            seed: tested
            for seed in range(self.plan.train.seeds)
            if len((tested := self.data.tested(seed)).truth)
        }
        made = self._fit_missing(tests)
        seen = {seed: TestSet(tested.weight, tested.groups) for seed, tested in tests.items()}
        fits = [one for one in read_fits(self.store, self.key) if one.seed in tests]
        gap = measure_gap(
            fits, seen, self.plan.spending.reviews, 0 if self.data.all_gold else self.data.reviewed
        )
        facts = weight_facts(self.data.examples(), self._max_weight())
        compared = self._compared(gap, sum(len(tested.truth) for tested in tests.values()))
        self._save(folder, gap)
        now = utc_now()
        write_comparison(self.store, self.key, self.plan.hash, compared, gap.differences, now)
        return Training(
            self.plan.name,
            self.plan.hash,
            self.data.size,
            self.data.reviewed,
            self.plan.spending.reviews,
            compared,
            facts,
            gap,
            folder,
            made,
            len(self.data.taught),
            tuple(read_unknowns(self.store)),
        )

    def _compared(self, gap: Gap, tested: int) -> Compared:
        drawn = any(one.arm.reviews is not None for one in gap.scores)
        return Compared(
            learner=self.settings.learner,
            reads=self.data.reader.told(),
            loss=self.loss.name,
            against="gold" if self.data.any_gold else "reviews",
            tested=tested,
            curve=("gold" if self.data.all_gold else "thinned") if drawn else "",
        )

    def _fit_missing(self, tests: dict[int, Tested]) -> int:
        known = {(one.arm, one.reviews, one.seed) for one in read_fits(self.store, self.key)}
        wanted = [
            (arm, seed)
            for seed in tests
            for arm in arms(self.plan, self.data)
            if (arm.name, arm.reviews, seed) not in known
        ]
        started = time.monotonic()
        for done, (arm, seed) in enumerate(wanted):
            self.show(Tick("train", done, len(wanted) + 1, 0, 0.0, time.monotonic() - started))
            now = utc_now()
            made, unknown = self._tested_fit(arm, seed, tests[seed])
            with self.store.transaction():
                write_fit(self.store, self.key, self.plan.hash, made, now)
                if unknown:
                    write_unknowns(self.store, self.key, arm.name, seed, unknown, len(tests[seed].truth))
        return len(wanted)

    def _tested_fit(self, arm: Arm, seed: int, tested: Tested) -> tuple[Fit, dict[float, int]]:
        """A fit with its scores, and how many errors it made by how sure it was of them."""
        places = tested.train
        if arm.name == TAUGHT:
            places = np.concatenate((places, self.data.written))
        objective = self.labelling.objective(arm, seed, places)
        fitted = fit(self.data.rows.take(places), objective, self.data.targets.head, self.settings, seed)
        belief = fitted.predict(tested.rows)
        scores = self.data.targets.scores(belief, tested.truth)
        told = self.plan.blind_spots
        unknown: dict[float, int] = {}
        if told is not None and arm in {Arm(CORRECTED), Arm(TAUGHT)}:
            at = sorted({*told.thresholds, told.confidence})
            counts = unknown_unknowns(belief.max(axis=1).astype(np.float64), scores < 1, at)
            unknown = dict(zip(at, counts, strict=True))
        return Fit(arm.name, arm.reviews, seed, fitted.epochs, tuple(scores.tolist())), unknown

    def _save(self, folder: Path, gap: Gap) -> None:
        """The model itself learns from every item, and from what was written against blind spots, with the recipe's loss."""
        fitted = self._final()
        about = {
            "name": self.plan.name,
            "plan": self.plan.hash,
            "training": self.key,
            "loss": self.plan.loss.model_dump(mode="json"),
            "epochs": fitted.epochs,
            "versions": {**self.plan.versions, "torch": torch.__version__, "machine": platform.machine()},
            "gap": gap.as_json(),
        }
        model = TrainedModel(self.plan.task, self.data.reader, fitted, about)
        save_model(folder, model, self.settings.learner, self.settings.parameters)
        self.show(Tick("train", 1, 1, 0, 0.0, 0.0))

    def _final(self) -> Fitted:
        objective = self.plan.loss.entry.build(self.labelling.with_written(), **self.plan.loss.parameters)
        return fit(self.data.rows, objective, self.data.targets.head, self.settings, self.plan.seed)

    def _max_weight(self) -> float | None:
        limit: float | None = self.loss.parameters.get("max_weight", 1.0)
        return best_max_weight(self.data.examples()) if limit is None else limit


def _kept(plan: Plan, data: Dataset) -> NDArray[np.bool_]:
    """The items that rounds keep from labelling, to test on."""
    if plan.rounds is None or not plan.rounds.parts:
        return np.zeros(data.size, dtype=bool)
    return held_out(data.labels.groups, plan.seed, plan.rounds.parts)


def settings_of(plan: Plan) -> Settings:
    """How the recipe trains."""
    section = plan.train
    learner = section.learner.entry
    return Settings(
        section.learner.name,
        located(learner, section.learner.parameters, plan.recipe_path.parent),
        section.epochs,
        section.patience,
        section.batch,
        section.learning_rate or learner.traits.get("learning_rate", _LEARNING_RATE),
        section.weight_decay,
    )


@contextmanager
def threads(plan: Plan) -> Iterator[None]:
    """One for rows of numbers: such small steps lose time when they are shared out, and results depend on how many."""
    threads = torch.get_num_threads()
    if plan.train.learner.entry.traits.get("reads", "fields") == "fields":
        torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
