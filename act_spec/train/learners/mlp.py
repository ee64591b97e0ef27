"""The `mlp` learner: a small network with one hidden layer."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from act_spec.registry import register


@register("learner", "mlp.v1")
def mlp(
    inputs: int,
    outputs: int,
    *,
    hidden: Annotated[int, Field(ge=1, le=4096)] = 64,
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.2,
) -> Any:
    """
    A network with one hidden layer.

    The result is a `torch.nn.Module`; naming it would import torch wherever a
    recipe is read.

    Args:
        inputs: Number of features.
        outputs: Number of labels.
        hidden: Units of the hidden layer.
        dropout: Share of them that is left out at each step.
    """
    from torch import nn

    from act_spec.train.layers import FirstLayer

    return nn.Sequential(
        FirstLayer(inputs, hidden), nn.ReLU(), nn.Dropout(dropout), nn.Linear(hidden, outputs)
    )
