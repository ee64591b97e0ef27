"""A run's guideline from round to round: what people settle, and nothing before they have."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import documented
import pytest
from click.testing import CliRunner
from model_server import ModelServer
from reviewed import rows, waiting_run
from walking import plan_of, walk_recipe, write_recipe

from act_spec.cli.program import program
from act_spec.errors import RecipeError
from act_spec.plan.compile import run_folder
from act_spec.run.guiding import write_guideline
from act_spec.run.review import take_in
from act_spec.run.stage import Folder
from act_spec.run.walk import open_run
from act_spec.store.database import Store

TEXTS = [f"the {word} one with number {number}" for number, word in enumerate(["red", "blue"] * 10)]


def guideline(recipe: Path) -> str:
    return (run_folder(plan_of(recipe)) / "guideline.md").read_text(encoding="utf-8")


def written_again(recipe: Path) -> int:
    """What `act-spec guide` does."""
    plan, folder = plan_of(recipe), Folder(run_folder(plan_of(recipe)))
    with Store.open(folder.database) as store:
        return write_guideline(open_run(plan, store), store, folder)


def answer(recipe: Path, label: str = "bad", note: str = "", *, most: int | None = None) -> None:
    """Fill in the worklist from the top, and take it in."""
    plan, folder = plan_of(recipe), Folder(run_folder(plan_of(recipe)))
    with folder.worklist.open(encoding="utf-8-sig", newline="") as file:
        listed = list(csv.DictReader(file))
    open_rows = [row for row in listed if not row["label"]]
    for number, row in enumerate(open_rows[:most]):
        row.update(label=label, note=note and f"{note} {number}", reviewer="ada")
    with folder.worklist.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, listed[0])
        writer.writeheader()
        writer.writerows(listed)
    with Store.open(folder.database) as store:
        take_in(open_run(plan, store), store, folder, folder.worklist)


def raise_budget(recipe: Path, reviews: int) -> None:
    text = recipe.read_text(encoding="utf-8")
    recipe.write_text(re.sub(r"reviews: \d+", f"reviews: {reviews}", text), encoding="utf-8")
    walk_recipe(recipe)


def test_cases_come_from_finished_rounds_and_never_from_the_one_under_way(tmp_path):
    recipe = waiting_run(tmp_path, TEXTS, reviews=4)
    first = guideline(recipe)
    answer(recipe, note="no light", most=3)
    written_again(recipe)

    assert "Settled cases" not in first
    assert guideline(recipe) == first, "three of four answers are in, and the round is under way"

    answer(recipe, note="no light")
    walk_recipe(recipe)
    raise_budget(recipe, 8)
    text = guideline(recipe)

    answered = rows(recipe, "SELECT content->>'$.text' FROM items JOIN reviews USING (item_id)")
    due = rows(
        recipe,
        "SELECT content->>'$.text' FROM items JOIN allocations USING (item_id) WHERE round = 2 AND selected",
    )
    shown = [one for (one,) in answered if f"“{one}” → **bad**, not good. Why: no light" in text]
    assert len(due) == 4
    assert len(shown) == 2, "more of one mistake would tell what to expect"
    assert not any(one in text for (one,) in due)


def test_the_version_rises_with_the_text_alone_and_says_why(tmp_path):
    recipe = waiting_run(tmp_path, TEXTS, reviews=4)

    assert [written_again(recipe) for _ in range(3)] == [1, 1, 1]
    text = recipe.read_text(encoding="utf-8").replace("bad: It is not.", "bad: It is poor.")
    recipe.write_text(text, encoding="utf-8")

    assert written_again(recipe) == 2
    assert "**New:** one change since version 1" in guideline(recipe)
    assert "**bad**, use when: “It is not.” is now “It is poor.”." in guideline(recipe)
    assert rows(recipe, "SELECT version, text LIKE '%It is poor%' FROM guidelines") == [(1, False), (2, True)]


def test_what_was_read_is_kept_word_for_word(tmp_path):
    recipe = waiting_run(tmp_path, TEXTS, reviews=4)
    answer(recipe)
    walk_recipe(recipe)

    [(kept,)] = rows(recipe, "SELECT text FROM guidelines WHERE version = 2")
    assert kept == guideline(recipe)
    assert rows(recipe, "SELECT DISTINCT guideline_version FROM reviews") == [("1",)]


def test_an_item_whose_partner_is_under_review_is_no_case(tmp_path):
    """Two items of a group answer one another: the right claim and the wrong one of a question."""
    recipe = waiting_run(tmp_path, TEXTS, reviews=4)
    recipe.write_text(
        recipe.read_text(encoding="utf-8").replace("id: id,", "id: id, group: text,"), encoding="utf-8"
    )
    walk_recipe(recipe)
    answer(recipe)
    walk_recipe(recipe)
    raise_budget(recipe, 8)
    plan = plan_of(recipe)
    with Store.open(run_folder(plan) / "run.duckdb") as store:
        [(mine,)] = store.rows("SELECT item_id FROM reviews ORDER BY item_id LIMIT 1")
        [(due,)] = store.rows(
            "SELECT item_id FROM allocations WHERE selected AND round = 2 ORDER BY item_id LIMIT 1"
        )
        [(text,)] = store.rows("SELECT content->>'$.text' FROM items WHERE item_id = ?", [mine])
        before = guideline(recipe)
        store.run("UPDATE history.items SET group_id = 'one' WHERE item_id IN (?, ?)", [mine, due])
        write_guideline(plan, store, Folder(run_folder(plan)))

    assert text in before
    assert text not in guideline(recipe)


def test_simulated_reviewers_settle_nothing(tmp_path):
    recipe = waiting_run(tmp_path, TEXTS, reviews=4)
    data = (tmp_path / "data.csv").read_text().splitlines()
    (tmp_path / "data.csv").write_text("\n".join([data[0] + ",gold", *(f"{line},bad" for line in data[1:])]))
    text = recipe.read_text().replace("show: [text]", "show: [text], gold: gold")
    recipe.write_text(text.replace("{reviewers: [ada]}", "{simulate: gold}"))
    walk_recipe(recipe)

    assert written_again(recipe) >= 1
    assert "Settled cases" not in guideline(recipe)
    assert not any(one in guideline(recipe) for one in TEXTS)


def test_a_note_that_names_a_reviewer_stays_inside(tmp_path):
    recipe = waiting_run(tmp_path, TEXTS, reviews=4, review="{reviewers: [ada]}")
    answer(recipe, note="as Ada said")
    walk_recipe(recipe)

    assert "→ **bad**, not good\n" in guideline(recipe)
    assert "Ada" not in guideline(recipe)


def test_a_teams_own_templates_and_language_come_first(tmp_path):
    recipe = waiting_run(tmp_path, TEXTS, reviews=4)
    (tmp_path / "house").mkdir()
    (tmp_path / "house" / "guideline.v2.md.j2").write_text(
        '{% extends "act_spec/guideline.v2.md" %}{% block chosen %}Ours.{% endblock %}', encoding="utf-8"
    )
    recipe.write_text(
        recipe.read_text(encoding="utf-8") + "guideline: {language: de, templates: house}\n", encoding="utf-8"
    )

    assert written_again(recipe) == 2
    text = guideline(recipe)
    assert "Ours." in text
    assert "## Die Etiketten" in text
    assert "ausgewählt" not in text


def test_the_block_that_the_page_shows_takes_the_place_of_ours(tmp_path):
    recipe = waiting_run(tmp_path, TEXTS, reviews=4)
    (tmp_path / "house").mkdir()
    [block] = documented.blocks("docs/guideline.md", "jinja")
    (tmp_path / "house" / "guideline.v2.md.j2").write_text(block.text, encoding="utf-8")
    said = "guideline: {contact: Ada, templates: house}\n"
    recipe.write_text(recipe.read_text(encoding="utf-8") + said, encoding="utf-8")

    assert written_again(recipe) == 2
    assert "Leave your answers in the tray of room 12, Ada." in guideline(recipe)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("templates: gone", "guideline.templates: there is no folder 'gone' beside the recipe."),
        ("templates: ../", "guideline.templates: '../' is outside the recipe's folder."),
        ("templates: house", "broken.md.j2:2:1: template: "),
        ("template: guidline.v2", "guideline.template: no template is named 'guidline.v2'. Did you mean"),
        ("template: guideline.v9", "guideline.template: no template is named 'guideline.v9'."),
    ],
)
def test_a_template_that_cannot_be_used_is_named_before_anything_runs(tmp_path, said, words):
    recipe = waiting_run(tmp_path, TEXTS, reviews=4)
    (tmp_path / "house").mkdir()
    (tmp_path / "house" / "broken.md.j2").write_text("\n{% if %}")
    recipe.write_text(recipe.read_text() + f"guideline: {{{said}}}\n")

    with pytest.raises(Exception, match=re.escape(words)):
        plan_of(recipe)


def test_a_template_that_asks_for_what_is_not_there_costs_no_call(tmp_path):
    with ModelServer() as server:
        recipe = write_recipe(tmp_path, server.url, 4)
        (tmp_path / "house").mkdir()
        (tmp_path / "house" / "guideline.v2.md.j2").write_text("{{ labels | length }}\n{{ colour }}\n")
        recipe.write_text(recipe.read_text() + "guideline: {templates: house}\n")
        with pytest.raises(RecipeError, match=r"guideline\.v2\.md\.j2:2:1: template: 'colour' is undefined"):
            walk_recipe(recipe)
        checked = CliRunner().invoke(program, ["check", str(recipe)])
        assert server.attempts.total() == 0

    assert checked.exit_code == 2
    assert "guideline.v2.md.j2:2:1: template: 'colour' is undefined" in checked.stderr


def test_a_template_that_leads_out_of_its_folder_is_refused(tmp_path):
    recipe = waiting_run(tmp_path, TEXTS, reviews=4)
    (tmp_path / "house").mkdir()
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "house" / "guideline.v2.md.j2").symlink_to(tmp_path / "secret.txt")
    recipe.write_text(recipe.read_text() + "guideline: {templates: house}\n")

    with pytest.raises(Exception, match="leads out of the folder"):
        plan_of(recipe)


def test_an_answer_has_the_version_that_its_worklist_was_handed_out_with(tmp_path):
    """A file that comes back after the guideline has changed was filled in by the earlier one."""
    recipe = waiting_run(tmp_path, TEXTS, reviews=4)
    folder = Folder(run_folder(plan_of(recipe)))
    kept = folder.worklist.read_bytes()
    text = recipe.read_text(encoding="utf-8").replace("bad: It is not.", "bad: It is poor.")
    recipe.write_text(text, encoding="utf-8")
    walk_recipe(recipe)
    folder.worklist.write_bytes(kept)

    answer(recipe)

    assert rows(recipe, "SELECT DISTINCT guideline_version FROM reviews") == [("1",)]
    assert rows(recipe, "SELECT max(version) FROM guidelines") == [(2,)]
