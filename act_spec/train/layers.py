"""The first layer of every learner: features may come dense, or sparse as text gives them."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True, eq=False)
class SparseBatch:
    """
    Some items' features that are not 0, one after the other.

    Attributes:
        row: Shape (m,): which item of the batch, int64.
        column: Shape (m,): which feature, int64.
        value: Shape (m,), float32.
        size: Items in the batch.
    """

    row: Tensor
    column: Tensor
    value: Tensor
    size: int


Batch = Tensor | SparseBatch
"""Dense features, shape (b, inputs), or sparse ones."""


class FirstLayer(nn.Module):
    """A linear layer whose input may be sparse; both ways can be differentiated twice."""

    def __init__(self, inputs: int, outputs: int, *, zero: bool = False) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(inputs, outputs))
        self.bias = nn.Parameter(torch.zeros(outputs))
        if not zero:
            nn.init.kaiming_uniform_(self.weight, mode="fan_out")

    def forward(self, batch: Batch) -> Tensor:
        """Shape (b, outputs)."""
        if isinstance(batch, Tensor):
            return batch @ self.weight + self.bias
        found = self.weight.index_select(0, batch.column) * batch.value[:, None]
        summed = torch.zeros(batch.size, self.weight.shape[1]).index_add(0, batch.row, found)
        return summed + self.bias
