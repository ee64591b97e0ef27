"""
The ACT loss as plain arithmetic: NumPy arrays, PyTorch tensors or numbers, and no import of either.

Every item has a loss against its machine label. A reviewed item adds the
difference to the loss against its human label, times its weight: one over
the probability of the review. On average over the draw that is the loss on
human labels alone, although few items have one.
"""

from __future__ import annotations

from typing import Any


def act_loss(machine_loss: Any, human_loss: Any, weight: Any, *, power: float = 1.0) -> Any:
    """
    The mean loss, corrected where people reviewed.

    mean[power * machine + weight * (human - power * machine)]

    Unbiased for the mean of the human losses if every item whose two losses
    differ could be reviewed, the weights are one over the true inclusion
    probabilities, and people are right. A largest weight m trades variance
    for a bias of -(human - machine) * (1 - min(w, m) / w) an item; m = 1 is
    the plain loss on the delivered labels.

    Works for any per-item loss, and costs two of them. Where the loss is
    linear in its target (cross-entropy), `signed_target` gives the same value
    from a single pass. The sum can be negative, and with weights above 1 a
    flexible model can lower it without end: clip weights and stop early.

    Args:
        machine_loss: Shape (n,): each item's loss against its machine label,
            0 where there is none.
        human_loss: Shape (n,): against its human label. Any finite value
            where not reviewed; NaN would spread, whatever the weight.
        weight: Shape (n,): `loss_weight` of the `labels` table, 0 where not
            reviewed.
        power: In [0, 1]; 1 is ACT, 0 counts human labels alone.

    Returns:
        One number, of the type of the losses; gradients flow through it.

    Source: ACT (arXiv:2511.09833), with power tuning as in PPI++
        (arXiv:2311.01453); the bias of clipped weights is derived here.
    """
    machine = power * machine_loss
    return (machine + weight * (human_loss - machine)).mean()


def signed_target(machine: Any, human: Any, weight: Any, *, power: float = 1.0) -> Any:
    """
    The one target against which cross-entropy equals the ACT loss.

    power * machine + weight * (human - power * machine), which has negative
    entries where a corrected item weighs more than 1. With `power` 1 each
    row still sums to 1. It is computed once, before training.

    Args:
        machine: Shape (n, K): one-hot or soft machine labels, a row of zeros
            where there is none.
        human: Shape (n, K), likewise; zeros where not reviewed.
        weight: Shape (n,), 0 where not reviewed.
        power: As for `act_loss`.

    Returns:
        Shape (n, K).
    """
    machine = power * machine
    return machine + weight[:, None] * (human - machine)


def loss_weight(sampling_weight: Any, max_weight: float) -> Any:
    """Inverse-probability weights, none above `max_weight`; shape (n,)."""
    return sampling_weight.clip(max=max_weight)
