"""The pictures and documents that the gallery ships are those that their scripts make."""

from __future__ import annotations

import draw_letters
import draw_shapes
import numpy as np
from PIL import Image


def test_the_shapes_are_what_their_script_draws(tmp_path):
    """Pixel by pixel: files of the same pixels may differ with the version of Pillow."""
    draw_shapes.draw(tmp_path)

    names = sorted(path.name for path in draw_shapes.FOLDER.iterdir())
    assert names == sorted(path.name for path in tmp_path.iterdir())
    for name in names:
        drawn, shipped = tmp_path / name, draw_shapes.FOLDER / name
        if name.endswith(".png"):
            one, other = (np.asarray(Image.open(path).convert("RGB")) for path in (drawn, shipped))
            assert np.array_equal(one, other), name
        else:
            assert drawn.read_bytes() == shipped.read_bytes()


def test_the_letters_are_what_their_script_writes(tmp_path):
    draw_letters.draw(tmp_path)

    shipped = {path.name: path.read_bytes() for path in draw_letters.FOLDER.iterdir()}
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == shipped
