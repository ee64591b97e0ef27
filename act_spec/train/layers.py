"""The first layer of every learner: features may come dense, or sparse as text gives them."""

from __future__ import annotations

from typing import Any, Protocol, cast, runtime_checkable

import torch
from scipy.sparse import csr_array
from torch import Tensor, nn


@runtime_checkable
class Grouped(Protocol):
    """A model whose parameters do not all move at the same rate."""

    def optimiser_groups(self) -> list[dict[str, Any]]:
        """Parameters for the optimiser, each with what is its own."""


class FirstLayer(nn.Module):
    """A linear layer whose input may be sparse; both ways can be differentiated twice."""

    def __init__(self, inputs: int, outputs: int, *, zero: bool = False) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(inputs, outputs))
        self.bias = nn.Parameter(torch.zeros(outputs))
        if not zero:
            nn.init.kaiming_uniform_(self.weight, mode="fan_out")

    def forward(self, batch: Tensor | csr_array) -> Tensor:
        """Rows of shape (b, inputs), dense or sparse, to shape (b, outputs)."""
        if isinstance(batch, Tensor):
            return batch @ self.weight + self.bias
        return _product(batch, self.weight) + self.bias


class Scaled(nn.Module):
    """
    Each input less its mean, over its standard deviation, as far as they are known from the items seen so far.

    The vectors of a pretrained encoder are alike in most of what they say;
    unscaled, a linear layer needs long to see where they differ.
    """

    seen: Tensor
    mean: Tensor
    square: Tensor

    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.register_buffer("seen", torch.zeros(()))
        self.register_buffer("mean", torch.zeros(inputs))
        self.register_buffer("square", torch.ones(inputs))

    def forward(self, batch: Tensor) -> Tensor:
        """Shape (b, inputs), as it came."""
        if self.training:
            with torch.no_grad():
                self.seen += len(batch)
                part = len(batch) / self.seen
                self.mean += part * (batch.mean(dim=0) - self.mean)
                self.square += part * (batch.square().mean(dim=0) - self.square)
        spread = (self.square - self.mean.square()).clamp(min=1e-8).sqrt()
        return ((batch - self.mean) / spread).clamp(-10, 10)


class _SparseProduct(torch.autograd.Function):
    """A constant sparse matrix times a dense one: SciPy is some ten times faster here than torch's own."""

    @staticmethod
    def forward(context: Any, matrix: Any, dense: Tensor) -> Tensor:
        context.matrix = matrix
        return torch.from_numpy(matrix @ dense.detach().numpy())

    @staticmethod
    def backward(context: Any, slope: Tensor) -> tuple[None, Tensor]:
        # The derivative is a product of the same kind, so it can be differentiated in turn.
        return None, _product(context.matrix.T, slope)


def _product(matrix: Any, dense: Tensor) -> Tensor:
    return cast("Tensor", _SparseProduct.apply(matrix, dense))  # type: ignore[no-untyped-call]
