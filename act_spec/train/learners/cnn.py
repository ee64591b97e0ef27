"""The `cnn` learner: a small convolutional network for images."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from act_spec.registry import register


@register("learner", "cnn.v1", reads="picture", learning_rate=0.003)
def cnn(
    inputs: int,  # noqa: ARG001 - the network does not depend on the size of the pictures
    outputs: int,
    *,
    side: Annotated[int, Field(ge=8, le=256)] = 32,  # noqa: ARG001 - for the reader of pictures
    channels: Annotated[int, Field(ge=4, le=512, multiple_of=4)] = 32,
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.2,
) -> Any:
    """
    Three convolutions, each halving the picture, and a linear layer on their means.

    It reads one image field, stretched to a square. The result is a
    `torch.nn.Module`; naming it would import torch wherever a recipe is read.

    Args:
        inputs: Numbers a picture.
        outputs: Number of labels.
        side: Of the square that pictures are brought to, in pixels.
        channels: Of the first convolution; each further one has twice as many.
        dropout: Share of the means that is left out at each step.
    """
    from itertools import pairwise

    from torch import nn

    def halving(before: int, after: int) -> list[nn.Module]:
        # Normalisation by groups does not depend on the batch, which may be a single item.
        return [nn.Conv2d(before, after, 3, padding=1), nn.GroupNorm(4, after), nn.ReLU(), nn.MaxPool2d(2)]

    sizes = [3, channels, 2 * channels, 4 * channels]
    body = [layer for before, after in pairwise(sizes) for layer in halving(before, after)]
    head = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(dropout), nn.Linear(sizes[-1], outputs)]
    return nn.Sequential(*body, *head)
