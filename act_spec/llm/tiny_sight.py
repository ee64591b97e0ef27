"""
What the built-in model sees of an image: a handful of words for colours, brightness, form and size.

It looks at a thumbnail, takes the colour of the edge for the background, and
names what differs from it. It cannot tell a diamond from a triangle, two
things from one, or any thing from another of the same colour and outline.
"""

from __future__ import annotations

import base64
import io
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

_SIDE = 48
_DIFFERS = 60.0
"""Distance in RGB, of at most 441, from which a pixel is no background."""
_SHARE = 0.25
"""Of what is seen; a colour with less is not named."""
_COLOURS = {
    "red": (220, 40, 40),
    "green": (40, 150, 60),
    "blue": (40, 70, 210),
    "yellow": (240, 220, 60),
    "orange": (245, 150, 40),
    "purple": (140, 60, 170),
    "pink": (245, 160, 190),
    "brown": (130, 85, 45),
    "black": (20, 20, 20),
    "white": (245, 245, 245),
    "grey gray": (130, 130, 130),
}


@lru_cache(maxsize=512)
def seen(address: str) -> str:
    """An image in words; `address` is a data URL. Empty if it cannot be read."""
    try:
        from PIL import Image

        with Image.open(io.BytesIO(base64.b64decode(address.partition(",")[2]))) as image:
            small = image.convert("RGB").resize((_SIDE, _SIDE), Image.Resampling.BOX)
    except (ImportError, OSError, ValueError):
        return ""
    return _words(np.asarray(small, dtype=np.float64))


def _words(pixels: NDArray[np.float64]) -> str:
    """Words for pixels, shape (n, n, 3), from 0 to 255."""
    edge = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    background = np.median(edge, axis=0)
    differs = np.linalg.norm(pixels - background, axis=2) > _DIFFERS
    if differs.mean() < 0.005:
        return f"empty plain {_nearest(background[None])[0]} background"
    things = pixels[differs]
    names, counts = np.unique(_nearest(things), return_counts=True)
    named = [
        name
        for name, count in sorted(zip(names, counts, strict=True), key=lambda one: -one[1])
        if count >= _SHARE * len(things)
    ]
    return " ".join([*map(str, named), _brightness(things), *_form(differs)])


def _nearest(colours: NDArray[np.float64]) -> NDArray[np.str_]:
    names, known = np.array(list(_COLOURS)), np.array(list(_COLOURS.values()), dtype=np.float64)
    nearest: NDArray[np.str_] = names[
        np.argmin(np.linalg.norm(colours[:, None] - known[None], axis=2), axis=1)
    ]
    return nearest


def _brightness(things: NDArray[np.float64]) -> str:
    light = float((things @ np.array([0.299, 0.587, 0.114])).mean())
    return "dark" if light < 85 else "bright light" if light > 170 else "medium"


def _form(differs: NDArray[np.bool_]) -> list[str]:
    """Outline and size of all that is seen, from how it fills the box around it."""
    rows, columns = np.flatnonzero(differs.any(axis=1)), np.flatnonzero(differs.any(axis=0))
    height, width = rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1
    filled = differs.sum() / (height * width)
    outline = (
        "square rectangle box"
        if filled > 0.9
        else "circle round disc"
        if filled > 0.68
        else "triangle pointed"
        if filled > 0.4
        else "line thin ring"
    )
    size = height * width / differs.size
    words = [outline, "large big" if size > 0.4 else "small little" if size < 0.12 else ""]
    words.append("wide" if width > 1.5 * height else "tall" if height > 1.5 * width else "")
    return [word for word in words if word]
