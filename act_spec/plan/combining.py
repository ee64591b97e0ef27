"""
Combinations of candidate judges, for the pilot to rank beside the candidates themselves.

A combination asks nothing of its own: its parts judge, and their error
probabilities become one, as a plain mean or as a mix whose weights the
reviews decide.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations

from act_spec.plan.model import Answering
from act_spec.records import sha256

COMBINED = "combined.v1"
_FITTED = {"mean": "none", "fitted mix": "logistic"}
"""How the parts become one, and the calibration that does it: a combined judge's `logistic` weighs its parts anew."""


def combined_judges(judges: Sequence[Answering]) -> tuple[Answering, ...]:
    """Mean and fitted mix of every pair, and of all together where they are three or more."""
    return tuple(_combined(kind, parts) for parts in _sets(judges) for kind in _FITTED)


def told_apart(judges: Sequence[Answering]) -> tuple[Answering, ...]:
    """The judges, each under a name of its own: a second one of a name has a number."""
    names = [judge.name for judge in judges]
    return tuple(
        replace(judge, name=f"{judge.name} #{names[:index].count(judge.name) + 1}")
        if judge.name in names[:index]
        else judge
        for index, judge in enumerate(judges)
    )


def _sets(judges: Sequence[Answering]) -> Iterator[tuple[Answering, ...]]:
    yield from combinations(judges, 2)
    if len(judges) > 2:
        yield tuple(judges)


def _combined(kind: str, parts: tuple[Answering, ...]) -> Answering:
    *others, last = (part.name for part in parts)
    return Answering(
        stage="judge",
        name=f"{kind} of {', '.join(others)} and {last}",
        strategy=COMBINED,
        parameters={"judges": [part.name for part in parts]},
        model=None,
        prompts={},
        calls_per_item=0,
        key=sha256({"combined": [part.key for part in parts], "as": kind}),
        calibrate=_FITTED[kind],
        parts=parts,
    )
