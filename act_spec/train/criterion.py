"""The losses in torch: each item's loss against a target that may be signed, from one pass of the model."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional

from act_spec.losses.objective import Measure

Head = Literal["classes", "labels"]
"""`classes`: one of K, by softmax. `labels`: any of K, each yes or no."""


def item_losses(logits: Tensor, target: Tensor, mass: Tensor, head: Head, measure: Measure) -> Tensor:
    """
    Each item's loss, shape (b,); constants that no model changes are left out.

    Args:
        logits: Shape (b, K).
        target: Shape (b, K), may be signed.
        mass: Shape (b,): what the target's parts add up to; for classes the
            sum of the row, for labels what a label that is certain would have.
        head: Of the model.
        measure: Cross-entropy, or Brier's squared distance.
    """
    if measure == "brier":
        probability = logits.softmax(dim=1) if head == "classes" else logits.sigmoid()
        return (mass[:, None] * probability**2 - 2 * probability * target).sum(dim=1)
    if head == "classes":
        return functional.cross_entropy(logits, target, reduction="none")
    return (mass[:, None] * functional.softplus(logits) - target * logits).sum(dim=1)


def best_power(machine_loss: Tensor, human_loss: Tensor, weight: Tensor) -> float:
    """
    How much machine labels should count, for the least variance.

    Σ ω l l' / Σ ω l'² over the reviewed items, with ω = (1 - π)/π, each
    standing for 1/π items, cut to [0, 1]; 1 without anything to go by.

    Args:
        machine_loss: Shape (r,): l', of reviewed items with a machine label.
        human_loss: Shape (r,): l.
        weight: Shape (r,): 1/π, unclipped.

    Source: PPI++ (arXiv:2311.01453), for unequal probabilities.
    """
    omega = weight * (weight - 1).clamp(min=0)
    below = float((omega * machine_loss**2).sum())
    if below <= 0:
        return 1.0
    return min(1.0, max(0.0, float((omega * machine_loss * human_loss).sum()) / below))


def probabilities(logits: Tensor, head: Head) -> Tensor:
    """What the model believes, shape (b, K)."""
    return logits.softmax(dim=1) if head == "classes" else torch.sigmoid(logits)
