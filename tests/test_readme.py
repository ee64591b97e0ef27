"""Every command of README.md is run, in a temporary folder and in the order in which it stands there."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import documented
import pytest

from act_spec import __version__
from act_spec.cli.program import program
from act_spec.recipe.load import load_text

README = (documented.ROOT / "README.md").read_text(encoding="utf-8")
DEMO = (documented.ROOT / "recipes" / "demo.act.yaml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files that the README tells the reader to save."""
    folder = tmp_path_factory.mktemp("desk")
    for block in documented.blocks("README.md", "csv"):
        (folder / block.title).write_text(block.text, encoding="utf-8")
    return folder


def _fill_in(worklist: Path) -> None:
    with worklist.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    with worklist.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows({**row, "label": "billing"} for row in rows)


def test_its_commands_work_in_their_order(desk: Path) -> None:
    """From `init` to `schema`; the reader's part between two commands is filling in the worklist."""
    commands = [
        line
        for block in documented.blocks("README.md", "sh")
        if not block.title
        for line in block.text.split("\n")
        if line
    ]
    folder = desk
    for command in commands:
        if command.startswith("cd "):
            folder = folder / command.removeprefix("cd ")
            continue
        if command.startswith("act-spec import"):
            _fill_in(folder / command.split()[-1])
        done = documented.shell(command, folder)

        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"

    with (folder / "labels.csv").open(encoding="utf-8", newline="") as file:
        sources = [row["source"] for row in csv.DictReader(file)]
    assert len(sources) == 10
    assert "human" in sources


def test_it_shows_what_make_demo_prints() -> None:
    """Word for word, but for the seconds and the plan's hash. If it fails, paste what `make demo` prints."""
    [block] = [block for block in documented.blocks("README.md", "text") if block.title == "demo"]
    printed, _ = documented.demo()

    assert _timeless(block.text) == _timeless(printed)


def _timeless(text: str) -> list[str]:
    text = re.sub(r"items, \d+ (s|min),", "items, … s,", re.sub(r"plan [0-9a-f]{8}", "plan …", text))
    return [line.rstrip() for line in text.splitlines()]


@pytest.mark.parametrize("roles", [block.text for block in documented.blocks("README.md", "yaml")])
def test_its_model_lines_make_a_good_recipe(roles: str) -> None:
    """Put in the place of the demo's model lines; nothing is called."""
    rest = re.sub(r"^(annotator|judge):.*\n", "", DEMO, flags=re.MULTILINE)
    loaded = load_text(rest + roles, "demo.act.yaml", documented.ROOT / "recipes")

    assert loaded.recipe.annotator.model not in (None, "local/tiny")


def test_its_make_targets_exist() -> None:
    """`make demo` itself is run by .ci/run, since it sets up an environment."""
    [block] = [block for block in documented.blocks("README.md", "sh") if block.title == "make"]
    wanted = re.findall(r"make (\w+)", README)

    makefile = (documented.ROOT / "Makefile").read_text(encoding="utf-8")
    assert "make demo" in block.text
    assert [target for target in wanted if not re.search(rf"^{target}:", makefile, re.MULTILINE)] == []


def test_its_queries_answer() -> None:
    import duckdb

    _, folder = documented.demo()
    queries = [line for block in documented.blocks("README.md", "sql") for line in block.text.splitlines()]

    with duckdb.connect(str(folder / "run.duckdb"), read_only=True) as connection:
        assert all(connection.execute(query).fetchall() for query in queries)


WHILE_IT_RUNS = {"progress.json", "run.duckdb.journal-0", "run.duckdb.journal-1"}


def test_the_run_folder_holds_the_files_that_it_names() -> None:
    _, folder = documented.demo()
    table = README.partition("| file | holds |")[2].partition("\n\n")[0]
    named = set(re.findall(r"`([\w.-]+)`", table)) - WHILE_IT_RUNS

    assert {path.name for path in folder.iterdir()} == named


def test_what_is_said_to_be_missing_is_missing() -> None:
    """Commands that it names are no commands yet."""
    section = README.partition("## What is not there yet")[2]
    commands = set(re.findall(r"`act-spec (\w+)`", section))

    assert section
    assert commands.isdisjoint(program.commands)


def test_the_citation_names_this_version() -> None:
    said = (documented.ROOT / "CITATION.cff").read_text(encoding="utf-8")

    assert f"\nversion: {__version__}\n" in said


def test_its_links_lead_somewhere() -> None:
    for document in ["README.md", *(f"docs/{path.name}" for path in (documented.ROOT / "docs").glob("*.md"))]:
        text = (documented.ROOT / document).read_text(encoding="utf-8")
        folder = (documented.ROOT / document).parent
        targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", text)

        assert [target for target in targets if not (folder / target).exists()] == []
