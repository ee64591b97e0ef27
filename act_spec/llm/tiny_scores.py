"""How probable the built-in model's own words were, as other providers tell it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import log

from act_spec.records import TokenScore

_PIECE = re.compile(r"\s*\S+")
_LEAST = 1e-6


def scored(text: str, yes: float | None) -> tuple[TokenScore, ...]:
    """
    A reply's words as tokens with their scores.

    It does not write word by word, so every word has the probability of what
    it came to say; a verdict at the end is listed with its opposite.

    Args:
        text: The reply.
        yes: Probability of a yes, where the reply ends in yes or no.
    """
    return tuple(_scores(text, yes))


def _scores(text: str, yes: float | None) -> Iterator[TokenScore]:
    pieces = _PIECE.findall(text)
    likely = 0.5 if yes is None else max(yes, 1 - yes)
    for piece in pieces[: len(pieces) - (yes is not None)]:
        yield TokenScore(piece, _log(likely), ((piece, _log(likely)),))
    if yes is not None and pieces:
        space = pieces[-1].removesuffix(pieces[-1].strip())
        listed = [(f"{space}yes", _log(yes)), (f"{space}no", _log(1 - yes))]
        listed.sort(key=lambda pair: -pair[1])
        yield TokenScore(pieces[-1], dict(listed)[pieces[-1]], tuple(listed))


def _log(share: float) -> float:
    return log(max(share, _LEAST))
