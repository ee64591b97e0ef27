"""What each item of a batch is worth: how much a small step on its loss lowers the loss of trusted items."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def meta_weights(losses: Tensor, trusted_loss: Tensor, parameters: Sequence[Tensor]) -> Tensor:
    """
    max(0, -d trusted / d eps), divided by the sum; all 0 where nothing helps.

    With a plain gradient step on Σ eps * loss the derivative at eps = 0 is
    minus the inner product of the two gradients, which is what is computed,
    for all items at once: a gradient of a gradient, and no step is taken.

    Args:
        losses: Shape (b,): the items' losses, with their graph.
        trusted_loss: The loss that counts, with its graph.
        parameters: Of the model.

    Returns:
        Shape (b,), at least 0, summing to 1 or all 0; no gradient.

    Source: Ren et al. (arXiv:1803.09050), equations 6 to 8, with SGD as the inner step.
    """
    # A pretrained model has parts behind the layer that is read here, which no loss depends on.
    towards = torch.autograd.grad(trusted_loss, parameters, allow_unused=True)
    eps = torch.zeros_like(losses, requires_grad=True)
    slopes = torch.autograd.grad((eps * losses).sum(), parameters, create_graph=True, allow_unused=True)
    both = [pair for pair in zip(slopes, towards, strict=True) if None not in pair]
    together = torch.stack([(slope * way).sum() for slope, way in both]).sum()
    (helps,) = torch.autograd.grad(together, eps, retain_graph=True)
    helps = helps.clamp(min=0)
    total = helps.sum()
    return helps / total if total > 0 else torch.zeros_like(helps)
