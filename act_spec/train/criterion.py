"""The losses in torch: each item's loss against a target that may be signed, from one pass of the model."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from act_spec.losses.objective import Measure
from act_spec.records import Head


def item_losses(logits: Tensor, target: Tensor, mass: Tensor, head: Head, measure: Measure) -> Tensor:
    """
    Each item's loss, shape (b,); constants that no model changes are left out.

    Args:
        logits: Shape (b, K).
        target: Shape (b, K), may be signed.
        mass: Shape (b,): what the target's parts add up to; for classes the
            sum of the row, for others what a part that is certain would have.
        head: Of the model.
        measure: Cross-entropy, or Brier's squared distance; numbers know only the latter.
    """
    if head == "numbers" or measure == "brier":
        # A number is the output itself: cut to [0, 1] it would have no slope outside.
        told = logits if head == "numbers" else probabilities(logits, head)
        return (mass[:, None] * told**2 - 2 * told * target).sum(dim=1)
    if head == "classes":
        return functional.cross_entropy(logits, target, reduction="none")
    return (mass[:, None] * functional.softplus(logits) - target * logits).sum(dim=1)


def own_losses(logits: Tensor, labels: Tensor, head: Head, measure: Measure) -> Tensor:
    """Each item's whole loss against a label that it really has, constants included; shape (b,)."""
    losses = item_losses(logits, labels, torch.ones(len(labels)), head, measure)
    return losses + labels.square().sum(dim=1) if head == "numbers" or measure == "brier" else losses


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
    """What the model believes, shape (b, K), in [0, 1]."""
    if head == "numbers":
        return logits.clamp(0, 1)
    return logits.softmax(dim=1) if head == "classes" else torch.sigmoid(logits)
