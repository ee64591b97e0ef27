"""docs/rounds.md: its recipe runs as it stands there, and the batches are as its table says."""

from __future__ import annotations

import re
import shutil
from fractions import Fraction
from pathlib import Path

import documented

from act_spec.strategies.schedules import decaying, quadratic

PAGE = "docs/rounds.md"


def test_its_recipe_runs_for_three_rounds(tmp_path: Path) -> None:
    [recipe] = [block for block in documented.blocks(PAGE) if block.title == "rounds.act.yaml"]
    # A part of the data passes through every stage as well.
    (tmp_path / recipe.title).write_text(recipe.text.replace("{source:", "{sample: 120, source:"), "utf-8")
    shutil.copy(documented.ROOT / "recipes" / "demo" / "messages.csv", tmp_path)

    planned = documented.act_spec(["plan", recipe.title], tmp_path).stdout
    done = documented.act_spec(["run", recipe.title], tmp_path).stdout

    assert "3 rounds, 84 labels" in planned
    assert re.findall(r"round (\d) of 3", done) == ["1", "2", "3"]
    assert "36 of 120 items: no round chose them" in done


def test_batches_are_as_the_table_says() -> None:
    page = (documented.ROOT / PAGE).read_text(encoding="utf-8")

    assert quadratic(500, 10) == tuple(range(5, 100, 10))
    first = ", ".join(map(str, decaying(500, 10, Fraction(7, 10))[:3]))
    assert f"`{{decay: 70%}}` | {first}," in page
