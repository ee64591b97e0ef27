"""The square that every picture of shares is drawn in, from 0 to 100% both ways, in SVG coordinates."""

from __future__ import annotations

from collections.abc import Sequence

WIDTH, HEIGHT = 640, 320
LEFT, RIGHT, TOP, BOTTOM = 60, 20, 20, 48


def frame(height: float = HEIGHT) -> dict[str, float]:
    """The picture's size and the edges of its square."""
    return {
        "width": WIDTH,
        "height": height,
        "left": LEFT,
        "right": WIDTH - RIGHT,
        "top": TOP,
        "base": height - BOTTOM,
        "middle_x": (LEFT + WIDTH - RIGHT) / 2,
    }


def quarters() -> list[dict[str, float | str]]:
    """Ticks at every quarter, for both axes."""
    return [{"x": x_at(part / 4), "y": y_at(part / 4), "text": f"{25 * part}%"} for part in range(5)]


def x_at(share: float) -> float:
    """From left to right."""
    return round(LEFT + (WIDTH - LEFT - RIGHT) * share, 1)


def y_at(share: float) -> float:
    """From the base upwards."""
    return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share, 1)


def points(line: Sequence[tuple[float, float]]) -> str:
    """A line's shares as the points of a polyline."""
    return " ".join(f"{x_at(x)},{y_at(y)}" for x, y in line)


def thinned(curve: Sequence[tuple[float, float]], most: int = 400) -> list[tuple[float, float]]:
    """At most about that many of the points, with both ends: more than the picture's pixels are no use."""
    step = -(-len(curve) // most)
    return [*curve[:-1:step], curve[-1]]
