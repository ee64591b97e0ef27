"""Rounds as lines for a terminal, and the geometry of what students are worth by what was spent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from act_spec.documents.axes import TOP, frame, x_at, y_at
from act_spec.documents.figures import count, money, percent
from act_spec.documents.round_facts import LearningFacts, LearningRound


def round_lines(facts: LearningFacts) -> list[str]:
    """The rounds for a terminal, a line each."""
    lines = []
    for one in facts.rounds:
        cost = "cost unknown" if one.cost_usd is None else money(one.cost_usd)
        asked = f" of {one.asked:,}" if one.asked != one.people else ""
        lines.append(
            f"  round {one.number} of {facts.planned:<4} {one.people:,}{asked} by people, {one.model:,} by the model; "
            f"{one.labels:,} labels, {cost}{_told(one)}"
        )
    lines.append(f"  no label       {facts.unlabelled:,} of {facts.items:,} items: no round chose them")
    return lines


def _told(one: LearningRound) -> str:
    if one.score is not None:
        return f"; student {_interval(one.score, one.low, one.high)} on {one.note}"
    if one.estimate is not None:
        return (
            f"; student about {_interval(one.estimate, one.estimate_low, one.estimate_high)}, as people tell"
        )
    return f"; student not measured: {one.note}" if one.learnt is not None else ""


def _interval(value: float | None, low: float | None, high: float | None) -> str:
    if value is None:
        return ""
    told = percent(value)
    return told if low is None or high is None else f"{told} [{low * 100:.1f}, {high * 100:.1f}]"


def rounds_picture(facts: LearningFacts) -> dict[str, Any]:
    """Score of the student (upwards) against what was spent, or the labels where nothing has a price (to the right)."""
    paid = all(one.cost_usd is not None for one in facts.rounds) and any(one.cost_usd for one in facts.rounds)
    marks = [
        ((one.cost_usd or 0.0) if paid else float(one.labels), one.score, one.low, one.high)
        for one in facts.rounds
        if one.score is not None
    ]
    most = max((amount for amount, *_ in marks), default=0.0) or 1.0
    points = [
        {
            "x": round(x_at(0.94 * amount / most) + 12, 1),
            "y": y_at(score),
            "low_y": y_at(score if low is None else low),
            "high_y": max(float(TOP), y_at(score if high is None else high)),
            "text": money(amount) if paid else count(round(amount)),
        }
        for amount, score, low, high in marks
    ]
    return {
        **frame(),
        "ticks": [{"x": one["x"], "text": one["text"]} for one in points],
        "levels": [
            {"y": y_at(level), "text": f"{round(level * 100)}%"} for level in (0.0, 0.25, 0.5, 0.75, 1.0)
        ],
        "points": points,
        "line": " ".join(f"{one['x']},{one['y']}" for one in points),
        "across": "US dollars for people and model calls" if paid else "labels",
        "selector": facts.selector,
        "learner": facts.learner,
        "planned": str(facts.planned),
        "unlabelled": count(facts.unlabelled),
        "items_count": count(facts.items),
        "description": _description(facts.rounds),
        "table": [_row(one) for one in facts.rounds],
    }


def _description(rounds: Sequence[LearningRound]) -> str:
    told = [f"{percent(one.score)} after {one.labels:,} labels" for one in rounds if one.score is not None]
    return (
        f"Score of the student: {', '.join(told)}." if told else "No student was measured on known answers."
    )


def _row(one: LearningRound) -> dict[str, str]:
    return {
        "number": str(one.number),
        "people": count(one.people),
        "model": count(one.model),
        "labels": count(one.labels),
        "cost": "unknown" if one.cost_usd is None else money(one.cost_usd),
        "score": _interval(one.score, one.low, one.high) or one.note,
        "estimate": _interval(one.estimate, one.estimate_low, one.estimate_high) or one.estimate_note,
    }
