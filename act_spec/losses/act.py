"""The `act` loss: machine labels, corrected by the reviews at their inverse probability."""

from __future__ import annotations

from act_spec.losses.max_weight import MaxWeight, Power, clip
from act_spec.losses.objective import Examples, Objective
from act_spec.registry import register


@register("loss", "act.v1")
def act(examples: Examples, *, max_weight: MaxWeight = 2.0, power: Power = 1.0) -> Objective:
    """
    Learn from machine labels, with every correction standing for the errors that nobody saw.

    Args:
        examples: The labels.
        max_weight: The largest 1/probability that enters; `auto` weighs bias
            against variance of the share of wrong labels. 1 is plain training.
        power: How much machine labels count: 1 is ACT, 0 is `ipw`, `auto`
            takes the value of least variance, estimated while training.

    Raises:
        ValueError: If an inclusion probability is missing.

    Source: ACT (arXiv:2511.09833); power tuning as in PPI++ (arXiv:2311.01453).
    """
    return Objective(examples, clip(examples, max_weight), power=power)
