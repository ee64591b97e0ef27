"""The `backbone` learner: a network of torchvision for images, by its name."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from act_spec.registry import register


@register(
    "learner",
    "backbone.v1",
    reads="picture",
    files=("checkpoint",),
    mean=(0.485, 0.456, 0.406),
    spread=(0.229, 0.224, 0.225),
    learning_rate=0.001,
)
def backbone(
    inputs: int,  # noqa: ARG001 - as every learner is built
    outputs: int,
    *,
    architecture: Annotated[str, Field(min_length=1)],
    checkpoint: str | None = None,
    side: Annotated[int, Field(ge=32, le=1024)] = 224,  # noqa: ARG001 - for the reader of pictures
) -> Any:
    """
    A network of `torchvision` such as `resnet18`, from a safetensors file or from scratch.

    It reads one image field, stretched to a square and scaled as ImageNet is.
    Every weight is trained. The result is a `torch.nn.Module`; naming it
    would import torch wherever a recipe is read.

    Args:
        inputs: Numbers a picture.
        outputs: Number of labels.
        architecture: As `torchvision.models.get_model` has it.
        checkpoint: A safetensors file beside the recipe; without it training begins at random.
        side: Of the square that pictures are brought to, in pixels.
    """
    from act_spec.train.pretrained.backbones import load_backbone

    return load_backbone(architecture, outputs, checkpoint)
