"""The `reweight` loss: machine labels count as far as they help on reviewed items."""

from __future__ import annotations

from act_spec.losses.objective import Examples, Objective
from act_spec.registry import register


@register("loss", "reweight.v1", meta=True)
def reweight(examples: Examples) -> Objective:
    """
    Learn from delivered labels, each weighed anew at every step.

    An item's weight is how much a small step on its loss would lower the loss
    of the reviewed items, each at its inverse probability: max(0, -dL/deps),
    divided by the batch's sum. Wrong labels pull the other way and get
    nothing. It needs reviews, and probabilities to weigh them.

    Args:
        examples: The labels.

    Raises:
        ValueError: If an inclusion probability is missing, or nothing is reviewed.

    Source: Ren et al., Learning to Reweight Examples (arXiv:1803.09050), as
        LLMaAA uses it (arXiv:2310.19596, section 3.3). The weighing of the
        reviewed items by their probability is ours.
    """
    if not bool((examples.weights() > 0).any()):
        raise ValueError("no item is reviewed, and reweighting learns from the reviewed ones.")
    return Objective(examples, examples.reviewed.astype(float), meta=True)
