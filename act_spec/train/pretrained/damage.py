"""Whether weights are numbers at all."""

from __future__ import annotations

import torch
from torch import nn


def refuse_damaged(module: nn.Module, where: str) -> None:
    """
    Make sure that every weight is a number.

    Args:
        module: The model.
        where: What the weights came from, as an error begins.

    Raises:
        ValueError: If one is NaN or infinite; names its tensor.
    """
    for name, value in module.state_dict().items():
        if value.is_floating_point() and not bool(torch.isfinite(value).all()):
            raise ValueError(f"{where}: the weights are damaged: '{name}' holds values that are no numbers.")
