"""Every recipe of the gallery is without a fault, and runs."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import documented
import pytest

from act_spec.recipe.advice import advise
from act_spec.recipe.load import bases_of, is_base, load_recipe

FILES = sorted((documented.ROOT / "recipes").glob("*.act.yaml"))
GALLERY = [path for path in FILES if not is_base(path)]
BASES = [path for path in FILES if is_base(path)]


def test_there_is_a_gallery() -> None:
    assert "demo.act.yaml" in [path.name for path in GALLERY]


@pytest.mark.parametrize("base", BASES, ids=lambda path: path.name)
def test_a_base_has_two_recipes_that_extend_it(base: Path) -> None:
    used = [extended for path in GALLERY for extended in bases_of(path)]

    assert used.count(base) >= 2


@pytest.mark.parametrize("path", GALLERY, ids=lambda path: path.name)
def test_it_is_good_and_needs_no_advice(path: Path) -> None:
    loaded = load_recipe(path)

    assert [str(advice) for advice in advise(loaded)] == []
    assert path.name == f"{loaded.recipe.name}.act.yaml"
    assert path.read_text(encoding="utf-8").startswith("# ")


@pytest.mark.parametrize("path", GALLERY, ids=lambda path: path.name)
def test_it_runs_to_its_end(path: Path, tmp_path: Path) -> None:
    """On a part of its data, which is enough to pass through every stage."""
    name = path.name.removesuffix(".act.yaml")
    text = re.sub(r"^  id: ", "  sample: 20\n  id: ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    (tmp_path / path.name).write_text(text, encoding="utf-8")
    shutil.copytree(path.parent / name, tmp_path / name)
    for base in bases_of(path):
        shutil.copy(base, tmp_path)

    done = documented.act_spec(["run", path.name], tmp_path)

    assert "That was a whole run: 20 items" in done.stdout
