"""
Pixels: an image file checked and made anew, with Pillow.

What leaves is an RGB or grey picture of at most so many pixels along its
longest edge, upright, without metadata. Pillow comes with the extra `media`.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from act_spec.content.disguise import after_the_image, is_another_file, second_nature
from act_spec.content.media import Blob, MediaError, blob, fits_ending

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_PX = 1568
"""Longest edge that is sent, unless the recipe says otherwise: beyond it Anthropic scales down itself."""
MAX_PIXELS = 64_000_000
MAX_BYTES = 50 * 2**20
_MAX_SENT = 3_500_000
_LOSSLESS_UP_TO = 1_500_000
_QUALITY = 92
_ENDINGS: Mapping[str, tuple[str, ...]] = {
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "PNG": (".png",),
    "GIF": (".gif",),
    "WEBP": (".webp",),
    "BMP": (".bmp", ".dib"),
    "TIFF": (".tif", ".tiff"),
}
ENDINGS = tuple(ending for endings in _ENDINGS.values() for ending in endings)
_SIXTEEN = re.compile(r"I;16")


def need_pillow() -> None:
    """
    Make sure that images can be read.

    Raises:
        ValueError: If Pillow is not installed.
    """
    try:
        import PIL  # noqa: F401 - whether it is there
    except ImportError as error:
        raise ValueError(
            "images want Pillow, which is not installed: pip install 'act_spec[media]'."
        ) from error


def measured(data: bytes, name: str, max_px: int) -> tuple[int, int]:
    """Width and height at which an image would be sent, from its head alone; raises as `remade` does."""
    with _opened(data, name) as image:
        return _size(image, max_px)


def remade(data: bytes, name: str, max_px: int) -> tuple[Blob, int, int]:
    """
    An image file as it is sent, with its width and height.

    Args:
        data: The file.
        name: Its name, whose ending must agree.
        max_px: Longest edge, in pixels.

    Raises:
        MediaError: If it is no still image of a known format, is damaged, too
            large, or something else besides.
    """
    with _opened(data, name) as image:
        lossy = image.format in {"JPEG", "MPO", "WEBP"}
        try:
            picture = _upright(image, max_px)
        except (OSError, SyntaxError, ValueError, EOFError, MemoryError, ArithmeticError) as error:
            raise MediaError(f"it is damaged: {_said(error)}") from error
    return encoded(picture, lossy=lossy), picture.width, picture.height


def encoded(picture: Image, *, lossy: bool) -> Blob:
    """A picture as PNG where that is small enough and nothing was lost before, else as JPEG."""
    if not lossy:
        data = _saved(picture, "PNG", optimize=True)
        if len(data) <= _LOSSLESS_UP_TO:
            return blob(data, "image/png")
    for quality in (_QUALITY, 80, 60):
        data = _saved(picture, "JPEG", quality=quality, subsampling=0 if quality == _QUALITY else 2)
        if len(data) <= _MAX_SENT:
            return blob(data, "image/jpeg")
    raise MediaError("it stays too large to be sent. Set a smaller max_px.")


def _saved(picture: Image, form: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, form, **options)
    return stream.getvalue()


def _opened(data: bytes, name: str) -> Image:
    from PIL import Image, ImageFile, UnidentifiedImageError

    # WeasyPrint, once imported, tells Pillow to fill up files that break off; here they are damaged.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        image = Image.open(io.BytesIO(data), formats=list(_ENDINGS))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise MediaError(f"it has more than {MAX_PIXELS // 10**6} million pixels.") from error
    except UnidentifiedImageError as error:
        raise MediaError(f"not an image of a known format: {', '.join(_ENDINGS)}.") from error
    except (OSError, SyntaxError, ValueError, EOFError, MemoryError, ArithmeticError) as error:
        raise MediaError(f"it is damaged: {_said(error)}") from error
    try:
        _check(image, data, name)
    except BaseException:
        image.close()
        raise
    return image


def _check(image: Image, data: bytes, name: str) -> None:
    # A telephone's MPO is a JPEG with a second view behind it; the first is the photograph.
    kind = "JPEG" if image.format == "MPO" else str(image.format)
    fits_ending(name, _ENDINGS[kind], f"a {kind}")
    if image.width * image.height > MAX_PIXELS:
        raise MediaError(
            f"{image.width:,} by {image.height:,} pixels; at most {MAX_PIXELS // 10**6} million are taken."
        )
    other = second_nature(data)
    rest = after_the_image(data, kind)
    if other or (is_another_file(rest) and image.format != "MPO") or (rest and kind != "JPEG"):
        raise MediaError(f"it is {other or 'another file'} as well as a {kind}.")
    if image.format != "MPO":
        try:
            frames = getattr(image, "n_frames", 1)
        except (OSError, SyntaxError, ValueError, EOFError) as error:
            raise MediaError(f"it is damaged: {_said(error)}") from error
        if frames > 1:
            what = "pages" if kind == "TIFF" else "frames, it moves"
            raise MediaError(f"{frames} {what}. Save the one that is meant as an image of its own.")


def _upright(image: Image, max_px: int) -> Image:
    from PIL import ImageOps

    if image.format in {"JPEG", "MPO"}:
        image.draft(None, (2 * max_px, 2 * max_px))
    image.load()
    plain = _plain(image)
    turned = ImageOps.exif_transpose(plain)
    if max(turned.size) > max_px:
        turned.thumbnail((max_px, max_px))
    # A copy without what the file said beside its pixels.
    bare = turned.copy()
    bare.info = {}
    return bare


def _plain(image: Image) -> Image:
    """In grey or RGB of eight bits; what is transparent shows white."""
    from PIL import Image as Pillow

    if _SIXTEEN.match(image.mode):
        import numpy as np

        grey = Pillow.fromarray((np.asarray(image).astype(np.uint16) >> 8).astype(np.uint8))
        return _keeping(grey, image)
    if image.mode in {"I", "F"}:
        raise MediaError("its pixels are wider than 16 bits. Save it with 8 or 16 bits a channel.")
    if image.mode in {"LA", "PA", "RGBA", "RGBa", "La"} or "transparency" in image.info:
        seen = image.convert("RGBA")
        white = Pillow.new("RGBA", seen.size, "white")
        return _keeping(Pillow.alpha_composite(white, seen).convert("RGB"), image)
    return image if image.mode in {"L", "RGB"} else _keeping(image.convert(_target(image)), image)


def _target(image: Image) -> str:
    return "L" if image.mode == "1" else "RGB"


def _keeping(made: Image, image: Image) -> Image:
    """With what the file says of its orientation, until that is applied."""
    made.info = {key: image.info[key] for key in ("exif",) if key in image.info}
    return made


def _size(image: Image, max_px: int) -> tuple[int, int]:
    width, height = image.size
    scale = min(1.0, max_px / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def _said(error: BaseException) -> str:
    words = " ".join(str(error).split())[:200] or type(error).__name__
    return words if words.endswith(".") else f"{words}."
