"""Networks for images as torchvision builds them; weights come as safetensors and in no other form."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from act_spec.train.pretrained.damage import refuse_damaged

_KEY = "train.learner.checkpoint"


def load_backbone(architecture: str, outputs: int, checkpoint: str | None) -> nn.Module:
    """
    A network with as many outputs as there are labels.

    The weights of its last layer begin at random; all others come from the
    checkpoint, if one is named.

    Args:
        architecture: As `torchvision.models.get_model` has it: `resnet18`.
        outputs: Number of labels.
        checkpoint: A safetensors file with its weights.

    Raises:
        ValueError: If torchvision does not know it, or the weights do not fit.
    """
    module = _built(architecture, outputs)
    if checkpoint is None:
        return module
    given, wanted = _weights(checkpoint), module.state_dict()
    # Checkpoints answer another question with another number of labels, so the last layer is ours.
    last = _last_layer(module)
    lacking = sorted(
        name
        for name, value in wanted.items()
        if not name.startswith(f"{last}.") and (name not in given or given[name].shape != value.shape)
    )
    if lacking:
        raise ValueError(
            f"{_KEY}: '{checkpoint}' lacks {len(lacking)} tensors of {architecture}, such as '{lacking[0]}'."
        )
    fitting = {name: given[name] for name in wanted if not name.startswith(f"{last}.")}
    module.load_state_dict(fitting, strict=False)
    refuse_damaged(module, _KEY)
    return module


def _built(architecture: str, outputs: int) -> nn.Module:
    try:
        from torchvision.models import get_model
    except (ImportError, RuntimeError) as error:
        # A torchvision of another torch raises RuntimeError while it registers its operators.
        raise ValueError(
            "train.learner: backbones want torchvision in the version that fits torch: pip install 'act_spec[backbones]'."
        ) from error
    try:
        module: nn.Module = get_model(architecture, weights=None, num_classes=outputs)
    except (ValueError, TypeError) as error:
        raise ValueError(f"train.learner.architecture: {error}") from error
    return module


def _weights(checkpoint: str) -> dict[str, Tensor]:
    path = Path(checkpoint)
    if path.suffix != ".safetensors":
        raise ValueError(
            f"{_KEY}: '{path.name}' is no safetensors file. A pickle is a program, and is not opened."
        )
    try:
        found: dict[str, Any] = load_file(path)
    except (OSError, SafetensorError) as error:
        raise ValueError(f"{_KEY}: '{checkpoint}' cannot be read: {error}.") from error
    return found


def _last_layer(module: nn.Module) -> str:
    linear: list[str] = [
        name for name, one in module.named_modules() if isinstance(one, nn.Linear | nn.Conv2d)
    ]
    return linear[-1]
