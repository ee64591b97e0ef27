"""docs/recipes.md: its files are saved, its commands run in their order, and what it shows is compared."""

from __future__ import annotations

import re
from pathlib import Path

import documented
import duckdb
import pytest
from ruamel.yaml import YAML

from act_spec.cli.program import program
from act_spec.recipe.json_schema import recipe_json_schema
from act_spec.recipe.load import load_text

PAGE = "docs/recipes.md"


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """The folder after every command, and what each printed."""
    folder = tmp_path_factory.mktemp("page")
    for block in documented.blocks(PAGE):
        if block.title.endswith((".csv", ".act.yaml")):
            (folder / block.title).write_text(block.text, encoding="utf-8")
    said: dict[str, str] = {}
    for block in documented.blocks(PAGE, "sh"):
        for command in block.text.splitlines():
            done = documented.shell(command, folder)
            assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
            # `plan` stands there twice, before and after the edit; the later one is shown.
            said[command] = done.stdout
    return folder, said


def test_the_plan_beside_the_run_is_as_shown(printed: tuple[Path, dict[str, str]]) -> None:
    _, said = printed
    [block] = [block for block in documented.blocks(PAGE, "text") if block.title == "plan"]

    assert said["act-spec plan shop.act.yaml"].endswith(block.text)


def test_what_is_resolved_names_both_files(printed: tuple[Path, dict[str, str]]) -> None:
    _, said = printed
    resolved = said["act-spec check --resolved shop.act.yaml"]

    assert set(re.findall(r"# (\w+)\.act\.yaml:\d+$", resolved, re.MULTILINE)) == {
        "team",
        "shop",
    }


def test_the_query_of_the_matrix_has_a_row_a_setting(printed: tuple[Path, dict[str, str]]) -> None:
    folder, _ = printed
    [query] = documented.blocks(PAGE, "sql")

    with duckdb.connect(str(folder / "runs" / "compared" / "run.duckdb"), read_only=True) as connection:
        assert len(connection.execute(query.text).fetchall()) == 4


def test_the_renamed_label_is_a_label(printed: tuple[Path, dict[str, str]]) -> None:
    folder, _ = printed
    [part] = [block.text for block in documented.blocks(PAGE, "yaml") if not block.title]
    text = f"act: 1\nname: renamed\nextends: ./shop.act.yaml\n{part.rstrip()}\n    delivery: null\n"

    assert "shipping" in str(load_text(text, "renamed.act.yaml", folder).recipe.task)


def test_what_teams_copy_runs_commands_that_there_are() -> None:
    files = {block.title: YAML(typ="safe").load(block.text) for block in documented.blocks(PAGE, "yaml")}
    steps = files[".github/workflows/recipes.yml"]["jobs"]["test"]["steps"]
    commands = [step["run"].split()[1] for step in steps if step.get("run", "").startswith("act-spec")]
    hooks = YAML(typ="safe").load((documented.ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))

    assert commands == ["check", "test"]
    assert set(commands) <= set(program.commands)
    assert [hook["id"] for hook in files[".pre-commit-config.yaml"]["repos"][0]["hooks"]] == [
        hook["id"] for hook in hooks
    ]


def test_its_recipes_meet_the_schema() -> None:
    from jsonschema import Draft202012Validator

    validator = Draft202012Validator(recipe_json_schema())
    for block in documented.blocks(PAGE, "yaml"):
        if block.title.endswith(".act.yaml"):
            found = validator.iter_errors(YAML(typ="safe", pure=True).load(block.text))

            assert [error.message for error in found] == [], block.title
