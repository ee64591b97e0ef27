"""People see a pair blind, in its drawn order, and what they answer is recorded in the data's own terms."""

from __future__ import annotations

import csv
from pathlib import Path

from click.testing import CliRunner
from walking import plan_of, walk_recipe

from act_spec.cli.program import program
from act_spec.exchange.answer_form import PageAnswer
from act_spec.plan.compile import run_folder
from act_spec.review_app.desk import Desk
from act_spec.run.walk import open_run
from act_spec.store.database import Store

_RECIPE = """\
act: 1
name: pairs
task: {kind: pairwise, question: Which is better?, between: [mine, yours]}
data: {source: d.csv, id: id, show: [mine, yours]}
annotator: {column: machine}
budget: {reviews: 100%, rule: uniform}
review: {reviewers: [ann]}
"""
PAIRS = {f"p{number}": (f"mine {number}", f"yours {number}") for number in range(12)}


def walked(tmp_path: Path) -> tuple[Path, list[dict[str, str]]]:
    lines = [f"{name},{mine},{yours},mine" for name, (mine, yours) in PAIRS.items()]
    (tmp_path / "d.csv").write_text("\n".join(["id,mine,yours,machine", *lines]), encoding="utf-8")
    recipe = tmp_path / "r.act.yaml"
    recipe.write_text(_RECIPE, encoding="utf-8")
    walk_recipe(recipe)
    folder = run_folder(plan_of(recipe))
    with (folder / "worklist.csv").open(encoding="utf-8-sig", newline="") as file:
        return folder, list(csv.DictReader(file))


def test_a_worklist_names_neither_side_and_takes_the_letters(tmp_path):
    folder, rows = walked(tmp_path)
    assert {"A", "B"} < set(rows[0])
    assert {"mine", "yours"}.isdisjoint(rows[0])
    assert 0 < sum(row["A"].startswith("mine") for row in rows) < len(rows)
    for row in rows:
        row["label"] = "a" if row["A"].startswith("mine") else "B"
    with (folder / "back.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)

    done = CliRunner().invoke(program, ["import", str(folder), str(folder / "back.csv")])

    assert done.exit_code == 0, done.output
    with Store.open(folder / "run.duckdb", read_only=True) as store:
        assert store.rows("SELECT DISTINCT label, outcome FROM reviews") == [("mine", "keep")]


def test_the_page_shows_the_letters_and_records_the_field(tmp_path):
    folder, _ = walked(tmp_path)
    with Store.open(folder / "run.duckdb") as store:
        desk = Desk(open_run(plan_of(tmp_path / "r.act.yaml"), store), store, ["ann"])
        for number, _ in desk.queue("ann"):
            fields = {field["name"]: field["text"] for field in desk.item("ann", number)["fields"]}
            assert list(fields) == ["A", "B"]
            said = desk.answer(
                "ann", number, PageAnswer(answer="A" if fields["A"].startswith("yours") else "B"), 0
            )
            assert said["answer"]["answer"] == ("A" if fields["A"].startswith("yours") else "B")
            assert said["machine"]["label"] == ("A" if fields["A"].startswith("mine") else "B")
        assert store.rows("SELECT DISTINCT label, outcome FROM reviews") == [("yours", "change")]
