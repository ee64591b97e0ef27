"""Texts changed at random, as slips of the hand, broken transfers and malice change them; the same for a seed."""

from __future__ import annotations

import random
from collections.abc import Callable

HOSTILE = (
    "\t",
    "\x00",
    "\ufeff",
    "\u202e",
    "\u2028",
    "\r",
    "'",
    '"',
    "{",
    "}",
    "[",
    "]",
    ":",
    ": ",
    ", ",
    " #",
    "|",
    ">",
    "&a ",
    "*a",
    "!!python/object:os.system ",
    "%",
    "@",
    "`",
    "- ",
    "? ",
    "---\n",
    "...\n",
    "<<: *a",
    "null",
    "~",
    "yes",
    "0x1F",
    "1e309",
    "-1",
    ".nan",
    "9" * 400,
    "é" * 50,
    "a" * 5000,
    "{{ 7 * 7 }}",
    "{% for x in range(10**9) %}",
    "../../etc/passwd",
    "=1+1",
    "<script>",
    "\x1b[31m",
    "[" * 300,
    "{a: " * 300,
    "$name",
    "2026-11-23",
    "12:30:45",
)


def mutated(text: str, seed: int) -> str:
    """The text with one to four changes."""
    dice = random.Random(seed)
    for _ in range(dice.randint(1, 4)):
        text = dice.choice(_CHANGES)(text, dice)
    return text


def _span(text: str, dice: random.Random, most: int = 40) -> tuple[int, int]:
    start = dice.randint(0, len(text))
    return start, min(len(text), start + dice.randint(0, most))


def _cut(text: str, dice: random.Random) -> str:
    start, end = _span(text, dice)
    return text[:start] + text[end:]


def _stop(text: str, dice: random.Random) -> str:
    return text[: dice.randint(0, len(text))]


def _insert(text: str, dice: random.Random) -> str:
    place = dice.randint(0, len(text))
    return text[:place] + dice.choice(HOSTILE) + text[place:]


def _overwrite(text: str, dice: random.Random) -> str:
    start, end = _span(text, dice, 12)
    return text[:start] + dice.choice(HOSTILE) + text[end:]


def _repeat(text: str, dice: random.Random) -> str:
    start, end = _span(text, dice)
    return text[:end] + text[start:end] * dice.randint(1, 3) + text[end:]


def _lines(text: str, dice: random.Random) -> str:
    lines = text.split("\n")
    one, two = dice.randrange(len(lines)), dice.randrange(len(lines))
    what = dice.randrange(4)
    if what == 0:
        lines[one], lines[two] = lines[two], lines[one]
    elif what == 1:
        lines.insert(two, lines[one])
    elif what == 2:
        del lines[one]
    else:
        lines[one] = " " * dice.randint(0, 6) + lines[one].lstrip()
    return "\n".join(lines)


def _word(text: str, dice: random.Random) -> str:
    words = text.split(" ")
    words[dice.randrange(len(words))] = dice.choice(words)
    return " ".join(words)


_CHANGES: tuple[Callable[[str, random.Random], str], ...] = (
    _cut,
    _stop,
    _insert,
    _insert,
    _overwrite,
    _repeat,
    _lines,
    _lines,
    _word,
)
