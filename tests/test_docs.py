"""What docs/ says of the run folder and of the demo is compared with the demo's own run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from runpy import run_path

import documented
import duckdb
import pytest

TABLES = (documented.ROOT / "docs" / "tables.md").read_text(encoding="utf-8")
DESCRIBED = (
    "items",
    "calls",
    "votes",
    "annotations",
    "judgments",
    "allocations",
    "pilots",
    "reviews",
    "adjudicated",
    "soft_labels",
    "labels",
    "metrics",
    "matrix",
    "selections",
    "trials",
)


@pytest.fixture(scope="module")
def run() -> Iterator[duckdb.DuckDBPyConnection]:
    _, folder = documented.demo()
    with duckdb.connect(str(folder / "run.duckdb"), read_only=True) as connection:
        yield connection


@pytest.mark.parametrize("table", DESCRIBED)
def test_every_column_is_described(run: duckdb.DuckDBPyConnection, table: str) -> None:
    section = TABLES.partition(f"\n## {table}\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`.*?) \|", section, re.MULTILINE)
    described = re.findall(r"`(\w+)`", " ".join(rows))

    columns = [row[0] for row in run.execute(f"DESCRIBE {table}").fetchall()]
    assert sorted(described) == sorted(columns)


@pytest.mark.parametrize("query", [block.text for block in documented.blocks("docs/tables.md", "sql")])
def test_its_queries_answer(run: duckdb.DuckDBPyConnection, query: str) -> None:
    assert run.execute(query).fetchall()


def test_every_figure_with_a_meaning_is_one_of_the_run(run: duckdb.DuckDBPyConnection) -> None:
    estimates = (documented.ROOT / "docs" / "estimates.md").read_text(encoding="utf-8")
    found = run.execute("SELECT name FROM metrics").fetchall()
    names = {re.sub(":.*", ":LABEL", row[0]) for row in found}
    explained = {name for name in names if f"`{name}`" in estimates}

    assert names - explained == {"reviewed_share", "calls", "cost_usd", "failed_annotations"}


def test_the_demos_row_is_what_the_demo_gives() -> None:
    """The row of docs/choosing.md with the demo's own rule and audit."""
    printed, _ = documented.demo()
    choosing = (documented.ROOT / "docs" / "choosing.md").read_text(encoding="utf-8")
    [row] = [line for line in choosing.splitlines() if line.startswith("| `sqrt`, 20% |")]
    found, after, estimated, foretold = (cell.strip() for cell in row.split("|")[2:6])

    assert f"the judge put {found} of 89" in printed
    assert f"reviews {after} " in printed
    assert f"estimated      {estimated} " in printed
    assert f"{foretold} points" in printed


def test_every_rule_is_explained() -> None:
    from act_spec.registry import names

    choosing = (documented.ROOT / "docs" / "choosing.md").read_text(encoding="utf-8")

    assert [rule for rule in names("allocator") if f"- `{rule}`" not in choosing] == []


def test_the_picture_of_the_comparison_is_drawn_from_its_figures() -> None:
    """The same figures give the same bytes; `make docs` writes them."""
    drawn = run_path(str(documented.ROOT / "docs" / "comparison.py"))["picture"]()

    assert drawn == (documented.ROOT / "docs" / "comparison.svg").read_text(encoding="utf-8")
