"""The `cross_entropy` loss: the labels as delivered."""

from __future__ import annotations

from act_spec.losses.objective import Examples, Objective
from act_spec.registry import register


@register("loss", "cross_entropy.v1")
def cross_entropy(examples: Examples) -> Objective:
    """
    Learn from the delivered labels, whoever gave them.

    The human label where there is one, else the machine's; every item counts
    the same. It is ACT with a largest weight of 1, and needs no probabilities.

    Args:
        examples: The labels.
    """
    return Objective(examples, examples.reviewed.astype(float))
