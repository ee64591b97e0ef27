"""Items as a model takes them: rows of numbers, sparse or dense, pictures, or tokens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, Self, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_array
from torch import Tensor

Ints = NDArray[np.int64]
Batch: TypeAlias = Tensor | csr_array | tuple[Tensor, Tensor]
"""Input of b items: numbers of shape (b, width), pictures of (b, 3, side, side), or tokens with their mask."""


class Rows(Protocol):
    """n items, in the form that one kind of model takes."""

    @property
    def width(self) -> int:
        """Numbers an item, as the first layer of a model counts them."""

    def __len__(self) -> int:
        """N."""

    def take(self, rows: Ints) -> Self:
        """These alone, in this order."""

    def batch(self, rows: Ints) -> Batch:
        """Some of them as a model takes them."""


@dataclass(frozen=True, eq=False)
class SparseRows:
    """Rows of which most entries are 0: a matrix of shape (n, width), float32."""

    matrix: csr_array

    @property
    def width(self) -> int:
        """Number of columns."""
        return int(self.matrix.shape[1])

    def __len__(self) -> int:
        return int(self.matrix.shape[0])

    def take(self, rows: Ints) -> SparseRows:
        """These rows alone, in this order."""
        return SparseRows(self.matrix[rows])

    def batch(self, rows: Ints) -> Batch:
        """Some rows as a model takes them."""
        return self.matrix[rows]


@dataclass(frozen=True, eq=False)
class DenseRows:
    """Rows of numbers, shape (n, width), float32: pixels, or a table's columns."""

    values: NDArray[np.float32]

    @property
    def width(self) -> int:
        """Number of columns."""
        return int(self.values.shape[1])

    def __len__(self) -> int:
        return len(self.values)

    def take(self, rows: Ints) -> DenseRows:
        """These rows alone, in this order."""
        return DenseRows(self.values[rows])

    def batch(self, rows: Ints) -> Batch:
        """Some rows as a model takes them."""
        return torch.from_numpy(self.values[rows])


@dataclass(frozen=True, eq=False)
class PictureRows:
    """
    Pictures of one size, kept as bytes and scaled where they are used.

    Attributes:
        values: Shape (n, 3, side, side), uint8.
        mean: Of each channel, in [0, 1], taken off.
        spread: Of each channel, by which it is divided.
    """

    values: NDArray[np.uint8]
    mean: tuple[float, float, float]
    spread: tuple[float, float, float]

    @property
    def width(self) -> int:
        """Pixels times channels."""
        return int(np.prod(self.values.shape[1:]))

    def __len__(self) -> int:
        return len(self.values)

    def take(self, rows: Ints) -> PictureRows:
        """These pictures alone, in this order."""
        return PictureRows(self.values[rows], self.mean, self.spread)

    def batch(self, rows: Ints) -> Batch:
        """Some pictures as a model takes them."""
        shown = torch.from_numpy(self.values[rows]).float() / 255
        mean, spread = (torch.tensor(one).view(1, 3, 1, 1) for one in (self.mean, self.spread))
        return (shown - mean) / spread


@dataclass(frozen=True, eq=False)
class TokenRows:
    """
    Texts as an encoder's tokens.

    Attributes:
        tokens: n lists of token numbers.
        filler: The number that fills up shorter ones.
    """

    tokens: tuple[tuple[int, ...], ...]
    filler: int

    @property
    def width(self) -> int:
        """Tokens of the longest."""
        return max(map(len, self.tokens), default=0)

    def __len__(self) -> int:
        return len(self.tokens)

    def take(self, rows: Ints) -> TokenRows:
        """These texts alone, in this order."""
        return TokenRows(tuple(self.tokens[row] for row in rows), self.filler)

    def batch(self, rows: Ints) -> Batch:
        """Some texts, filled up to the longest of them, and a mask that is 1 where a token is."""
        chosen = [self.tokens[row] for row in rows]
        longest = max(map(len, chosen), default=0)
        tokens = torch.tensor([[*one, *[self.filler] * (longest - len(one))] for one in chosen])
        mask = torch.tensor([[1] * len(one) + [0] * (longest - len(one)) for one in chosen])
        return tokens, mask
