"""Which of two fields the built-in model prefers: the one that takes up more of what was asked, and says more besides."""

from __future__ import annotations

from math import log

from act_spec.llm.tiny_likeness import View
from act_spec.llm.tiny_prompt import Understood

_MORE = 0.2
"""How much what a field says besides weighs: each e-fold of new pieces, beside taking up all that was asked."""
_SCALE = 0.25
"""Brings differences to the size that similarities have."""
_EVEN = 0.01
"""Two that differ by less are taken for equally good."""


def pair_scores(read: Understood, view: View) -> dict[str, float]:
    """
    How good each of two fields is in the light of the rest of the item; empty where no pair is asked about.

    A pair is asked about where the answers are the names of two fields, and
    perhaps a word for neither.
    """
    names = [label.name for label in read.labels]
    pair = [name for name in names if name in read.fields]
    neither = [name for name in names if name not in read.fields]
    if len(pair) != 2 or len(neither) > 1:
        return {}
    context = "\n".join(text for name, text in read.fields.items() if name not in pair)
    scores = {name: _SCALE * _score(read.fields[name], context or read.task, view) for name in pair}
    return scores | {name: sum(scores.values()) / 2 + _EVEN / 2 for name in neither}


def _score(text: str, asked: str, view: View) -> float:
    own, wanted = view(text).keys(), view(asked).keys()
    return len(own & wanted) / (len(wanted) or 1) + _MORE * log(1 + len(own - wanted))
