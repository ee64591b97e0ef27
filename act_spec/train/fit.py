"""Training one model: minibatches, early stopping on held-back items, the best state kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from act_spec import registry
from act_spec.losses.objective import Objective
from act_spec.records import Head
from act_spec.train.criterion import best_power, item_losses, own_losses, probabilities
from act_spec.train.layers import Grouped
from act_spec.train.reweighting import meta_weights
from act_spec.train.rows import Ints, Rows

_HELD_BACK = 0.15
_AT_ONCE = 256


@dataclass(frozen=True)
class Settings:
    """How a model is trained; `learner` and `parameters` as registered."""

    learner: str = "linear.v1"
    parameters: dict[str, Any] = field(default_factory=dict)
    epochs: int = 60
    patience: int = 6
    batch: int = 64
    learning_rate: float = 0.02
    weight_decay: float = 0.01


@dataclass(frozen=True, eq=False)
class Fitted:
    """
    A trained model.

    Attributes:
        module: The model.
        head: What its outputs are.
        epochs: Passes that its best state took.
        power: How much machine labels counted in the end.
        inputs: Numbers an item, as its first layer counts them.
    """

    module: nn.Module
    head: Head
    epochs: int
    power: float
    inputs: int

    def predict(self, rows: Rows) -> NDArray[np.float32]:
        """What the model believes of each row, shape (n, K)."""
        self.module.eval()
        with torch.no_grad():
            parts = [
                probabilities(self.module(rows.batch(part)), self.head)
                for part in _batches(np.arange(len(rows)), _AT_ONCE)
            ]
        made: NDArray[np.float32] = torch.cat(parts).numpy()
        return made


def fit(rows: Rows, objective: Objective, head: Head, settings: Settings, seed: int) -> Fitted:
    """
    Train on all rows but the held-back ones, which decide when to stop.

    The held-back part is judged by the same loss on its own labels, so no
    known answer is looked at. Equal seeds give equal models on one machine.

    Args:
        rows: Features of n items.
        objective: Of the same items.
        head: What the labels are.
        settings: How to train.
        seed: Of the held-back part, the order and the beginning.
    """
    if not len(rows):
        raise ValueError("there is nothing to train on.")
    return _Fitting(rows, objective, head, settings, seed).run()


class _Fitting:
    """One training under way."""

    def __init__(self, rows: Rows, objective: Objective, head: Head, settings: Settings, seed: int) -> None:
        self.rows, self.objective, self.head, self.settings = rows, objective, head, settings
        self.random = np.random.Generator(np.random.PCG64(seed))
        order = self.random.permutation(len(rows)).astype(np.int64)
        back = int(len(order) * _HELD_BACK)
        self.back, self.kept = order[:back], order[back:]
        build = registry.find("learner", settings.learner).build
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.module: nn.Module = build(
                rows.width, objective.examples.machine.shape[1], **settings.parameters
            )
        self.seed = seed
        self.power = 1.0
        self._aim()

    def run(self) -> Fitted:
        """Train until the held-back loss has not fallen for `patience` passes."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.seed + 1)
            return self._run()

    def _run(self) -> Fitted:
        module = self.module
        optimiser = torch.optim.AdamW(
            module.optimiser_groups() if isinstance(module, Grouped) else module.parameters(),
            lr=self.settings.learning_rate,
            weight_decay=self.settings.weight_decay,
        )
        best, best_epoch, state = np.inf, 0, self._state()
        for epoch in range(1, self.settings.epochs + 1):
            self._pass(optimiser)
            loss = self._mean_loss(self.back if self.back.size else self.kept)
            if loss < best - 1e-5:
                best, best_epoch, state = loss, epoch, self._state()
            elif epoch - best_epoch >= self.settings.patience:
                break
            if self.objective.power is None:
                self._tune_power()
        self.module.load_state_dict(state)
        return Fitted(self.module, self.head, best_epoch, self.power, self.rows.width)

    def _pass(self, optimiser: torch.optim.Optimizer) -> None:
        self.module.train()
        for chosen in _batches(self.random.permutation(self.kept), self.settings.batch):
            losses = self._losses(chosen)
            loss = (losses * self._meta_weights(losses)).sum() if self.objective.meta else losses.mean()
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()

    def _losses(self, chosen: Ints) -> Tensor:
        logits = self.module(self.rows.batch(chosen))
        return item_losses(logits, self.target[chosen], self.mass[chosen], self.head, self.objective.measure)

    def _meta_weights(self, losses: Tensor) -> Tensor:
        known = self.random.choice(
            self.trusted, size=min(self.settings.batch, self.trusted.size), replace=False
        )
        weight = self.sampling_weight[known]
        trusted = (self._losses(known) * weight).sum() / weight.sum()
        return meta_weights(losses, trusted, list(self.module.parameters()))

    def _mean_loss(self, chosen: Ints) -> float:
        self.module.eval()
        with torch.no_grad():
            parts = [
                self._losses(part).sum() for part in _batches(chosen, max(self.settings.batch, _AT_ONCE))
            ]
        return float(torch.stack(parts).sum()) / len(chosen)

    def _aim(self) -> None:
        """The targets at the present power, as tensors."""
        power = self.power if self.objective.power is None else None
        self.target = torch.from_numpy(self.objective.target(power)).float()
        self.mass = torch.from_numpy(self.objective.mass(power)).float()
        weights = self.objective.examples.sampling_weight
        self.sampling_weight = torch.from_numpy(weights).float()
        reviewed = self.objective.examples.reviewed[self.kept] & (weights[self.kept] > 0)
        self.trusted: Ints = self.kept[reviewed]

    def _tune_power(self) -> None:
        """Estimate the best power from the model as it is, and aim anew; an item counts by its own two losses."""
        examples = self.objective.examples
        chosen = self.trusted[examples.labelled[self.trusted]]
        if not chosen.size:
            return
        self.module.eval()
        with torch.no_grad():
            logits = self.module(self.rows.batch(chosen))
            machine, human = (
                own_losses(
                    logits, torch.from_numpy(labels[chosen]).float(), self.head, self.objective.measure
                )
                for labels in (examples.machine, examples.human)
            )
        self.power = best_power(machine, human, self.sampling_weight[chosen])
        self._aim()

    def _state(self) -> dict[str, Tensor]:
        return {name: value.detach().clone() for name, value in self.module.state_dict().items()}


def _batches(order: Ints, size: int) -> list[Ints]:
    """Parts of so many; a single item that is left over joins the part before, for layers that want two."""
    edges = list(range(0, len(order), size))
    if len(edges) > 1 and len(order) - edges[-1] == 1:
        edges.pop()
    return [order[start:end] for start, end in zip(edges, [*edges[1:], len(order)], strict=True)]
