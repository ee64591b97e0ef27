"""Whether the built-in model finds a claim in its evidence: word by word, with an eye on numbers and on `not`."""

from __future__ import annotations

import re

from act_spec.llm.tiny_likeness import View
from act_spec.llm.tiny_prompt import Understood

_FIELDS = re.compile(r'the claim in the field "([^"\n]+)" against the evidence in the field "([^"\n]+)"')
_NUMBER = re.compile(r"\d+")
_NOT = re.compile(r"\b(?:no|not|never|nor|without)\b|n't\b", re.IGNORECASE)
_SCALE = 0.25
"""Brings shares to the size that similarities have."""
_ENOUGH = 0.75
"""Share of a claim that the evidence must hold to support it."""
_ODD = 0.05
"""What another number, or a `not` on one side alone, adds to a contradiction."""


def claim_scores(read: Understood, view: View) -> dict[str, float]:
    """
    A score for each answer; empty where the prompt asks about no claim.

    The first answer is taken for the one that the evidence supports, the
    second for the one that it contradicts.
    """
    asked = _FIELDS.search(read.told)
    if asked is None or len(read.labels) < 2:
        return {}
    claim, evidence = (read.fields.get(name, "") for name in asked.groups())
    wanted = view(claim).keys()
    held = len(wanted & view(evidence).keys()) / (len(wanted) or 1)
    odd = bool(set(_NUMBER.findall(claim)) - set(_NUMBER.findall(evidence))) or (
        bool(_NOT.search(claim)) != bool(_NOT.search(evidence))
    )
    names = [label.name for label in read.labels]
    lacking = _SCALE * (2 * _ENOUGH - held)
    scores = dict.fromkeys(names, lacking)
    scores[names[0]] = _SCALE * held - (_ODD if odd else 0)
    scores[names[1]] = lacking + (_ODD if odd else -_ODD)
    return scores
