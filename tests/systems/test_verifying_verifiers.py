"""Verifying the Verifiers (arXiv:2506.13342): an audit of labels that exist, and the two sets that come out of it."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb
from click.testing import CliRunner
from walking import plan_of, walk_recipe

from act_spec.cli.program import program
from act_spec.plan.compile import run_folder
from act_spec.store.database import Store

_AUDIT = """\
act: 1
name: audit
task:
  kind: verification
  question: Does the evidence support the claim?
  claim: claim
  evidence: evidence
  collapse: {{supported: S, contradicted: NS, not_stated: NS}}
  sources: {sources}
data: {{source: {source}, id: item_id, show: [claim, evidence]}}
annotator: {{column: original_label}}
budget: {{reviews: 100%, rule: uniform}}
review: {{reviewers: [ann]}}
"""


def audited(tmp_path: Path, source: str, sources: str) -> tuple[Path, list[dict[str, str]]]:
    """The run's folder and its worklist, before anybody answered."""
    recipe = tmp_path / "audit.act.yaml"
    recipe.write_text(_AUDIT.format(source=source, sources=sources), encoding="utf-8")
    walk_recipe(recipe)
    folder = run_folder(plan_of(recipe))
    with (folder / "worklist.csv").open(encoding="utf-8-sig", newline="") as file:
        return folder, list(csv.DictReader(file))


def hand_in(folder: Path, rows: list[dict[str, str]]) -> None:
    file = folder / "answers.csv"
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    done = CliRunner().invoke(program, ["import", str(folder), str(file)])
    assert done.exit_code == 0, done.output
    assert CliRunner().invoke(program, ["run", str(folder.parents[1] / "audit.act.yaml")]).exit_code == 0


def taken_out(folder: Path, chosen: str) -> dict[str, str]:
    """Item to label in one of the two sets."""
    output = folder / f"{chosen}.csv"
    done = CliRunner().invoke(program, ["labels", str(folder), "-o", str(output), "--set", chosen])
    assert done.exit_code == 0, done.output
    return dict(duckdb.sql(f"SELECT item_id, label FROM read_csv('{output}', all_varchar = true)").fetchall())


def values(folder: Path) -> dict[str, float]:
    with Store.open(folder / "run.duckdb", read_only=True) as store:
        return dict(store.rows("SELECT name, value FROM metrics"))


def test_the_two_sets_partition_the_items(tmp_path):
    with (tmp_path / "claims.csv").open("w", encoding="utf-8") as file:
        file.write("item_id,topic,claim,evidence,original_label\n")
        file.writelines(
            f"i{n},{'ab'[n % 2]},claim {n},evidence,{'S' if n < 4 else 'NS'}\n" for n in range(10)
        )
    folder, rows = audited(tmp_path, "claims.csv", "topic")
    for row in rows:
        number = int(row["item_id"][1:])
        if number < 2:
            row["outcome"] = "ambiguous"
        else:
            row["label"] = "supported" if number < 5 else "not_stated"
    hand_in(folder, rows)

    clear, ambiguous = taken_out(folder, "clear"), taken_out(folder, "ambiguous")
    assert set(ambiguous) == {"i0", "i1"}
    assert clear == {f"i{n}": "S" if n < 5 else "NS" for n in range(2, 10)}
    found = values(folder)
    assert (found["audited:keep"], found["audited:flip"], found["audited:ambiguous"]) == (7, 1, 2)
    assert found["audited:flip:a"] == 1


def test_grayfacts_are_taken_apart(tmp_path, recorded_data):
    """159 claims, 139 not supported and 20 supported; the outputs partition them."""
    folder, rows = audited(tmp_path, str(recorded_data / "grayfacts" / "items.parquet"), "topic")
    assert len(rows) == 159
    for row in rows:
        row["outcome"] = "ambiguous"
    hand_in(folder, rows[:100])

    ambiguous, clear = taken_out(folder, "ambiguous"), taken_out(folder, "clear")
    assert (len(ambiguous), len(clear)) == (100, 59)
    assert not set(ambiguous) & set(clear)
    both = [*ambiguous.values(), *clear.values()]
    assert (both.count("NS"), both.count("S")) == (139, 20)


def test_weighted_rows_are_of_all_items(tmp_path):
    done = CliRunner().invoke(
        program, ["labels", str(tmp_path), "-o", "x.csv", "--set", "clear", "--weighted-rows"]
    )

    assert done.exit_code == 2
    assert "--set" in done.output
