"""The geometry of what trained models are worth, by the reviews that they learnt from."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor
from typing import Any

from act_spec.documents.axes import LEFT, RIGHT, TOP, WIDTH, frame, x_at, y_at
from act_spec.documents.figures import count, percent
from act_spec.documents.training_facts import TrainedArm, TrainingFacts

_STEPS = (0.01, 0.02, 0.05, 0.1, 0.2)
_MOST_LEVELS = 6
_MARK = 5.0
# Two marks at one number of reviews stand side by side, in pixels.
_ASIDE = {"delivered": -4.0, "corrected": 4.0}
_MARKS = {"delivered": "circle", "corrected": "square"}


def training_picture(facts: TrainingFacts) -> dict[str, Any]:
    """
    Scores (upwards) by reviews (to the right), with the standard deviation over seeds.

    Models of human and of machine labels alone are level lines; those of
    delivered labels are marks, joined along the curve.
    """
    scale = _Scale(facts.arms)
    return {
        **frame(),
        "ticks": [{"x": scale.x(reviews), "text": count(reviews)} for reviews in scale.reviews],
        "levels": [{"y": scale.y(level), "text": f"{round(100 * level)}%"} for level in scale.levels],
        "lines": [_line(arm, scale) for arm in facts.arms if arm.role not in _MARKS],
        "series": [
            _series(arms, scale)
            for role in _MARKS
            if (arms := [arm for arm in facts.arms if arm.role == role])
        ],
        "learner": facts.learner,
        "reads": facts.reads,
        "against": facts.against,
        "tested": count(facts.tested),
        "seeds": str(facts.seeds),
        "curve": facts.curve,
        "description": _description(facts.arms),
        "sentences": list(facts.sentences),
        "table": [_row(arm) for arm in facts.arms],
        "unknown": [
            {
                "sure": percent(sure),
                "before": f"{before:,.1f}",
                "after": "" if after is None else f"{after:,.1f}",
            }
            for sure, before, after in facts.unknown
        ],
        "written": count(facts.written),
    }


class _Scale:
    """From reviews and scores to the picture's pixels; scores fill the height."""

    def __init__(self, arms: Sequence[TrainedArm]) -> None:
        self.reviews = sorted({0, *(arm.reviews for arm in arms if arm.reviews is not None)})
        ends = [arm.mean + sign * (arm.sd or 0.0) for arm in arms for sign in (-1, 1)]
        low, high = max(0.0, min(ends)), min(1.0, max(ends))
        step = next((one for one in _STEPS if (high - low) / one <= _MOST_LEVELS), _STEPS[-1])
        first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
        self.levels = [step * number for number in range(first, max(last, first + 1) + 1)]

    def x(self, reviews: int, aside: float = 0.0) -> float:
        most = self.reviews[-1] or 1
        return round(x_at(0.94 * reviews / most) + 12 + aside, 1)

    def y(self, score: float) -> float:
        low, high = self.levels[0], self.levels[-1]
        return y_at(min(1.0, max(0.0, (score - low) / (high - low))))


def _line(arm: TrainedArm, scale: _Scale) -> dict[str, Any]:
    return {
        "role": arm.role,
        "name": arm.name,
        "y": scale.y(arm.mean),
        "left": LEFT,
        "right": WIDTH - RIGHT,
    }


def _series(arms: Sequence[TrainedArm], scale: _Scale) -> dict[str, Any]:
    mark, aside = _MARKS[arms[0].role], _ASIDE[arms[0].role]
    # The run's own labels are a draw of their own, so they stand beside the curve rather than on it.
    drawn = sorted((arm for arm in arms if not arm.own), key=lambda arm: arm.reviews or 0)
    return {
        "name": arms[0].name,
        "mark": mark,
        "line": " ".join(f"{scale.x(arm.reviews or 0, aside)},{scale.y(arm.mean)}" for arm in drawn),
        "marks": [_mark(arm, scale, aside) for arm in arms],
    }


def _mark(arm: TrainedArm, scale: _Scale, aside: float) -> dict[str, Any]:
    x, y = scale.x(arm.reviews or 0, aside + (2 * aside if arm.own else 0)), scale.y(arm.mean)
    spread = arm.sd or 0.0
    return {
        "x": x,
        "y": y,
        "own": arm.own,
        "corner_x": x - _MARK,
        "corner_y": max(float(TOP), y - _MARK),
        "size": 2 * _MARK,
        "low_y": scale.y(arm.mean - spread),
        "high_y": scale.y(arm.mean + spread),
    }


def _description(arms: Sequence[TrainedArm]) -> str:
    own = [f"{arm.name} {_score(arm)}" for arm in arms if arm.own]
    return f"Models trained on: {', '.join(own)}."


def _row(arm: TrainedArm) -> dict[str, str]:
    return {
        "name": arm.name,
        "reviews": "" if arm.reviews is None else count(arm.reviews),
        "own": "this\u00a0run" if arm.own else "",
        "score": _score(arm),
        "behind": _behind(arm),
    }


def _score(arm: TrainedArm) -> str:
    return percent(arm.mean) if arm.sd is None else f"{percent(arm.mean)} ± {100 * arm.sd:.1f}"


def _behind(arm: TrainedArm) -> str:
    return points(*arm.behind) if arm.behind else ""


def points(value: float, low: float | None, high: float | None) -> str:
    """A difference of scores in points, with its interval: `+1.2 points [-0.3, +2.7]`."""
    told = f"{100 * value:+.1f} points"
    return told if low is None or high is None else f"{told} [{100 * low:+.1f}, {100 * high:+.1f}]"
