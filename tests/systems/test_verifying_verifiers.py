"""Verifying the Verifiers (arXiv:2506.13342): an audit of labels that exist, and the two sets that come out of it."""

from __future__ import annotations

import csv
import random
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner
from scripted import prompts_for, said
from walking import plan_of, walk_recipe

from act_spec.cli.program import program
from act_spec.errors import RecipeError
from act_spec.plan.compile import run_folder
from act_spec.records import Annotation, Item, Labelled
from act_spec.store.database import Store
from act_spec.strategies.judges.verifiers import verifiers
from act_spec.tasks.verification import Verification

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


_PLANTED = """\
act: 1
name: audit
task:
  kind: verification
  question: Does the evidence support the claim?
  claim: claim
  evidence: evidence
  collapse: {{supported: S, contradicted: NS, not_stated: NS}}
data: {{source: claims.csv, id: item_id, show: [claim, evidence]}}
annotator: {{column: given}}
judge: {{strategy: {{name: recorded, as: error_probability, error_probability: doubt}}}}
budget: {{reviews: {flagged}, rule: threshold, audit: 0%}}
review: {{reviewers: [ann]}}
silence: [no-audit]
"""
VERIFIERS, JUDGES = 4, 3
TASK = Verification.model_validate(
    {
        "question": "?",
        "claim": "claim",
        "evidence": "evidence",
        "collapse": {"supported": "S", "contradicted": "NS", "not_stated": "NS"},
    }
)


def judged(number: int, given: str, draw: random.Random) -> tuple[float, bool, bool]:
    """The doubt that the panels have in a label; whether any verifier contradicts it, and any judge flags that."""
    members = [f"m/{at}" for at in range(VERIFIERS + JUDGES)]
    item = Item(str(number), {"claim": f"claim {number}", "evidence": "e"})
    steps = verifiers(item, Annotation(given), TASK, prompts_for(TASK), members, judges=JUDGES)
    next(steps)
    answers = [
        draw.choice(["supported", "not_stated"]) if draw.random() < 0.4 else None for _ in range(VERIFIERS)
    ]
    kept = "supported" if given == "S" else "contradicted"
    replies = [said({"reasoning": "r", "label": answer or kept}) for answer in answers]
    contradicted = any(TASK.parse(answer or kept) != given for answer in answers)
    flagged = False
    try:
        requests = steps.send(replies)
        wrong = [draw.choice([0.1, 0.9]) for _ in requests]
        flagged = 0.1 in wrong
        steps.send(
            [
                said({"reasoning": "r", "error_probability": one, "suggested_label": "supported"})
                for one in wrong
            ]
        )
    except StopIteration as done:
        return done.value.error_probability, contradicted, flagged
    raise AssertionError


def test_every_planted_flip_that_is_contradicted_and_flagged_is_queued(tmp_path):
    """200 labels, a quarter turned round; whom all verifiers confirm never reaches people."""
    draw = random.Random(4)
    panels = {number: judged(number, "S" if number % 2 else "NS", draw) for number in range(200)}
    flipped = {number for number in panels if number % 4 < 1}
    flagged = {number for number, (_, contradicted, flag) in panels.items() if contradicted and flag}
    rows = [
        f"i{number},claim {number},e,{'S' if number % 2 else 'NS'},{doubt}"
        for number, (doubt, _, _) in panels.items()
    ]
    (tmp_path / "claims.csv").write_text(
        "\n".join(["item_id,claim,evidence,given,doubt", *rows]), encoding="utf-8"
    )
    recipe = tmp_path / "audit.act.yaml"
    recipe.write_text(_PLANTED.format(flagged=len(flagged)), encoding="utf-8")
    walk_recipe(recipe)
    folder = run_folder(plan_of(recipe))

    with Store.open(folder / "run.duckdb", read_only=True) as store:
        queued = {int(item[1:]) for (item,) in store.rows("SELECT item_id FROM labels WHERE selected")}
    assert flipped & flagged <= queued
    assert not queued & {number for number, (_, contradicted, _) in panels.items() if not contradicted}
    assert queued == flagged

    with (folder / "worklist.csv").open(encoding="utf-8-sig", newline="") as file:
        worklist = list(csv.DictReader(file))
    for row in worklist:
        number = int(row["item_id"][1:])
        given = "supported" if number % 2 else "contradicted"
        other = "contradicted" if number % 2 else "supported"
        if number % 5 == 0:
            row["outcome"] = "ambiguous"
        else:
            row["label"] = other if number in flipped else given
    hand_in(folder, worklist)
    clear, gray = taken_out(folder, "clear"), taken_out(folder, "ambiguous")
    turned = {item for item, label in clear.items() if label != ("S" if int(item[1:]) % 2 else "NS")}
    assert turned == {f"i{number}" for number in queued & flipped if number % 5}
    assert len(turned) + len(set(clear) - turned) + len(gray) == 200
    assert not set(clear) & set(gray)


def test_an_audit_can_change_who_ranks_first():
    """One system agrees with four wrong labels; once they are flipped the other leads. Ambiguous items are left out."""
    task = TASK.model_copy(update={"systems": ("old", "new")})
    right = [("S", "S"), ("NS", "NS")] * 10
    wrong = [("S", "NS")] * 4
    rows = [
        *(
            Labelled(f"r{n}", given, final, None, columns={"old": given, "new": final})
            for n, (given, final) in enumerate(right)
        ),
        *(
            Labelled(f"w{n}", given, final, None, columns={"old": given, "new": final}, outcome="change")
            for n, (given, final) in enumerate(wrong)
        ),
        Labelled("g", "S", "S", None, columns={"old": "S", "new": "nonsense"}, outcome="ambiguous"),
    ]

    found = {one.name: one.value for one in task.figures(rows)}

    assert [found[f"rank_{when}:{name}"] for when in ("before", "after") for name in ("old", "new")] == [
        1,
        2,
        2,
        1,
    ]
    assert (found["scored_before:old"], found["scored_after:new"]) == (1, 1)
    assert found["scored_before:new"] < 1
    assert (found["ambiguous_called:old:S"], found["ambiguous_called:new:S"]) == (1, 0)
    assert found["scored_unreadable:new"] == 1


def test_a_system_whose_column_is_missing_is_named_with_its_key(tmp_path):
    (tmp_path / "claims.csv").write_text("item_id,claim,evidence,given,doubt\ni,c,e,S,0.1", encoding="utf-8")
    text = _PLANTED.format(flagged=1).replace(
        "  evidence: evidence", "  evidence: evidence\n  systems: [gpt]"
    )
    (tmp_path / "audit.act.yaml").write_text(text, encoding="utf-8")

    with pytest.raises(RecipeError, match=r"8:12: task\.systems: claims\.csv has no column 'gpt'"):
        plan_of(tmp_path / "audit.act.yaml")


def test_answers_outside_the_three_are_no_label():
    with pytest.raises(ValueError, match="not one of the labels"):
        TASK.parse("perhaps")


def test_grayfacts_come_from_four_sets(recorded_data):
    file = recorded_data / "grayfacts" / "items.parquet"
    counts = dict(duckdb.sql(f"SELECT topic, count(*) FROM '{file}' GROUP BY ALL").fetchall())

    assert sorted(counts.values(), reverse=True) == [112, 27, 19, 1]
