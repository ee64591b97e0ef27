"""The gain curves of several runs in one picture, told apart by dashes and by letters on the lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from act_spec.documents.axes import frame, points, quarters, thinned, x_at, y_at
from act_spec.documents.compare_facts import ComparedRun
from act_spec.documents.figures import percent
from act_spec.documents.pictures import gain_at

DASHES = ("d1", "d2", "d3", "d4", "d5", "d6")
"""Classes of the page's style; further runs begin anew, and their letters tell them apart."""

_FIRST_LETTER, _LAST_LETTER = 0.06, 0.7
_TABLE_SHARES = (0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75)


def curves_picture(runs: Sequence[ComparedRun]) -> dict[str, Any] | None:
    """Coordinates for the template and a table of the same figures; None if no run has a curve."""
    drawn = [run for run in runs if run.gain_curve]
    if not drawn:
        return None
    return {
        **frame(),
        "ticks": quarters(),
        "chance": points([(0, 0), (1, 1)]),
        "curves": [_curve(run, place, len(drawn)) for place, run in enumerate(drawn)],
        "shares": [percent(share) for share in _TABLE_SHARES],
        "table": [
            {"key": run.key, "gains": [percent(gain_at(run.gain_curve, share)) for share in _TABLE_SHARES]}
            for run in drawn
        ],
        "description": _description(drawn),
    }


def _curve(run: ComparedRun, place: int, count: int) -> dict[str, Any]:
    # Each letter has its own place from left to right, so letters never cover one another.
    share = _FIRST_LETTER + (_LAST_LETTER - _FIRST_LETTER) * (place + 0.5) / count
    return {
        "key": run.key,
        "line": points(thinned(run.gain_curve)),
        "dash": DASHES[place % len(DASHES)],
        "letter_x": x_at(share),
        "letter_y": y_at(gain_at(run.gain_curve, share)),
        "radius": 10 if len(run.key) == 1 else 14,
    }


def _description(drawn: Sequence[ComparedRun]) -> str:
    told = ", ".join(f"{run.key} {percent(gain_at(run.gain_curve, 0.2))}" for run in drawn)
    same: dict[tuple[tuple[float, float], ...], list[str]] = {}
    for run in drawn:
        same.setdefault(run.gain_curve, []).append(run.key)
    equal = [f" {' and '.join(keys)} have the same curve." for keys in same.values() if len(keys) > 1]
    return (
        f"Wrong labels found with the most suspicious 20% of the items reviewed: {told}; random review finds"
        f" 20.0%.{''.join(equal)}"
    )
