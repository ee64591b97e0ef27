"""The `ipw` loss: human labels alone, at their inverse probability."""

from __future__ import annotations

from act_spec.losses.max_weight import MaxWeight, clip
from act_spec.losses.objective import Examples, Objective
from act_spec.registry import register


@register("loss", "ipw.v1")
def ipw(examples: Examples, *, max_weight: MaxWeight = 4.0) -> Objective:
    """
    Learn from the reviewed items alone, each standing for those like it; machine labels do not count.

    Args:
        examples: The labels.
        max_weight: The largest 1/probability that enters, or `auto`.

    Raises:
        ValueError: If an inclusion probability is missing.

    Source: Horvitz & Thompson (1952), A Generalization of Sampling Without Replacement.
    """
    return Objective(examples, clip(examples, max_weight), power=0.0)
