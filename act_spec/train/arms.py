"""What is compared: models trained on human, machine and delivered labels, at this budget and at others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from act_spec import registry
from act_spec.losses.objective import Examples, Objective
from act_spec.plan.model import Plan
from act_spec.recipe.schema import Strategy
from act_spec.store.training_rows import CORRECTED, DELIVERED, HUMAN, MACHINE, TAUGHT, Arm
from act_spec.strategies import sampling
from act_spec.train.dataset import Dataset
from act_spec.train.rows import Ints

MORE = 100
"""How many more reviews the comparison adds."""

_CURVE = (0.25, 0.5, 1.0, 2.0)
_BACK = (0.25, 0.5, 0.75)


def arms(plan: Plan, data: Dataset) -> list[Arm]:
    """
    All that can be compared in this run.

    Human labels, and budgets that were not spent, need gold of every item,
    since any of them may be reviewed. Without it the curve goes back from
    the reviews that were made: what would be known with fewer of them.
    """
    if plan.train.compare == "nothing":
        return []
    if plan.rounds is not None:
        # People and the machine label different items, and a budget is not a matter of a draw.
        learnt = [Arm(CORRECTED)] if plan.loss.entry.traits.get("meta") else []
        return [*([Arm(HUMAN)] if data.all_gold else []), Arm(DELIVERED), *learnt]
    own = [*([Arm(HUMAN)] if data.all_gold else []), Arm(MACHINE), Arm(DELIVERED), Arm(CORRECTED)]
    if data.taught:
        own.append(Arm(TAUGHT))
    if plan.train.compare == "budget":
        return own
    return own + [Arm(name, reviews) for reviews in curve(plan, data) for name in (DELIVERED, CORRECTED)]


def curve(plan: Plan, data: Dataset) -> list[int]:
    """The numbers of reviews that models are trained for, fewest first, the run's own among them with gold."""
    if data.all_gold:
        budget = plan.spending.reviews
        points = {max(1, round(part * budget)) for part in _CURVE} | {budget + MORE}
        return sorted(point for point in points if point <= data.size)
    made = data.reviewed
    return sorted({round(part * made) for part in _BACK} | {made - last(made)} - {0, made})


def last(made: int) -> int:
    """How many of the reviews made the comparison leaves out, to say what they bought."""
    return min(MORE, made // 2)


def corrected_by(plan: Plan) -> Strategy:
    """The recipe's loss; where that is plain cross-entropy, ACT as it is by default, to compare."""
    if plan.loss.entry.name != "cross_entropy":
        return plan.loss
    entry = registry.find("loss", "act")
    return Strategy(kind="loss", name=entry.full_name, settings=registry.parameters(entry)())


class Labelling:
    """Makes the training target of any arm; draws of the curve are the same for both of its arms."""

    def __init__(self, plan: Plan, data: Dataset) -> None:
        self.plan, self.data = plan, data
        self.run = data.examples()
        loss = corrected_by(plan)
        self._corrected = partial(loss.entry.build, **loss.parameters)
        self._plain: Callable[..., Objective] = registry.find("loss", "cross_entropy").build

    def objective(self, arm: Arm, seed: int, places: Ints | None = None) -> Objective:
        """
        What a model of an arm minimises, over these items or all.

        Raises:
            ValueError: If the loss cannot be had, as when a probability is missing.
        """
        examples = self._examples(arm, seed)
        if places is not None:
            examples = _part(examples, places)
        return self._corrected(examples) if arm.name in {CORRECTED, TAUGHT} else self._plain(examples)

    def with_written(self) -> Examples:
        """The run's labels, and behind them those of the examples that a teacher wrote: as sure as a certain review."""
        run, made = self.run, self.data.targets.encode(self.data.taught)
        every = np.ones(len(made))
        return Examples(
            np.vstack([run.machine, made]),
            np.vstack([run.human, made]),
            np.append(run.labelled, every > 0),
            np.append(run.reviewed, every > 0),
            np.append(run.sampling_weight, every),
        )

    def _examples(self, arm: Arm, seed: int) -> Examples:
        nothing = np.zeros(self.data.size)
        if arm.name == TAUGHT:
            return self.with_written()
        if arm.name == MACHINE:
            return replace(self.run, reviewed=nothing.astype(bool), sampling_weight=nothing)
        if arm.name == HUMAN:
            return self._answered(nothing == 0, nothing + 1)
        if arm.reviews is None:
            return self.run
        if not self.data.all_gold:
            return self._thinned(arm.reviews, seed)
        return self._answered(*self._draw(arm.reviews, seed))

    def _thinned(self, reviews: int, seed: int) -> Examples:
        """The run with a random part of its reviews: each stands for those left out as well."""
        made = np.flatnonzero(self.run.reviewed)
        kept = np.random.Generator(np.random.PCG64([self.plan.seed, seed])).permutation(made)[:reviews]
        reviewed = np.zeros(self.data.size, dtype=bool)
        reviewed[kept] = True
        weight = np.where(reviewed, self.run.sampling_weight * (len(made) / max(1, reviews)), 0.0)
        return replace(self.run, reviewed=reviewed, sampling_weight=weight)

    def _answered(self, reviewed: NDArray[np.bool_], weight: NDArray[np.float64]) -> Examples:
        return replace(
            self.run,
            human=self.data.targets.encode(self.data.labels.gold),
            reviewed=reviewed,
            sampling_weight=weight,
        )

    def _draw(self, reviews: int, seed: int) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
        """Which items a budget of so many reviews reaches, and what each weighs."""
        spending = self.plan.spending
        entry = registry.find("allocator", spending.rule)
        audit = sampling.audit_size(reviews, spending.audit_share) if entry.traits.get("audit", True) else 0
        suspicion = self.data.labels.error_probability
        if self.plan.judge is None:
            suspicion = np.where(self.run.labelled, 0.0, np.nan)
        rule = partial(entry.build, **spending.parameters)
        design = sampling.design(suspicion, reviews, audit, rule)
        selected = sampling.draw(design, self.plan.seed, round_number=_FAR + seed)
        weight = np.zeros(len(selected))
        weight[selected] = 1 / design.inclusion_probability[selected]
        return selected, weight


_FAR = 1_000_000
"""Rounds of simulated draws, far from those of any run."""


def _part(examples: Examples, places: Ints) -> Examples:
    return Examples(
        examples.machine[places],
        examples.human[places],
        examples.labelled[places],
        examples.reviewed[places],
        examples.sampling_weight[places],
    )
