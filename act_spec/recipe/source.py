"""From the bytes of a recipe, or of a file beside it, to text: the first thing that can go wrong."""

from __future__ import annotations

import codecs
import re
from pathlib import Path
from typing import NoReturn

from act_spec.errors import Problem, RecipeError

MAX_BYTES = 1 << 20
_OTHER_ENCODINGS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)
# What YAML 1.2 lets stand in a file; U+FEFF is a byte order mark that belongs at the start alone.
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


def read_text(path: Path, *, limit: int = MAX_BYTES) -> str:
    """
    A small text file as text, without its byte order mark.

    Args:
        path: The file.
        limit: Largest size, in bytes.

    Raises:
        RecipeError: If there is no readable file of at most that size, or it
            is not UTF-8 text; names the line, column and offset of what is not.
    """
    file = str(path)
    try:
        if path.is_dir():
            _refuse(file, "this is a folder.", "Name a file.")
        if path.exists() and not path.is_file():
            _refuse(file, "this is not an ordinary file.", "Name a file.")
        with path.open("rb") as stream:
            data = stream.read(limit + 1)
    except FileNotFoundError:
        _refuse(file, "there is no such file.", f"Looked in {path.absolute().parent}.")
    except (OSError, ValueError) as error:
        _refuse(file, f"this file cannot be read: {getattr(error, 'strerror', None) or error}.", "")
    if len(data) > limit:
        _refuse(file, f"this file is larger than {limit:,} bytes.", "Data belong in a file of their own.")
    return decode(data, file)


def decode(data: bytes, file: str) -> str:
    """
    UTF-8 bytes as text, without a byte order mark.

    Raises:
        RecipeError: If they are another encoding, or hold characters that no text file has.
    """
    for mark, name in _OTHER_ENCODINGS:
        if data.startswith(mark):
            _refuse(file, f"this file is {name} (byte order mark at offset 0).", "Save it as UTF-8.", (1, 1))
    nul = data.find(b"\0")
    if nul >= 0:
        place = _place(data[:nul].decode("utf-8", errors="replace"))
        _refuse(file, f"there is a NUL byte at offset {nul}.", "Save the file as plain text in UTF-8.", place)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        place = _place(data[: error.start].decode("utf-8"))
        what = f"the byte 0x{data[error.start]:02X} at offset {error.start} is not UTF-8."
        _refuse(file, what, "The file looks like Latin-1 or Windows-1252; save it as UTF-8.", place)
    return check_text(text, file)


def check_text(text: str, file: str) -> str:
    """
    The text without its byte order mark.

    Raises:
        RecipeError: If it holds characters that no text file has.
    """
    text = text.removeprefix("\ufeff")
    odd = _UNPRINTABLE.search(text)
    if odd:
        what = f"there is the control character U+{ord(odd[0]):04X}."
        _refuse(file, what, "Delete it.", _place(text[: odd.start()]))
    return text


def _place(before: str) -> tuple[int, int]:
    before = before.removeprefix("\ufeff")
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


def _refuse(file: str, message: str, hint: str, place: tuple[int, int] = (0, 0)) -> NoReturn:
    raise RecipeError([Problem(file, *place, "", message, hint)])
