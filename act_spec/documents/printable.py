"""Text from data, models and people, made safe to print: nothing in it acts, all of it shows."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

_WORDLESS = re.compile(r"\s+")
_LAID_OUT = re.compile(r"(\r\n|\r|\n|\t)")
_BREAKS = {"\r\n": " \n", "\r": "\n", "\n": "\n"}
# Control characters, bidirectional overrides, invisible format characters, surrogates.
# The zero-width joiners stay: Indic scripts and emoji need them.
_ACTING = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_WITHOUT_EFFECT = frozenset("\u00ad\u061c\u180e\u200b\u200e\u200f\u2060\ufeff")
_MARKS = frozenset({"Mn", "Me"})
_UNSEEN = "\u25af"
_MOST_MARKS = 6
"""More combining marks than any script stacks on one letter, and few enough to stay on the line."""


def visible(text: str) -> str:
    """
    The text on one line, with whatever would act on a terminal or a page made visible.

    White space runs become one space. Escape and other control characters
    become their pictures (`␛`), bidirectional overrides their code
    (`<U+202E>`); invisible characters without an effect are left out.
    """
    line = _WORDLESS.sub(" ", text).strip()
    return _marked(line)


def visible_lines(text: str) -> str:
    """
    The same with line breaks, tabs and spaces kept, for text that a page shows as it was written.

    A line break of two characters stays two, a space that nobody sees and the
    break: a place that is marked on the page is that place in the text.
    """
    pieces = _LAID_OUT.split(text)
    return "".join(_BREAKS.get(piece) or (piece if piece == "\t" else _marked(piece)) for piece in pieces)


def visible_places(text: str) -> str:
    """
    `visible_lines` for a text in which places count: one character shows for each.

    What would act, or is not seen at all, becomes a sign of its own (`▯`, or
    the picture of a control character).
    """
    pieces = _LAID_OUT.split(text)
    return "".join(
        _BREAKS.get(piece) or (piece if piece == "\t" else "".join(_one_for_each(piece))) for piece in pieces
    )


def _one_for_each(text: str) -> Iterator[str]:
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.category(character) in _MARKS else 0
        if marks > _MOST_MARKS:
            yield _UNSEEN
        elif _ACTING.match(character):
            shown = _shown(character)
            yield shown if len(shown) == 1 else _UNSEEN
        else:
            yield character


def printable(text: str, width: int | None = None) -> str:
    """
    The text for a terminal: `visible`, and at most `width` columns wide.

    Args:
        text: From anywhere.
        width: In terminal columns, at least 1; wide characters take two. None
            for no limit.

    Returns:
        One line; it ends in `…` where something was cut off.
    """
    line = visible(text)
    if width is None or sum(map(_columns, line)) <= width:
        return line
    kept, used = [], 0
    for character in line:
        used += _columns(character)
        if used > width - 1:
            break
        kept.append(character)
    return "".join(kept) + "…"


def shortened(text: str, most: int) -> str:
    """`visible` text of at most `most` characters; it ends in `…` where something was cut off."""
    line = visible(text)
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def each_text(value: Any, change: Callable[[str], str]) -> Any:
    """The same value with every text in its mappings and sequences changed; keys stay."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {key: each_text(part, change) for key, part in value.items()}
    if isinstance(value, Sequence):
        return [each_text(part, change) for part in value]
    return value


def _marked(line: str) -> str:
    shown = _ACTING.sub(lambda found: _shown(found[0]), line)
    # ASCII has no marks, and most texts need no look at each character.
    return shown if shown.isascii() else "".join(_few_marks(shown))


def _shown(character: str) -> str:
    code = ord(character)
    if character in _WITHOUT_EFFECT:
        return ""
    if code < 0x20:
        return chr(0x2400 + code)
    if 0xD800 <= code <= 0xDFFF:
        return "\ufffd"
    return "␡" if code == 0x7F else f"<U+{code:04X}>"


def _few_marks(text: str) -> Iterator[str]:
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.category(character) in _MARKS else 0
        if marks <= _MOST_MARKS:
            yield character


def _columns(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1
