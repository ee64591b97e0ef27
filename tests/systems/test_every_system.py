"""Each recipe for a system beside ACT is without a fault, needs no advice, and walks to its end."""

from __future__ import annotations

import re
from pathlib import Path

import documented
import pytest
from click.testing import CliRunner

from act_spec.cli.program import program
from act_spec.recipe.advice import advise
from act_spec.recipe.load import load_recipe
from act_spec.starter.begin import begin
from act_spec.starter.gallery import known_recipes

FOLDER = documented.ROOT / "recipes" / "systems"
PATHS = sorted(FOLDER.glob("*.act.yaml"))
NAMES = [path.name.removesuffix(".act.yaml") for path in PATHS]
README = (FOLDER / "README.md").read_text(encoding="utf-8")


def test_they_can_be_started_from() -> None:
    assert {f"systems/{name}" for name in NAMES} <= {one.name for one in known_recipes()}


def test_the_table_has_each_of_them_with_a_paper_and_a_check_that_is_there() -> None:
    rows = {
        row[1].strip(" `"): row[2:-1]
        for line in README.splitlines()
        if line.startswith("| `") and (row := line.split("|"))
    }

    assert set(NAMES) == set(rows)
    for paper, *_, check in rows.values():
        assert re.search(r"https://arxiv\.org/abs/\d{4}\.\d{5}", paper)
        assert (documented.ROOT / check.strip(" `")).is_file()


@pytest.mark.parametrize("path", PATHS, ids=NAMES)
def test_it_is_good_needs_no_advice_and_names_its_paper(path: Path) -> None:
    loaded = load_recipe(path)

    assert [str(advice) for advice in advise(loaded)] == []
    first = path.read_text(encoding="utf-8").partition("\n")[0]
    [paper] = re.findall(r"arXiv:(\d{4}\.\d{5})", first)
    assert f"`{loaded.recipe.name}` |" in README
    assert paper in README


@pytest.mark.parametrize("name", NAMES)
def test_it_walks_to_its_end(name: str, tmp_path: Path) -> None:
    recipe = begin(tmp_path / name, gallery=f"systems/{name}").recipe

    done = CliRunner().invoke(program, ["run", str(recipe), "--yes"])

    assert done.exit_code == 0, done.output
    assert "Reviewers were simulated" in done.output
    assert "$0.00" in done.output
