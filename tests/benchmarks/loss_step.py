"""
What the loss costs a training step, against plain cross-entropy on class numbers.

    python tests/benchmarks/loss_step.py [rounds]

A small network, batch 256, one thread; steps of all forms are interleaved and
the median of the paired ratios is told, since the machine's speed drifts.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from statistics import median

import torch
from torch import Tensor, nn
from torch.nn import functional

from act_spec.losses import act_loss, signed_target

BATCH, INPUTS, HIDDEN, CLASSES = 256, 256, 256, 10


def network() -> nn.Module:
    return nn.Sequential(nn.Linear(INPUTS, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, CLASSES))


def forms(
    features: Tensor, machine: Tensor, human: Tensor, weight: Tensor
) -> dict[str, Callable[[nn.Module], Tensor]]:
    """Each form of the loss as a function of the model; targets are made beforehand, as in training."""
    rows = [functional.one_hot(labels, CLASSES).float() for labels in (machine, human)]
    target = signed_target(rows[0], rows[1], weight)

    def told(logits: Tensor, labels: Tensor) -> Tensor:
        return functional.cross_entropy(logits, labels, reduction="none")

    def two_passes(model: nn.Module) -> Tensor:
        loss: Tensor = act_loss(told(model(features), machine), told(model(features), human), weight)
        return loss

    def two_losses(model: nn.Module) -> Tensor:
        logits = model(features)
        loss: Tensor = act_loss(told(logits, machine), told(logits, human), weight)
        return loss

    return {
        "plain cross-entropy": lambda model: functional.cross_entropy(model(features), machine),
        "signed target": lambda model: functional.cross_entropy(model(features), target),
        "one pass, two losses": two_losses,
        "two passes": two_passes,
    }


def step(model: nn.Module, optimiser: torch.optim.Optimizer, loss: Callable[[nn.Module], Tensor]) -> float:
    """Seconds of one step."""
    started = time.perf_counter()
    optimiser.zero_grad()
    loss(model).backward()
    optimiser.step()
    return time.perf_counter() - started


def ratios(rounds: int) -> dict[str, float]:
    """Each form's median step time over plain cross-entropy's."""
    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(0)
    features = torch.randn(BATCH, INPUTS, generator=generator)
    machine, human = (torch.randint(0, CLASSES, (BATCH,), generator=generator) for _ in range(2))
    weight = 4.0 * (torch.rand(BATCH, generator=generator) < 0.2)
    made = forms(features, machine, human, weight)
    runs = {}
    for name in made:
        model = network()
        runs[name] = (model, torch.optim.SGD(model.parameters(), lr=1e-4))
    times: dict[str, list[float]] = {name: [] for name in made}
    for number in range(rounds + 20):
        for name, loss in made.items():
            taken = step(*runs[name], loss)
            if number >= 20:
                times[name].append(taken)
    plain = times["plain cross-entropy"]
    return {
        name: median(one / base for one, base in zip(found, plain, strict=True))
        for name, found in times.items()
    }


if __name__ == "__main__":
    for form, ratio in ratios(int(sys.argv[1]) if len(sys.argv) > 1 else 2000).items():
        print(f"{form:<24} {ratio:.3f} x")
