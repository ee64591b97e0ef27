"""Images as numbers: every one is brought to the same small square."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from act_spec.content.fields import Shown
from act_spec.train.rows import PictureRows

MIDDLE = (0.5, 0.5, 0.5)


@dataclass(frozen=True)
class Pixels:
    """An image field beside others: each channel of a small square, a number a pixel."""

    name: str
    side: int = 16

    def told(self) -> str:
        """What it is read as, for people."""
        return f"{self.side} by {self.side} pixels"

    def columns(self, values: Sequence[Any]) -> NDArray[np.float32]:
        """Shape (n, 3 * side * side), from -0.5 to 0.5; zeros where there is no image."""
        pixels = squares(values, self.side).reshape(len(values), -1)
        shown = pixels.astype(np.float32) / np.float32(255) - np.float32(0.5)
        shown[[not picture(value) for value in values]] = 0
        return shown


@dataclass(frozen=True)
class PictureReader:
    """
    Reads one image field, for models that look at pictures.

    Attributes:
        field: Its shown name.
        side: Of the square, in pixels.
        mean: Of each channel, in [0, 1].
        spread: Of each channel.
    """

    field: str
    side: int
    mean: tuple[float, float, float] = MIDDLE
    spread: tuple[float, float, float] = MIDDLE

    def rows(self, contents: Sequence[Mapping[str, Any]]) -> PictureRows:
        """Pictures of one size; an item without an image is black."""
        return PictureRows(
            squares([one.get(self.field) for one in contents], self.side), self.mean, self.spread
        )

    def tensors(self) -> dict[str, Tensor]:
        """Nothing is learnt."""
        return {}

    def described(self) -> dict[str, Any]:
        """The field, and what scales it."""
        return {
            "field": self.field,
            "side": self.side,
            "mean": list(self.mean),
            "spread": list(self.spread),
        }

    def write(self, folder: Path, module: nn.Module) -> None:
        """There is nothing to write."""

    @classmethod
    def learn(
        cls,
        show: Mapping[str, Shown],
        side: int,
        mean: tuple[float, float, float] = MIDDLE,
        spread: tuple[float, float, float] = MIDDLE,
    ) -> PictureReader:
        """
        Find the image field.

        Raises:
            ValueError: If there is none, or more than one.
        """
        fields = [name for name, field in show.items() if field.type == "image"]
        if len(fields) != 1:
            raise ValueError(
                f"train.learner: it looks at one image, and data.show has {len(fields) or 'none'}."
            )
        return cls(fields[0], side, mean, spread)

    @classmethod
    def restored(cls, described: Mapping[str, Any]) -> PictureReader:
        """
        The reader that was described so.

        Raises:
            KeyError: If something is missing.
        """
        mean, spread = (tuple(map(float, described[key])) for key in ("mean", "spread"))
        return cls(str(described["field"]), int(described["side"]), _three(mean), _three(spread))

    def told(self) -> str:
        """`photo as 32 by 32 pixels`."""
        return f"{self.field} as {self.side} by {self.side} pixels"


def picture(value: Any) -> bytes | Callable[[], bytes] | None:
    """An image field's value, if there is one: bytes, or a function that gets them."""
    return value if callable(value) or (isinstance(value, bytes) and value) else None


def squares(values: Sequence[Any], side: int) -> NDArray[np.uint8]:
    """
    Images in three colours, stretched to squares; shape (n, 3, side, side), black where there is none.

    Raises:
        ValueError: If an image cannot be read, or Pillow is not installed.
    """
    made = np.zeros((len(values), 3, side, side), dtype=np.uint8)
    for row, value in enumerate(values):
        found = picture(value)
        if found is not None:
            made[row] = _square(found() if callable(found) else found, side)
    return made


def _square(data: bytes, side: int) -> NDArray[np.uint8]:
    try:
        from PIL import Image
    except ImportError as error:
        raise ValueError(
            "images want Pillow, which is not installed: pip install 'act_spec[media]'."
        ) from error
    try:
        with Image.open(io.BytesIO(data)) as image:
            image.draft("RGB", (2 * side, 2 * side))
            square = image.convert("RGB").resize((side, side), Image.Resampling.BILINEAR)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise ValueError(f"an image cannot be read: {error}.") from error
    pixels: NDArray[np.uint8] = np.asarray(square, dtype=np.uint8).transpose(2, 0, 1)
    return pixels


def _three(values: Sequence[float]) -> tuple[float, float, float]:
    one, two, three = values
    return one, two, three
