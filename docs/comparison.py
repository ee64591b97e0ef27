"""The tables and the picture of comparison.md, from the figures that tests/benchmarks/comparison.py has measured."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent
PICTURE = _HERE / "comparison.svg"
_SHARES = ("5%", "10%", "20%", "30%")
# Method to colour and dashes: hues for families, dashes within them, told apart without colour as well.
_LINES = {
    "ACT, threshold": ("#1f5fa8", ""),
    "ACT, exponential": ("#1f5fa8", "7 3"),
    "ACT, normalized": ("#1f5fa8", "2 3"),
    "ACT, sqrt": ("#1f5fa8", "9 3 2 3"),
    "CoAnnotating, entropy": ("#c2560c", ""),
    "CoAnnotating, confidence": ("#c2560c", "7 3"),
    "LLMaAA's acquisition": ("#1d7a4c", ""),
    "random": ("#666666", "4 4"),
}
_FONT = 'font-family="system-ui, sans-serif" font-size="12" fill="#222222"'
_WIDTH, _HEIGHT = 760, 664
_PANEL_WIDTH, _PANEL_HEIGHT = 300, 230
_LEFT, _TOP, _COLUMN, _ROW = 58, 36, 374, 290


def tables() -> str:
    """A table for each set: the accuracy by method and share of human labels."""
    return "\n".join(_table(one) for one in _figures()["sets"])


def measured() -> str:
    """When, and what the figures are."""
    return f"Measured on {_figures()['measured']}: the mean over the seeds of the draw with its 95% interval (Student's t), in percent."


def picture() -> str:
    """The curves of all sets as one SVG file; the same figures give the same bytes."""
    sets = _figures()["sets"]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" {_FONT}>',
            "<title>Accuracy of delivered labels by share of human labels</title>",
            f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>',
            *(line for place, one in enumerate(sets) for line in _panel(one, place)),
            *_legend(),
            "</svg>\n",
        ]
    )


def _figures() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((_HERE / "comparison.json").read_text(encoding="utf-8"))
    return found


def _table(one: dict[str, Any]) -> str:
    head = f"### {one['name']}\n\n{one['items']:,} items, {100 * one['machine_accuracy']:.1f}% right without people; {one['seeds']} seeds.\n"
    rows = [f"| method | {' | '.join(_SHARES)} |", f"| --- |{' --- |' * len(_SHARES)}"]
    for method, by_share in one["methods"].items():
        cells = (_percent(by_share[share]) for share in _SHARES)
        rows.append(f"| {method} | {' | '.join(cells)} |")
    return "\n".join([head, *rows, ""])


def _percent(figures: Sequence[float]) -> str:
    mean, *ends = (f"{100 * one:.1f}" for one in figures)
    return f"{mean} [{', '.join(ends)}]" if ends else mean


def _panel(one: dict[str, Any], place: int) -> Iterator[str]:
    left, top = _LEFT + place % 2 * _COLUMN, _TOP + place // 2 * _ROW
    floor = int(one["machine_accuracy"] * 20) / 20

    def x(share: float) -> str:
        return f"{left + _PANEL_WIDTH * share / 0.3:.1f}"

    def y(accuracy: float) -> str:
        return f"{top + _PANEL_HEIGHT * (1 - accuracy) / (1 - floor):.1f}"

    yield f'<text x="{left}" y="{top - 12}" font-weight="bold">{escape(one["name"])}</text>'
    for percent in range(round(100 * floor), 101, 5):
        at = y(percent / 100)
        yield (
            f'<path d="M{left} {at}H{left + _PANEL_WIDTH}" stroke="#dddddd"/>'
            f'<text x="{left - 6}" y="{float(at) + 4:.1f}" text-anchor="end">{percent}</text>'
        )
    for share in ("0%", *_SHARES):
        at = x(_number(share))
        yield f'<text x="{at}" y="{top + _PANEL_HEIGHT + 16}" text-anchor="middle">{share}</text>'
    for method, (colour, dashes) in _LINES.items():
        if method in one["methods"]:
            by_share = one["methods"][method]
            line = [(0.0, one["machine_accuracy"]), *((_number(name), by_share[name][0]) for name in _SHARES)]
            points = " ".join(f"{x(share)},{y(accuracy)}" for share, accuracy in line)
            yield f'<polyline points="{points}" {_stroke(colour, dashes)}/>'
            for name in _SHARES:
                if len(by_share[name]) == 3:
                    _, low, high = by_share[name]
                    yield f'<path d="M{x(_number(name))} {y(low)}V{y(high)}" stroke="{colour}" stroke-width="4" opacity="0.35"/>'


def _legend() -> Iterator[str]:
    top = _TOP + 2 * _ROW
    yield f'<text x="{_WIDTH / 2}" y="{top - 14}" text-anchor="middle">share of human labels (to the right) and share of right labels (upwards), in percent; bars: 95% intervals</text>'
    for place, (method, (colour, dashes)) in enumerate(_LINES.items()):
        left, at = 8 + place % 4 * 190, top + 14 + place // 4 * 24
        yield (
            f'<path d="M{left} {at - 4}h26" {_stroke(colour, dashes)}/>'
            f'<text x="{left + 31}" y="{at}">{escape(method, quote=False)}</text>'
        )


def _stroke(colour: str, dashes: str) -> str:
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return f'fill="none" stroke="{colour}" stroke-width="2"{dashed}'


def _number(share: str) -> float:
    return float(share.rstrip("%")) / 100


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")
