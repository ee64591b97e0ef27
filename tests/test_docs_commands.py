"""Every command and recipe on the pages of docs/ that can be typed is run, in the order in which it stands there."""

from __future__ import annotations

import csv
import json
import re
import shlex
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from textwrap import indent

import documented
import duckdb
import pytest

from act_spec.cli.program import program
from act_spec.recipe.load import PartialRecipeError, load_text

PAGES = ("first-label", "sharing", "editors", "media")
MODELS = ("models", "sharing")
DEMO = (documented.ROOT / "recipes" / "demo.act.yaml").read_text(encoding="utf-8")
# Programs and queries of these pages are run by tests of their own.
RUN_ELSEWHERE = {
    "guideline": {"jinja"},
    "recipes": {"csv", "text"},
    "reviewing": {"python"},
    "training": {"python"},
}
ALL = sorted((documented.ROOT / "docs").glob("*.md"))


def _fill_in(worklist: Path) -> None:
    with worklist.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    with worklist.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows({**row, "label": "delivery"} for row in rows)


@cache
def _typed(page: str) -> str:
    """What a page's commands print on stdout, typed in their order in an empty folder; each must succeed."""
    desk = Path(mkdtemp(prefix="act-spec-desk-"))
    said = ""
    for block in documented.blocks(f"docs/{page}.md"):
        if "." in block.title:
            path = desk / block.title
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")
        elif block.language == "sh":
            if block.title == "filled":
                for worklist in desk.rglob("worklist.csv"):
                    _fill_in(worklist)
            place = desk
            for command in block.text.splitlines():
                if command.startswith("cd "):
                    place = place / command.removeprefix("cd ")
                    continue
                done = documented.shell(command, place, ACT_SPEC_HOME=str(desk / "home"))

                assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
                if "--json" in command:
                    json.loads(done.stdout)
                said += done.stdout
    return said


@pytest.mark.parametrize("page", PAGES)
def test_a_page_can_be_typed_as_it_stands(page: str) -> None:
    assert _typed(page)


def test_the_replays_of_the_page_on_sharing_are_equal() -> None:
    equal = re.findall(r"^(\d+) of (\d+) figures equal\.$", _typed("sharing"), re.MULTILINE)

    assert len(equal) == 3
    assert all(one == other and int(one) > 10 for one, other in equal)


@pytest.mark.parametrize(
    "roles",
    [
        block.text
        for page in MODELS
        for block in documented.blocks(f"docs/{page}.md", "yaml")
        if block.title == "recipe"
    ],
)
def test_the_model_lines_of_the_pages_make_a_good_recipe(roles: str) -> None:
    """Put in the place of the demo's own; nothing is called."""
    rest = re.sub(r"^(annotator|judge):.*\n", "", DEMO, flags=re.MULTILINE)
    if "\nbudget:" in roles:
        rest = re.sub(r"^budget:.*\n", "", rest, flags=re.MULTILINE)

    assert load_text(rest + roles, "demo.act.yaml", documented.ROOT / "recipes").recipe.name == "demo"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(block.text, id=f"{page.stem}-{number}")
        for page in ALL
        for number, block in enumerate(documented.blocks(f"docs/{page.name}", "yaml"))
        if not block.title
    ],
)
def test_a_part_of_a_recipe_has_no_fault(text: str) -> None:
    """A part says nothing of the rest, as a base does; what belongs under another key is put there."""
    for key, section in {"show": "data", "labels": "task"}.items():
        if text.startswith(f"{key}:"):
            text = f"{section}:\n{indent(text, '  ')}"
    with pytest.raises(PartialRecipeError):
        load_text(f"act: 1\npartial: true\n{text}", "part.act.yaml", documented.ROOT / "docs")


@pytest.mark.parametrize("page", [page for page in ALL if page.stem not in PAGES], ids=lambda path: path.stem)
def test_a_command_that_wants_a_run_of_the_readers_own_is_spelt_right(page: Path) -> None:
    """Its name and every option exist."""
    for block in documented.blocks(f"docs/{page.name}", "sh"):
        for line in block.text.splitlines():
            words = shlex.split(line, comments=True)
            if words[:1] == ["act-spec"]:
                name, *rest = words[1:]
                program.commands[name].make_context(name, rest, resilient_parsing=True)
                known = {option for one in program.commands[name].params for option in one.opts}
                assert {word for word in rest if word.startswith("-")} <= known, line


@pytest.mark.parametrize("page", ALL, ids=lambda path: path.stem)
def test_the_queries_of_a_page_can_be_asked(page: Path) -> None:
    _, folder = documented.demo()
    with duckdb.connect(str(folder / "run.duckdb"), read_only=True) as run:
        for block in documented.blocks(f"docs/{page.name}", "sql"):
            assert run.execute(block.text).description


@pytest.mark.parametrize("page", ALL, ids=lambda path: path.stem)
def test_no_block_of_a_page_is_left_out(page: Path) -> None:
    """Every block is run, or checked, here or by a test of its own."""
    checked = {"sh", "yaml", "sql"} | RUN_ELSEWHERE.get(page.stem, set())
    left = [
        f"{block.language} {block.title}"
        for block in documented.blocks(f"docs/{page.name}")
        if block.language not in checked and not (page.stem in PAGES and "." in block.title)
    ]

    assert left == []


def test_every_page_is_in_the_index() -> None:
    index = (documented.ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    pages = sorted(path.name for path in (documented.ROOT / "docs").glob("*.md") if path.name != "README.md")

    assert [name for name in pages if f"]({name})" not in index] == []


@pytest.mark.parametrize("page", ALL, ids=lambda path: path.name)
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]*)(#[^)]*)?\)", page.read_text(encoding="utf-8"))
    for file, anchor in links:
        target = (page.parent / file) if file else page
        assert target.is_file(), f"{page.name}: {file}"
        if anchor:
            headings = re.findall(r"^#+ (.*)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            slugs = {re.sub(r"[^\w -]", "", one).strip().lower().replace(" ", "-") for one in headings}
            assert anchor[1:] in slugs, f"{page.name}: {file}{anchor}"


def test_the_shell_completes_commands(tmp_path: Path) -> None:
    done = documented.shell(
        "act-spec", tmp_path, _ACT_SPEC_COMPLETE="bash_complete", COMP_WORDS="act-spec re", COMP_CWORD="1"
    )

    found = [line.partition(",")[2] for line in done.stdout.splitlines()]
    assert {"replay", "report", "review", "recipes"} <= set(found)
