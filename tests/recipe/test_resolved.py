from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from act_spec.recipe.identity import recipe_identity
from act_spec.recipe.load import is_base, load_recipe, load_text
from act_spec.recipe.resolved import resolved_json, resolved_text

RECIPES = Path(__file__).parents[2] / "recipes"
WHOLE = [path for path in sorted(RECIPES.glob("*.act.yaml")) if not is_base(path)]


@pytest.mark.parametrize("path", WHOLE, ids=lambda path: path.name)
def test_it_is_the_same_recipe_in_one_file(path):
    loaded = load_recipe(path)
    again = load_text(resolved_text(loaded.tree), "again.act.yaml", path.parent)

    assert recipe_identity(again.recipe) == recipe_identity(loaded.recipe)


def test_every_value_stands_where_it_is_said_to_stand():
    """The named line of the named file has the value's text, quotes apart."""
    for value in resolved_json(load_recipe(RECIPES / "support-energy.act.yaml").tree):
        line = Path(value["file"]).read_text("utf-8").splitlines()[value["line"] - 1]

        assert line[value["column"] - 1 :].lstrip("'\"").startswith(value["value"])


def test_values_of_both_files_and_of_the_command_line_are_named():
    text = resolved_text(load_recipe(RECIPES / "support-energy.act.yaml", {"share": "50%"}).tree)
    origins = {origin.replace(f"{RECIPES}/", "") for origin in re.findall(r"  # (\S.*)$", text, re.MULTILINE)}

    assert {origin.partition(":")[0] for origin in origins} == {
        "support-base.act.yaml",
        "support-energy.act.yaml",
        "--set share=50%",
    }
    assert "complaint" not in text


@pytest.mark.parametrize(
    "odd", ["$price", "no", "a: b", "- x", "# y", " z ", "1", "%", "{", "line\nline", "'", '"']
)
def test_odd_texts_come_back(good, tmp_path, odd):
    written = json.dumps(odd.replace("$", "$$"))
    loaded = load_text(good.replace("What it costs.", written), "r.act.yaml", tmp_path)
    task: Any = loaded.recipe.task

    assert task.labels["price"].definition == odd
    assert load_text(resolved_text(loaded.tree), "r.act.yaml", tmp_path).recipe == loaded.recipe
