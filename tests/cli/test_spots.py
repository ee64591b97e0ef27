"""`act-spec spots`: blind spots are shown, examples decided on, and people can teach in the place of a model."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from walking import plan_of, walk_recipe

from act_spec.cli.program import program
from act_spec.errors import RecipeError, ReviewError
from act_spec.plan.compile import run_folder
from act_spec.run.walk import open_run
from act_spec.starter.begin import begin
from act_spec.store.database import Store
from act_spec.train.dataset import read_dataset


def walked(folder: Path, change: tuple[str, str] = ("", "")) -> tuple[Path, Path]:
    """The recipe of the gallery, changed, and its run."""
    recipe = begin(folder / "seen", gallery="systems/blind-spots").recipe
    text = recipe.read_text(encoding="utf-8")
    assert change[0] in text
    recipe.write_text(text.replace(*change), encoding="utf-8")
    walk_recipe(recipe)
    return recipe, run_folder(plan_of(recipe))


def spots(run: Path, *words: str):
    return CliRunner().invoke(program, ["spots", str(run), *words])


def learnt(recipe: Path, run: Path) -> int:
    """How many examples training takes."""
    with Store.open(run / "run.duckdb") as store:
        return len(read_dataset(open_run(plan_of(recipe), store), store).taught)


TEACHER = "  teacher: local/tiny                  # states the pattern, derives others, writes examples; or leave it to people\n"


def test_examples_train_once_a_named_person_has_accepted_them(tmp_path):
    recipe, run = walked(tmp_path, ("train_on: all", "train_on: accepted"))
    shown = json.loads(spots(run, "--json").stdout.splitlines()[0])["spots"]
    first, second = (one["number"] for one in shown[0]["examples"][:2])
    assert learnt(recipe, run) == 0

    unsigned = spots(run, "--accept", str(first))
    assert unsigned.exit_code == 2
    assert "--by NAME" in unsigned.output
    assert spots(run, "--accept", str(first), "--decline", str(second), "--by", "ada").exit_code == 0

    assert learnt(recipe, run) == 1
    with Store.open(run / "run.duckdb", read_only=True) as store:
        decided = store.rows(
            "SELECT number, decision, decided_by FROM synthetic WHERE decision IS NOT NULL ORDER BY number"
        )
    assert decided == [(first, "accepted", "ada"), (second, "declined", "ada")]
    assert spots(run, "--accept-all", "--by", "ada").exit_code == 0
    total = sum(len(one["examples"]) for one in shown)
    assert learnt(recipe, run) == total - 1


def test_an_example_that_is_not_there_is_named(tmp_path):
    _, run = walked(tmp_path)

    assert isinstance(spots(run, "--accept", "99", "--by", "ada").exception, ReviewError)
    both = spots(run, "--accept", "1", "--decline", "1", "--by", "ada").exception
    assert "accepted and declined at once" in str(both)


def test_a_person_can_teach_in_a_spreadsheet(tmp_path):
    """Patterns and examples of a person count at once, in training and in the guideline."""
    recipe, run = walked(tmp_path, (TEACHER, ""))
    sheet = tmp_path / "teach.csv"
    shown = spots(run, "-o", str(sheet))
    assert shown.exit_code == 0
    assert "where negative is right" in shown.output

    with sheet.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {"error", "example"} == {row["what"] for row in rows}
    empty = [row for row in rows if row["what"] == "example" and row["spot"] == "1"]
    empty[0] |= {"pattern": "Praise of what is no merit is irony.", "text": "Great, it also hums all night."}
    empty[1] |= {"text": "Wonderful, the handle comes off so well."}
    empty[2] |= {"pattern": "Thanks for nothing are irony.", "text": "Thanks a lot for the empty box."}
    empty[3] |= {"label": "mixed", "text": "So so."}
    with sheet.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    taken = spots(run, "--take", str(sheet), "--by", "ada")

    assert taken.exit_code == 1
    assert "'mixed' is not one of the labels" in taken.output
    assert "3 new examples" in taken.output
    assert learnt(recipe, run) == 3
    guideline = (run / "guideline.md").read_text(encoding="utf-8")
    assert "## Blind spots" in guideline
    assert "**negative**, not positive: Praise of what is no merit is irony." in guideline
    again = spots(run, "--take", str(sheet), "--by", "ada")
    assert "0 new examples" in again.output
    assert CliRunner().invoke(program, ["guide", str(run)]).exit_code == 0
    assert (run / "guideline.md").read_text(encoding="utf-8") == guideline


def test_a_models_pattern_is_proposed_and_named_once_it_is_accepted(tmp_path):
    _, run = walked(tmp_path)
    assert "## Blind spots" not in (run / "guideline.md").read_text(encoding="utf-8")

    assert CliRunner().invoke(program, ["guide", str(run), "--accept", "1", "--by", "ada"]).exit_code == 0

    assert "## Blind spots" in (run / "guideline.md").read_text(encoding="utf-8")


def test_walking_again_teaches_nothing_twice(tmp_path):
    recipe, run = walked(tmp_path)

    def counts():
        with Store.open(run / "run.duckdb", read_only=True) as store:
            return store.one(
                "SELECT (SELECT count(*) FROM blind_spots), (SELECT count(*) FROM synthetic), (SELECT count(*) FROM calls)"
            )

    before = counts()
    walk_recipe(recipe)

    assert counts() == before
    assert before[0] >= 1


def test_blind_spots_want_texts_and_single_labels(tmp_path):
    recipe = begin(tmp_path / "tags", gallery="systems/tagllm").recipe
    recipe.write_text(recipe.read_text(encoding="utf-8") + "blind_spots: {}\n", encoding="utf-8")

    with pytest.raises(RecipeError, match="blind_spots: blind spots are told for answers that are one label"):
        plan_of(recipe)


def test_a_replay_takes_blind_spots_and_examples_over(tmp_path):
    """Everything is equal, without the teacher being asked again."""
    _, run = walked(tmp_path)
    done = CliRunner().invoke(program, ["replay", str(run)])

    assert done.exit_code == 0, done.output
    assert "not blind_spots" not in done.output
    assert "6 of 6 equal, byte for byte" in done.output
