"""
What a loss strategy is given and what it returns: labels as numbers in, the training target out.

Targets are rows of K numbers: one-hot or soft for classes, zeros and ones for
sets of labels. All losses here have the form mass * A(z) - target · z in the
logits z (Brier in the probabilities), so that they need one pass of the model.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from act_spec.losses.arithmetic import signed_target

Measure = Literal["cross_entropy", "brier"]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Examples:
    """
    What is known of n items with K possible labels.

    Attributes:
        machine: Shape (n, K).
        human: Shape (n, K).
        labelled: Shape (n,): where the machine gave a label.
        reviewed: Shape (n,): where people did.
        sampling_weight: Shape (n,): one over the review's probability, 0
            where not reviewed, NaN where the probability is missing.
    """

    machine: Floats
    human: Floats
    labelled: NDArray[np.bool_]
    reviewed: NDArray[np.bool_]
    sampling_weight: Floats

    def __len__(self) -> int:
        return len(self.machine)

    def weights(self) -> Floats:
        """
        The sampling weights, shape (n,).

        Raises:
            ValueError: If a probability is missing: without it no weight is right.
        """
        missing = int(np.isnan(self.sampling_weight).sum())
        if missing:
            raise ValueError(
                f"{missing:,} of {len(self):,} items have no inclusion probability, so the loss cannot be "
                "corrected. Draw the reviews with a rule, or write `loss: cross_entropy`."
            )
        return self.sampling_weight

    def corrected(self) -> NDArray[np.bool_]:
        """Where people changed what the machine said, or said something where it failed; shape (n,)."""
        differ: NDArray[np.bool_] = np.abs(self.human - self.machine).max(axis=1, initial=0) > 0
        return self.reviewed & (differ | ~self.labelled)


@dataclass(frozen=True, eq=False)
class Objective:
    """
    What training minimises, free of the model: mean(mass * A(z) - target · z).

    Attributes:
        examples: The labels.
        weight: Shape (n,): what a review counts, 0 where there is none.
        measure: `cross_entropy` (for sets of labels, one a label) or `brier`.
        power: How much machine labels count, in [0, 1]; None to estimate it
            while training.
        meta: Whether every item's weight is learnt from the reviewed ones.
    """

    examples: Examples
    weight: Floats
    measure: Measure = "cross_entropy"
    power: float | None = 1.0
    meta: bool = False

    def target(self, power: float | None = None) -> Floats:
        """Shape (n, K), signed where a weight is above 1; `power` replaces the objective's own."""
        machine = self.examples.machine * self.examples.labelled[:, None]
        human = self.examples.human * self.examples.reviewed[:, None]
        made: Floats = signed_target(machine, human, self.weight, power=self._power(power))
        return made

    def mass(self, power: float | None = None) -> Floats:
        """What the target's parts add up to, item by item; 1 for plain and for ACT. Shape (n,)."""
        machine = self._power(power) * self.examples.labelled.astype(np.float64)
        return machine + self.weight * (self.examples.reviewed - machine)

    def _power(self, given: float | None) -> float:
        return next((value for value in (given, self.power) if value is not None), 1.0)


@dataclass(frozen=True)
class WeightFacts:
    """
    How much the reviews weigh, for people to read before they believe a result.

    Attributes:
        reviewed: Items with a human label.
        effective_sample_size: (Σw)² / Σw² over them, unclipped.
        largest_weight: Unclipped; 0 without reviews.
        max_weight: The largest weight that enters the loss; None where it has none.
        clipped_share: Share of the reviews that weigh more than that, in [0, 1].
    """

    reviewed: int
    effective_sample_size: float
    largest_weight: float
    max_weight: float | None
    clipped_share: float


def weight_facts(examples: Examples, max_weight: float | None) -> WeightFacts:
    """The weights of the reviews, counted."""
    weights = examples.sampling_weight[examples.reviewed]
    weights = weights[weights > 0]
    if not weights.size:
        return WeightFacts(int(examples.reviewed.sum()), 0.0, 0.0, max_weight, 0.0)
    effective = float(weights.sum() ** 2 / (weights**2).sum())
    clipped = 0.0 if max_weight is None else float((weights > max_weight).mean())
    return WeightFacts(int(examples.reviewed.sum()), effective, float(weights.max()), max_weight, clipped)
