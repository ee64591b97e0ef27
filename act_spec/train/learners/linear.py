"""The `linear` learner: one weight a feature and label."""

from __future__ import annotations

from typing import Any

from act_spec.registry import register


@register("learner", "linear.v1")
def linear(inputs: int, outputs: int) -> Any:
    """
    A linear model of the features: softmax regression for classes.

    Begins at zero, so that only the order of the items depends on the seed.

    The result is a `torch.nn.Module`; naming it would import torch wherever a
    recipe is read.

    Args:
        inputs: Number of features.
        outputs: Number of labels.
    """
    from act_spec.train.layers import FirstLayer

    return FirstLayer(inputs, outputs, zero=True)
