"""The `soft` loss: targets that are distributions."""

from __future__ import annotations

from typing import Literal

from act_spec.losses.max_weight import MaxWeight, clip
from act_spec.losses.objective import Examples, Objective
from act_spec.registry import register


@register("loss", "soft.v1")
def soft(
    examples: Examples, *, measure: Literal["kl", "brier"] = "kl", max_weight: MaxWeight = 2.0
) -> Objective:
    """
    Learn distributions of answers, corrected like ACT.

    `kl` is the divergence from the target to the model, which differs from
    cross-entropy by the target's entropy, a constant: they train alike.
    `brier` is the squared distance; against the signed target it differs from
    the corrected squared distance by a constant too, so one pass is enough.

    Args:
        examples: The labels, one-hot or soft.
        measure: `kl` or `brier`.
        max_weight: The largest 1/probability that enters, or `auto`.

    Raises:
        ValueError: If an inclusion probability is missing.

    Source: Brier (1950); Kullback & Leibler (1951).
    """
    measured: Literal["cross_entropy", "brier"] = "brier" if measure == "brier" else "cross_entropy"
    return Objective(examples, clip(examples, max_weight), measure=measured)
