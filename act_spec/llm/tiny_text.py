"""What the built-in model writes: the sentence of the item that has most in common with the rest of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from act_spec.llm.tiny_likeness import View
from act_spec.llm.tiny_prompt import Understood

_MOST = re.compile(r"of at most (\d+) words")
_SURE = 0.7
_LONG = 40
"""Added to a sentence's length, so that a short one does not win by being short."""


def written(read: Understood, view: View, shift: float) -> tuple[str, float, Callable[[str], float], str]:
    """The text, how sure it is, how like others' are, and why; see `tiny_composed.Composed`."""
    most = _MOST.search(read.told)
    limit = int(most[1]) if most else 60
    sentences = [one.strip() for one in re.split(r"(?<=[.!?])\s+|\n", read.item) if one.strip()] or [
        "Nothing."
    ]
    whole = view(read.item)
    scores: Mapping[str, float] = {
        one: sum(min(2, whole[piece]) for piece in view(one)) / (len(view(one)) + _LONG) for one in sentences
    }
    ranked = sorted(sentences, key=lambda one: (-scores[one], sentences.index(one)))
    chosen = ranked[min(len(ranked) - 1, 1 if shift > 0.6 else 0)]
    text = " ".join(chosen.split()[:limit])
    own = view(text).keys()

    def like(shown: str) -> float:
        other = view(shown).keys()
        return 2 * len(own & other) / (len(own) + len(other)) if own or other else 1.0

    return text, _SURE, like, f"This sentence has most in common with the rest: {text}"
