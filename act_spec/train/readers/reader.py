"""What every reader offers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from torch import Tensor, nn

from act_spec.train.rows import Rows

Content = Mapping[str, Any]
"""An item's fields by their shown names; an image is its bytes, or a function that gets them."""


class Reader(Protocol):
    """Turns items into rows, the same way for those that a model learns from and those that it meets later."""

    def rows(self, contents: Sequence[Content]) -> Rows:
        """The items as a model takes them."""

    def tensors(self) -> dict[str, Tensor]:
        """What it learnt, as far as that is numbers."""

    def described(self) -> dict[str, Any]:
        """All else that makes it, as JSON."""

    def told(self) -> str:
        """What it reads, for people."""

    def write(self, folder: Path, module: nn.Module) -> None:
        """Files of its own that a saved model needs beside numbers and description."""
