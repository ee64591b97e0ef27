"""The geometry of the report's pictures; the template draws it, and prints the same figures as a table."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

from act_spec.documents.axes import frame, points, quarters, thinned, x_at, y_at
from act_spec.documents.figures import percent
from act_spec.documents.run_facts import Confusion, SuspicionBin

MOST_MATRIX_LABELS = 10
MOST_LISTED_PAIRS = 20
_TABLE_SHARES = (0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0)
_LEAST_BAR = 2.0
_SHADES = 4


def gain_picture(
    curve: Sequence[tuple[float, float]], error_rate: float, budget: float, found: float | None = None
) -> dict[str, Any]:
    """
    The gain curve between chance and a perfect judge.

    Args:
        curve: Share reviewed and share of wrong labels found, rising from (0, 0) to (1, 1).
        error_rate: Share of wrong machine labels, in (0, 1].
        budget: Share of the items that the run reviewed, in [0, 1].
        found: Share of the wrong labels among these. A rule that draws does
            not follow the order of suspicion, so it need not lie on the curve,
            whose value stands in where this is not known.

    Returns:
        Coordinates for the template, and a table of the same figures.
    """
    found = gain_at(curve, budget) if found is None else found
    shares = sorted({*_TABLE_SHARES, budget} - {0.0})
    return {
        **frame(),
        "curve": points(thinned(curve)),
        "chance": points([(0, 0), (1, 1)]),
        "perfect": points([(0, 0), (error_rate, 1), (1, 1)]),
        "budget_x": x_at(budget),
        "budget_y": y_at(found),
        "budget_class": "end" if budget > 0.6 else "start",
        "budget_text_x": x_at(budget) + (-8 if budget > 0.6 else 8),
        "ticks": quarters(),
        "budget_text": f"this run: {percent(budget)} reviewed",
        "table": [
            {
                "share": percent(share),
                "judge": percent(gain_at(curve, share)),
                "chance": percent(share),
                "perfect": percent(min(1, share / error_rate)),
                "budget": share == budget,
            }
            for share in shares
        ],
        "description": (
            f"With {percent(budget)} of the items reviewed, this run found {percent(found)} of the wrong"
            f" labels; random review finds {percent(budget)}, a perfect judge"
            f" {percent(min(1, budget / error_rate))}."
        ),
    }


def gain_at(curve: Sequence[tuple[float, float]], share: float) -> float:
    """The curve's value at a share reviewed, straight between its points."""
    place = bisect_right([x for x, _ in curve], share)
    if place == 0:
        return curve[0][1]
    if place == len(curve):
        return curve[-1][1]
    (x0, y0), (x1, y1) = curve[place - 1], curve[place]
    return y0 + (y1 - y0) * (share - x0) / (x1 - x0)


def suspicion_picture(bins: Sequence[SuspicionBin]) -> dict[str, Any]:
    """How many items have which error probability, and how many of them were reviewed."""
    top = max((part.items for part in bins), default=0) or 1
    most = max(bins, key=lambda part: part.items)
    return {
        **frame(),
        "ticks": quarters(),
        "levels": [{"y": y_at(level / top), "text": f"{level:,}"} for level in sorted({0, top // 2, top})],
        "bars": [_bar(part, top) for part in bins],
        "table": [
            {
                "range": f"{_short(part.low)} to {_short(part.high)}",
                "total": f"{part.items:,}",
                "reviewed": f"{part.reviewed:,}",
            }
            for part in bins
            if part.items
        ],
        "description": (
            f"Most items, {most.items:,}, have an error probability of {_short(most.low)} to"
            f" {_short(most.high)}; {most.reviewed:,} of these were reviewed."
        ),
    }


def confusion_picture(confusion: Confusion) -> dict[str, Any]:
    """A matrix where the labels are few, else the most frequent disagreements as a list."""
    counts: dict[tuple[str, str], int] = {}
    for row, column, count in confusion.cells:
        counts[row, column] = counts.get((row, column), 0) + count
    labels = list(dict.fromkeys(label for cell in confusion.cells for label in cell[:2]))
    agreed = sum(count for (row, column), count in counts.items() if row == column)
    return {
        "title": confusion.title,
        "rows": confusion.rows,
        "columns": confusion.columns,
        "labels": labels,
        "matrix": _matrix(labels, counts) if len(labels) <= MOST_MATRIX_LABELS else [],
        "listed": _listed(counts) if len(labels) > MOST_MATRIX_LABELS else [],
        "description": f"{agreed:,} of {sum(counts.values()):,} agree.",
    }


def _matrix(labels: Sequence[str], counts: dict[tuple[str, str], int]) -> list[dict[str, Any]]:
    top = max(counts.values(), default=0) or 1
    return [
        {
            "label": row,
            "counts": [
                {
                    "count": f"{counts.get((row, column), 0):,}",
                    "shade": -(-_SHADES * counts.get((row, column), 0) // top),
                    "agree": row == column,
                }
                for column in labels
            ],
        }
        for row in labels
    ]


def _listed(counts: dict[tuple[str, str], int]) -> list[dict[str, str]]:
    wrong = [(count, row, column) for (row, column), count in counts.items() if row != column and count]
    most = sorted(wrong, key=lambda one: (-one[0], one[1], one[2]))[:MOST_LISTED_PAIRS]
    return [{"row": row, "column": column, "count": f"{count:,}"} for count, row, column in most]


def _bar(part: SuspicionBin, top: int) -> dict[str, float]:
    left, right = x_at(part.low) + 1, x_at(part.high) - 1
    items, reviewed = _height(part.items, top), _height(part.reviewed, top)
    base = y_at(0)
    return {
        "x": left,
        "width": round(right - left, 1),
        "items_y": round(base - items, 1),
        "items_height": items,
        "reviewed_y": round(base - reviewed, 1),
        "reviewed_height": reviewed,
    }


def _height(count: int, top: int) -> float:
    """In pixels; a few items among thousands stay visible."""
    return round(max(_LEAST_BAR, (y_at(0) - y_at(1)) * count / top), 1) if count else 0.0


def _short(share: float) -> str:
    return f"{100 * share:.3g}%"
