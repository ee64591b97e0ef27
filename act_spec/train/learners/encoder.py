"""The `encoder` learner: a pretrained model of text or images, by its name."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from act_spec.registry import register


@register("learner", "encoder.v1", reads="encoder", files=("checkpoint",))
def encoder(
    inputs: int,
    outputs: int,
    *,
    checkpoint: Annotated[str, Field(min_length=1)],
    revision: str | None = None,
    tune: bool = False,
    max_tokens: Annotated[int, Field(ge=1, le=100_000)] = 256,  # noqa: ARG001 - for the reader
    learning_rate: Annotated[float, Field(gt=0, le=1)] = 2e-5,
) -> Any:
    """
    A pretrained encoder of `transformers`, with a linear layer on the mean of its last layer.

    As it is, every item becomes a vector once and only the linear layer is
    trained, which takes seconds. With `tune` the encoder is trained too.
    The result is a `torch.nn.Module`; naming it would import torch wherever
    a recipe is read.

    Args:
        inputs: Numbers an item.
        outputs: Number of labels.
        checkpoint: A folder beside the recipe, or a name on the Hugging Face
            hub. Weights must be safetensors.
        revision: Of a checkpoint on the hub; pin a commit to train on the same one again.
        tune: Whether the encoder's own weights are trained.
        max_tokens: Of a text; what is longer is cut.
        learning_rate: Of the encoder's own weights, where they are trained.
    """
    from copy import deepcopy

    from act_spec.train.layers import FirstLayer
    from act_spec.train.pretrained.encoders import Tuned, load_encoder

    if not tune:
        return FirstLayer(inputs, outputs, zero=True)
    return Tuned(deepcopy(load_encoder(checkpoint, revision)[0]), outputs, learning_rate)
