"""An image is checked by what it holds, and what leaves is pixels alone."""

from __future__ import annotations

import io

import numpy as np
import pytest
from media_files import huge_png, moving_gif, picture, png, saved, zipped_png
from PIL import Image as Pillow
from PIL import ImageFile, PngImagePlugin

from act_spec.content.image import Image
from act_spec.content.media import MediaError


def decoded(data: bytes) -> Pillow.Image:
    return Pillow.open(io.BytesIO(data))


def test_the_pixels_of_a_png_are_kept_and_what_it_says_beside_them_is_not():
    told = PngImagePlugin.PngInfo()
    told.add_text("Patient", "Ada Example")
    data = saved(picture("green"), pnginfo=told)

    made = Image().prepare(data, "a.png")

    [blob] = made.blobs
    assert made.shown == {"sha256": blob.sha256, "mime": "image/png", "width": 48, "height": 48}
    assert b"Ada" in data
    assert b"Ada" not in blob.data
    assert np.array_equal(np.asarray(decoded(blob.data)), np.asarray(picture("green")))


def test_a_photograph_is_turned_upright_and_its_place_is_left_out():
    exif = Pillow.Exif()
    exif[0x0112] = 6  # lies on its side
    exif[0x010E] = "51.5 N, 0.1 W"
    data = saved(picture("red", (80, 40)), "JPEG", exif=exif)

    made = Image().prepare(data, "a.jpg")

    assert (made.shown["width"], made.shown["height"]) == (40, 80)
    assert b"51.5" not in made.blobs[0].data
    assert not decoded(made.blobs[0].data).getexif()


def test_the_longest_edge_is_capped():
    assert Image(max_px=64).prepare(png(size=(300, 150)), "a.png").shown["width"] == 64
    assert Image(max_px=64).measure(png(size=(300, 150)), "a.png")["height"] == 32


def test_sixteen_bits_of_grey_become_eight_without_clipping():
    grey = np.linspace(0, 65535, 64 * 64).astype(np.uint16).reshape(64, 64)

    made = Image().prepare(saved(Pillow.fromarray(grey)), "scan.png")

    assert np.array_equal(np.asarray(decoded(made.blobs[0].data)), grey >> 8)


def test_what_is_transparent_shows_white():
    clear = Pillow.new("RGBA", (8, 8), (0, 0, 0, 0))

    made = Image().prepare(saved(clear), "a.png")

    assert decoded(made.blobs[0].data).convert("RGB").getpixel((0, 0)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("data", "name", "reason"),
    [
        (huge_png(), "a.png", "million pixels"),
        (zipped_png(), "a.png", "a ZIP archive as well as a PNG"),
        (png() + b"%PDF-1.4 and so on", "a.png", "a PDF as well as a PNG"),
        (png() + b"#!/bin/sh", "a.png", "another file as well as a PNG"),
        (saved(picture(), "JPEG") + b"PK\x03\x04", "a.jpg", "another file as well as a JPEG"),
        (saved(picture(), "GIF", comment=b"<script>alert(1)</script>"), "a.gif", "a page with code"),
        (saved(picture(), "JPEG"), "a.png", "ends in .png and holds a JPEG"),
        (moving_gif(), "a.gif", "2 frames"),
        (saved(picture(), "JPEG")[:500], "a.jpg", "damaged"),
        (png()[:80], "a.png", "damaged"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.svg", "not an image of a known format"),
        (b"no image", "a.png", "not an image of a known format"),
    ],
)
def test_what_cannot_be_used_is_told_by_its_reason(data, name, reason):
    with pytest.raises(MediaError, match=reason):
        Image().prepare(data, name)


@pytest.mark.parametrize("name", ["a.png", "a.jpg"])
def test_what_another_package_asks_of_pillow_lets_no_half_image_pass(monkeypatch, name):
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    whole = saved(picture(), "JPEG") if name == "a.jpg" else png()

    with pytest.raises(MediaError, match="damaged"):
        Image().prepare(whole[: len(whole) // 2], name)


def test_a_photograph_with_what_cameras_leave_behind_it_is_taken():
    """Telephones append previews and moving pictures; the pixels are made anew all the same."""
    assert Image().prepare(saved(picture(), "JPEG") + b"\0\0SEFHe\0SEFT", "a.JPG").blobs


def test_a_zip_in_the_pixels_by_chance_is_no_archive():
    noise = b"PK\x05\x06" + bytes(range(60))
    telling = PngImagePlugin.PngInfo()
    telling.add_text("noise", noise.decode("latin-1"))

    assert Image().prepare(saved(picture(), pnginfo=telling), "a.png").blobs


def test_a_message_holds_the_hash_and_never_the_name():
    value = [{"file": "cat/1.png", "sha256": "ab", "mime": "image/png", "width": 4, "height": 3}]

    parts = Image().parts("photo", value * 2)

    assert [part["type"] for part in parts] == ["text", "text", "image", "text", "image", "text"]
    assert "cat" not in str(parts)
    assert parts[0]["text"] == '<field name="photo">\n'
    assert parts[1]["text"] == "Image 1 of 2:\n"
