"""Which relations the built-in model finds: between neighbouring names, by the words that stand around them."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from math import exp
from typing import Any

from act_spec.llm.tiny_likeness import View, likeness
from act_spec.llm.tiny_passages import NAME, without_common
from act_spec.llm.tiny_prompt import Understood

_FIELD = re.compile(r'that the field "([^"\n]*)" states')
_SHOWN = re.compile(r"\s*(.+?) -\[([^\[\]]+)\]-> ([^;\n]+)(?:;|$)")
_LEAST = 0.06
_SHARPNESS = 24.0
_SURE = 0.75
_UNFOUND = 0.25

Found = tuple[list[dict[str, Any]], float, Callable[[str], float], str, Callable[[str], float]]


def triples(read: Understood, view: View, shift: float) -> Found:
    """The relations that it finds, how sure it is, how like others' are, why, and how right each of others' is."""
    named = _FIELD.search(read.told)
    text = read.fields.get(named[1], read.item) if named else read.item
    compare = likeness(read.labels, view)
    own: dict[tuple[str, str, str], float] = {}
    for sentence in re.split(r"(?<=[.!?])\s+", text):
        places = [place for place in map(without_common, NAME.finditer(sentence)) if place[0] < place[1]]
        for (start, end), (other, last) in pairwise(places):
            scores = compare.scores(f"{sentence[end:other]} {sentence[last : last + 20]}")
            label = max(scores, key=lambda name: scores[name], default="")
            least = _LEAST * (1 + 0.3 * shift)
            if label and scores[label] >= least:
                sure = 1 / (1 + exp(-_SHARPNESS * (scores[label] - least)))
                own[sentence[start:end], label, sentence[other:last]] = sure
    made = [{"head": head, "label": label, "tail": tail} for head, label, tail in own]

    def like(shown: str) -> float:
        others = set(_read(shown))
        return 2 * len(own.keys() & others) / (len(own) + len(others)) if own or others else 1.0

    def part(shown: str) -> float:
        return next((own.get(one, _UNFOUND) for one in _read(shown)), _UNFOUND)

    why = f"By the words between names it finds {len(own)} relations."
    return made, _SURE, like, why, part


def _read(shown: str) -> list[tuple[str, str, str]]:
    """Relations as prompts show them."""
    return [(found[1], found[2], found[3].strip()) for found in _SHOWN.finditer(shown)]
