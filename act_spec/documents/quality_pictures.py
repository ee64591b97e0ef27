"""The geometry of what reviews say about judge and labels: reliability, and interval bars label by label."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from act_spec.documents.axes import RIGHT, TOP, WIDTH, frame, points, quarters, x_at, y_at
from act_spec.documents.figures import count, percent
from act_spec.documents.printable import shortened
from act_spec.documents.run_facts import LabelQuality, Reliability

if TYPE_CHECKING:
    from act_spec.strategies.estimators.reliability import Bin

MOST_BARS = 30
_MOST_NAME_CHARS = 26
_NAME_WIDTH = 190
_ROW_HEIGHT = 24
_MARKS = ("circle", "square")
_MARK_RADIUS = 5.0


def reliability_picture(told: Sequence[Reliability]) -> dict[str, Any]:
    """
    Mean error probability (to the right) against the share found wrong (upwards).

    Args:
        told: One or two; the first has hollow circles and dashes, the second
            filled squares and a plain line.
    """
    return {
        **frame(),
        "ticks": quarters(),
        "exact": points([(0, 0), (1, 1)]),
        "series": [_series(one, mark) for one, mark in zip(told, _MARKS, strict=False)],
        "description": " ".join(_reliability_sentence(one) for one in told),
    }


def quality_picture(rows: Sequence[LabelQuality]) -> dict[str, Any]:
    """A bar from low to high with a mark at the value, one row a label; at most `MOST_BARS` rows."""
    shown = [row for row in rows if row.accuracy is not None][:MOST_BARS]
    height = TOP + _ROW_HEIGHT * len(shown) + 48
    return {
        **frame(height),
        "left": _NAME_WIDTH,
        "ticks": [{"x": _bar_x(part / 4), "text": f"{25 * part}%"} for part in range(5)],
        "bars": [_interval_bar(row, number) for number, row in enumerate(shown)],
        "middle_x": (_NAME_WIDTH + WIDTH - RIGHT) / 2,
        "description": _quality_sentence(shown),
        "table": [_quality_row(row) for row in rows],
    }


def _series(told: Reliability, mark: str) -> dict[str, Any]:
    return {
        "scores": told.scores,
        "mark": mark,
        "line": points([(part.probability, part.share) for part in told.bins]),
        "marks": [_reliability_mark(part) for part in told.bins],
        "ece": f"{told.ece:.3f}",
        "table": [
            {
                "probability": percent(part.probability),
                "share": percent(part.share),
                "interval": f"[{percent(part.low)}, {percent(part.high)}]",
                "count": count(part.count),
            }
            for part in told.bins
        ],
    }


def _reliability_mark(part: Bin) -> dict[str, float]:
    x, y = x_at(part.probability), y_at(part.share)
    return {
        "x": x,
        "y": y,
        "low_y": y_at(part.low),
        "high_y": y_at(part.high),
        "corner_x": round(x - _MARK_RADIUS, 1),
        "corner_y": round(y - _MARK_RADIUS, 1),
        "size": 2 * _MARK_RADIUS,
    }


def _reliability_sentence(told: Reliability) -> str:
    expected = sum(part.mass * part.probability for part in told.bins)
    found = sum(part.mass * part.share for part in told.bins)
    return (
        f"Scores {told.scores}: on average {percent(expected)} error probability where reviews find"
        f" {percent(found)} wrong; expected calibration error {told.ece:.3f}."
    )


def _interval_bar(row: LabelQuality, number: int) -> dict[str, Any]:
    if row.accuracy is None:
        raise ValueError("a bar needs an estimate.")
    low, high = _bar_x(row.accuracy.low), _bar_x(row.accuracy.high)
    middle = TOP + _ROW_HEIGHT * number + _ROW_HEIGHT / 2
    return {
        "name": shortened(row.label, _MOST_NAME_CHARS),
        "name_x": _NAME_WIDTH - 10,
        "low_x": low,
        "high_x": high,
        "diamond": _diamond(_bar_x(row.accuracy.value), middle),
        "y": middle,
        "text_y": middle + 4,
        "top_y": middle - 5,
        "bottom_y": middle + 5,
    }


def _diamond(x: float, y: float) -> str:
    return f"{x - 6:.1f},{y} {x:.1f},{y - 6} {x + 6:.1f},{y} {x:.1f},{y + 6}"


def _quality_sentence(shown: Sequence[LabelQuality]) -> str:
    if not shown:
        return "The reviews do not tell how right the labels are."
    worst = min(shown, key=lambda row: row.accuracy.value if row.accuracy else 1.0)
    value = percent(worst.accuracy.value) if worst.accuracy else ""
    return f"The lowest estimate is {value}, for {worst.label}."


def _quality_row(row: LabelQuality) -> dict[str, str]:
    told = row.accuracy
    return {
        "label": row.label,
        "total": count(row.items),
        "reviewed": count(row.reviewed),
        "value": percent(told.value) if told else "—",
        "low": percent(told.low) if told else "—",
        "high": percent(told.high) if told else "—",
        "note": row.note,
    }


def _bar_x(share: float) -> float:
    return round(_NAME_WIDTH + (WIDTH - RIGHT - _NAME_WIDTH) * share, 1)
