"""How like two texts are to the built-in model: weighted n-grams, in one of two views."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import log, sqrt

from act_spec.llm.tiny_prompt import LabelText

View = Callable[[str], Counter[str]]

_WORD = re.compile(r"[^\W_]+")
_COMMON = frozenset(
    _WORD.findall(
        "a about all also am an and any are as at be been but by can did do does for from get got had has "
        "have he hello her hi his how i if in into is it its just me more most my no not now of on one only "
        "or our please she so than thank thanks that the their them then there they this to too up us very "
        "was we were what when which who will with would you your"
    )
)
_STEM = 4
"""Words are compared by their first letters, which makes `charged` and `charges` one word."""
_AGAINST = 0.4
"""How much a text against a label weighs, beside one for it."""


def pieces(text: str) -> Counter[str]:
    """A text as pieces of three to five letters, word by word; forgives typing errors."""
    padded = [f" {word} " for word in _WORD.findall(text.lower())]
    return Counter(
        word[start : start + size]
        for word in padded
        for size in (3, 4, 5)
        for start in range(len(word) - size + 1)
    )


def words(text: str) -> Counter[str]:
    """A text as the beginnings of its words, without common English ones."""
    return Counter(word[:_STEM] for word in _WORD.findall(text.lower()) if word not in _COMMON)


@dataclass(frozen=True, eq=False)
class Likeness:
    """
    Compares texts with labels.

    Attributes:
        profiles: Label to the weights of its pieces; negative where its text speaks against it.
        rarity: Piece to its weight: log of (labels + 1) over the labels whose texts hold it.
        unknown: Weight of a piece that no label's text holds.
    """

    profiles: Mapping[str, Mapping[str, float]]
    rarity: Mapping[str, float]
    unknown: float
    view: View

    def scores(self, text: str) -> dict[str, float]:
        """Label to cosine similarity with the text; about 0 where nothing is shared, at most 1."""
        weights = {
            piece: (1 + log(count)) * self.rarity.get(piece, self.unknown)
            for piece, count in self.view(text).items()
        }
        length = _length(weights)
        return {name: _product(weights, profile) / length for name, profile in self.profiles.items()}


@lru_cache(maxsize=64)
def likeness(labels: tuple[LabelText, ...], view: View) -> Likeness:
    """The comparison with these labels; cached, since all items of a run share it."""
    like = {label.name: view("\n".join(label.like)) for label in labels}
    spread = Counter(piece for pieces_of in like.values() for piece in pieces_of)
    rarity = {piece: log((len(labels) + 1) / count) for piece, count in spread.items()}
    profiles = {
        label.name: _profile(like[label.name], view(" ".join(label.unlike)), rarity) for label in labels
    }
    return Likeness(profiles, rarity, log(len(labels) + 1), view)


def _profile(like: Counter[str], unlike: Counter[str], rarity: Mapping[str, float]) -> dict[str, float]:
    weights = {piece: (1 + log(count)) * rarity[piece] for piece, count in like.items()}
    length = _length(weights)
    profile = {piece: weight / length for piece, weight in weights.items()}
    for piece in unlike:
        if piece in rarity:
            profile[piece] = profile.get(piece, 0.0) - _AGAINST * rarity[piece] / length
    return profile


def _product(weights: Mapping[str, float], profile: Mapping[str, float]) -> float:
    return sum(weight * profile[piece] for piece, weight in weights.items() if piece in profile)


def _length(weights: Mapping[str, float]) -> float:
    return sqrt(sum(weight * weight for weight in weights.values())) or 1.0
