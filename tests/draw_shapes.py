"""Draws the pictures of recipes/shapes.act.yaml: forty shapes, every other one hard to tell."""

from __future__ import annotations

import csv
import math
import random
from pathlib import Path

from PIL import Image, ImageDraw

FOLDER = Path(__file__).parents[1] / "recipes" / "shapes"
SIDE = 64
SHAPES = ("circle", "square", "triangle")
COLOURS = ("red", "green", "blue", "orange", "purple", "black")
Point = tuple[float, float]


def corners(shape: str, middle: Point, radius: float, turned: float) -> list[Point]:
    """The outline of a shape as a polygon; `turned` in degrees."""
    count, first = {"circle": (48, 0.0), "square": (4, 45.0), "triangle": (3, -90.0)}[shape]
    angles = [math.radians(first + turned + 360 * at / count) for at in range(count)]
    return [(middle[0] + radius * math.cos(one), middle[1] + radius * math.sin(one)) for one in angles]


def drawn(shape: str, colour: str, dice: random.Random, *, hard: bool) -> Image.Image:
    """One picture. A hard one is turned, an outline alone, cut off at the edge, or among specks."""
    image = Image.new("RGB", (SIDE, SIDE), "white")
    pen = ImageDraw.Draw(image)
    how = dice.choice(["turned", "outline", "cut", "specks"]) if hard else "plain"
    radius = {"specks": 12, "cut": 30}.get(how, dice.randint(18, 26))
    middle = (54.0, 50.0) if how == "cut" else (32.0 + dice.randint(-4, 4), 33.0 + dice.randint(-3, 3))
    points = corners(shape, middle, radius, dice.choice([25, 45]) if how == "turned" else 0)
    if how == "outline":
        pen.polygon(points, outline=colour, width=3)
    else:
        pen.polygon(points, fill=colour)
    for _ in range(30 if how == "specks" else 0):
        x, y = dice.randrange(SIDE - 2), dice.randrange(SIDE - 2)
        pen.rectangle((x, y, x + 1, y + 1), fill=colour)
    return image.quantize(8)


def draw(folder: Path) -> None:
    """Write the pictures with their list, and an example of each shape."""
    dice = random.Random(5)
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for number in range(40):
        shape, colour = dice.choice(SHAPES), dice.choice(COLOURS)
        name = f"{number + 1:02d}.png"
        drawn(shape, colour, dice, hard=number % 2 == 1).save(folder / name, optimize=True)
        rows.append([f"S{number + 1:02d}", name, shape])
    with (folder / "shapes.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([["picture_id", "file", "shape"], *rows])
    for shape in SHAPES:
        drawn(shape, "grey", random.Random(1), hard=False).save(
            folder / f"example-{shape}.png", optimize=True
        )


if __name__ == "__main__":
    draw(FOLDER)
