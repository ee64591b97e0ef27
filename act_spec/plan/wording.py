"""Amounts as terminal and documents say them."""

from __future__ import annotations


def amount(count: int, one: str) -> str:
    """`1 review`, `1,200 reviews`: a number with its noun, which takes an s."""
    return f"{count:,} {one}" if count == 1 else f"{count:,} {one}s"


def duration(seconds: float) -> str:
    """`45 s`, `30 min`, `6 h 18 min`."""
    if seconds < 90:
        return f"{round(seconds)} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02d} min"
