"""Names that look the same to people although they are written with other characters."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_LATIN = {
    "a": "аα",
    "b": "вβ",
    "c": "сϲ",
    "d": "ԁ",
    "e": "еε",
    "h": "нһη",
    "i": "іιı",
    "j": "јϳ",
    "k": "кκ",
    "m": "мμ",
    "o": "оοօ",
    "p": "рρ",
    "q": "ԛ",
    "s": "ѕ",
    "t": "тτ",
    "v": "νѵ",
    "w": "ԝ",
    "x": "хχ",
    "y": "уυү",
    "z": "ζ",
    "-": "‐‑‒–—―−",
    "'": "’‘ʼ",
}
"""Latin letter to the Cyrillic, Greek and other letters that look like it, small or as a capital."""

_SAME = str.maketrans({other: latin for latin, others in _LATIN.items() for other in others})


@lru_cache(4096)
def skeleton(name: str) -> str:
    """
    What of a name can be seen: names with equal skeletons are one name to a reader.

    Case, width, white space around it, invisible characters, dashes and
    quotes of another length, and letters of another script are all the same.

    Source: in the manner of Unicode's UTS 39, section 4, with a table of our own that also looks at capitals.
    """
    folded = unicodedata.normalize("NFKC", name).casefold()
    seen = "".join(character for character in folded if unicodedata.category(character) != "Cf")
    return seen.translate(_SAME).strip()


def strange_character(name: str, other: str) -> str:
    """What tells one name from another that looks the same, by its Unicode name; empty if case alone does."""
    plain, beside = (unicodedata.normalize("NFKC", one).casefold() for one in (name, other))
    strange = [character for character in plain if character not in beside]
    return unicodedata.name(max(strange), "") if strange else ""
