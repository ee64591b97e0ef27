"""What the built-in model sees of an image, and that it is not much."""

from __future__ import annotations

import base64
import json

import pytest
from media_files import picture, png, saved
from PIL import Image, ImageDraw

from act_spec.llm.tiny import answer
from act_spec.llm.tiny_sight import seen

_COLOURS = {
    "type": "json_schema",
    "json_schema": {"schema": {"properties": {"label": {"enum": ["red", "green", "blue"]}}}},
}


def address(data: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(data).decode()}"


def told(colour: str) -> list[dict[str, object]]:
    shown = [
        {"type": "text", "text": '<field name="photo">\n'},
        {"type": "image_url", "image_url": {"url": address(png(colour))}},
    ]
    return [
        {"role": "system", "content": "### red\n\n### green\n\n### blue\n"},
        {"role": "user", "content": [*shown, {"type": "text", "text": "\n</field>\n"}]},
    ]


@pytest.mark.parametrize("colour", ["red", "green", "blue"])
def test_it_tells_plain_colours_apart(colour):
    assert json.loads(answer(told(colour), _COLOURS)) == {"label": colour}


def test_it_names_colour_brightness_outline_and_size():
    square = Image.new("RGB", (60, 60), "white")
    ImageDraw.Draw(square).rectangle((25, 25, 35, 35), fill="black")

    assert seen(address(saved(square))) == "black dark square rectangle box small little"
    assert seen(address(saved(picture("yellow")))).startswith("yellow bright light circle round disc")
    assert seen(address(saved(Image.new("RGB", (9, 9), "blue")))) == "empty plain blue background"


def test_a_turned_square_passes_for_a_triangle():
    """An honest mistake: it knows an outline only by how it fills the box around it."""
    turned = Image.new("RGB", (60, 60), "white")
    ImageDraw.Draw(turned).polygon([(30, 5), (55, 30), (30, 55), (5, 30)], fill="red")

    assert "triangle" in seen(address(saved(turned)))


def test_what_is_no_image_is_not_seen():
    assert seen("data:image/png;base64,AAAA") == ""
    assert seen("https://example.org/a.png") == ""
