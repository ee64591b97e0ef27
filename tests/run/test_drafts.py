"""People who edit texts see the machine's; everybody else answers without it."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from click.testing import CliRunner
from walking import plan_of, walk_recipe

from act_spec.cli.program import program
from act_spec.plan.compile import run_folder
from act_spec.store.database import Store

_RECIPE = """\
act: 1
name: drafts
task: {{kind: text, question: What is it about?, draft: {draft}}}
data: {{source: d.csv, id: id, show: [note]}}
annotator: {{column: own}}
budget: {{reviews: 100%, rule: uniform}}
review: {{reviewers: [ann]}}
"""


def walked(tmp_path: Path, draft: str) -> tuple[Path, list[dict[str, str]]]:
    (tmp_path / "d.csv").write_text(
        "id,note,own\na,first note,it is so\nb,second note,it is red\n", encoding="utf-8"
    )
    recipe = tmp_path / "r.act.yaml"
    recipe.write_text(_RECIPE.format(draft=draft), encoding="utf-8")
    walk_recipe(recipe)
    folder = run_folder(plan_of(recipe))
    with (folder / "worklist.csv").open(encoding="utf-8-sig", newline="") as file:
        return folder, list(csv.DictReader(file))


def test_an_edited_draft_is_a_change_and_its_distance_is_recorded(tmp_path):
    folder, rows = walked(tmp_path, "true")
    assert {row["draft to edit"] for row in rows} == {"it is so", "it is red"}
    assert all(row["label"] == "" for row in rows)
    for row in rows:
        row["label"] = row["draft to edit"].replace("red", "blue")
    with (folder / "back.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)

    assert CliRunner().invoke(program, ["import", str(folder), str(folder / "back.csv")]).exit_code == 0
    assert CliRunner().invoke(program, ["run", str(tmp_path / "r.act.yaml")]).exit_code == 0
    with Store.open(folder / "run.duckdb", read_only=True) as store:
        outcomes = dict(store.rows("SELECT item_id, outcome FROM reviews"))
        found = dict(store.rows("SELECT name, value FROM metrics WHERE name LIKE 'edit%'"))
    assert outcomes == {"a": "keep", "b": "change"}
    assert found == {"edited_share": 0.5, "edit_distance": pytest.approx(1 / 6)}


def test_without_drafts_people_write_their_own(tmp_path):
    _, rows = walked(tmp_path, "false")

    assert "draft to edit" not in rows[0]
    assert "it is so" not in str(rows)
