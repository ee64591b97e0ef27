"""The main path with people: label, stop, import answers, go on; and what an edit of the recipe redoes."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import duckdb
import pytest
from model_server import ModelServer
from walking import database, plan_of, walk_recipe, write_recipe

from act_spec.documents.summary import StatusFacts
from act_spec.plan.compile import run_folder
from act_spec.run.outcome import status_facts, take_in_files
from act_spec.store.database import Store
from act_spec.store.export import write_labels

_WITH_PEOPLE = """\
act: 1
name: walked
task: {{kind: classification, question: {question}, labels: [good, bad]}}
data: {{source: data.csv, id: id, show: [text], gold: gold}}
annotator: {{strategy: {{name: recorded, label: machine, confidence: sure}}}}
judge: {{strategy: {{name: recorded, as: own_confidence, confidence: sure}}}}
budget: {{reviews: {reviews}, rule: sqrt, audit: 20%}}
review: {{reviewers: [ada]}}
seed: 3
"""
ITEMS = 50


def with_people(folder: Path, reviews: int = 10, question: str = "Good?") -> Path:
    """A recipe whose machine labels are recorded, so that only people are waited for."""
    recipe = folder / "walked.act.yaml"
    recipe.write_text(_WITH_PEOPLE.format(reviews=reviews, question=question), encoding="utf-8")
    with (folder / "data.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "text", "gold", "machine", "sure"])
        for number in range(ITEMS):
            gold = "bad" if number % 3 == 0 else "good"
            machine = gold if number % 7 else {"bad": "good", "good": "bad"}[gold]
            writer.writerow([f"i{number}", f"text {number}", gold, machine, 0.5 + number % 5 / 10])
    return recipe


def worklist(recipe: Path) -> Path:
    return recipe.parent / "runs" / "walked" / "worklist.csv"


def fill(file: Path, rows: slice, label: str = "good") -> None:
    """Write the label into these rows, as a person would."""
    with file.open(encoding="utf-8-sig", newline="") as opened:
        found = list(csv.DictReader(opened))
    for row in found[rows]:
        row["label"] = label
    with file.open("w", encoding="utf-8-sig", newline="") as opened:
        writer = csv.DictWriter(opened, list(found[0]))
        writer.writeheader()
        writer.writerows(found)


def take_in(recipe: Path) -> int:
    plan = plan_of(recipe)
    return take_in_files(plan, run_folder(plan), [worklist(recipe)]).taken


def status(recipe: Path) -> StatusFacts:
    return status_facts(recipe.parent / "runs" / "walked")


def rows(recipe: Path, sql: str) -> list[tuple[object, ...]]:
    with Store.open(database(recipe), read_only=True) as store:
        return store.rows(sql)


def test_a_run_waits_for_people_takes_their_answers_and_completes(tmp_path):
    recipe = with_people(tmp_path)
    assert walk_recipe(recipe).waiting == 10

    fill(worklist(recipe), slice(5))
    assert (take_in(recipe), take_in(recipe)) == (5, 0)
    assert (status(recipe).reviewed, status(recipe).waiting) == (5, 5)
    assert walk_recipe(recipe).waiting == 5

    fill(worklist(recipe), slice(5, 10))
    assert take_in(recipe) == 5
    assert walk_recipe(recipe).waiting == 0

    assert rows(recipe, "SELECT count(*) FROM labels WHERE source = 'human' AND label = 'good'") == [(10,)]
    assert rows(recipe, "SELECT count(*) FROM reviews") == [(10,)]
    assert rows(recipe, "SELECT DISTINCT reviewer, channel FROM reviews") == [("ada", "csv")]
    assert (recipe.parent / "runs" / "walked" / "report.html").is_file()


@pytest.mark.parametrize("ending", ["parquet", "csv", "jsonl"])
def test_labels_are_exported_with_one_row_an_item(tmp_path, ending):
    recipe = with_people(tmp_path)
    walk_recipe(recipe)
    output = tmp_path / f"labels.{ending}"
    with Store.open(database(recipe), read_only=True) as store:
        assert write_labels(store, output) == {"machine": ITEMS}

    if ending == "jsonl":
        assert len(output.read_text().splitlines()) == ITEMS
    else:
        read = {"parquet": duckdb.read_parquet, "csv": duckdb.read_csv}[ending]
        assert len(set(read(str(output)).project("item_id").fetchall())) == ITEMS


def test_answers_that_were_not_imported_survive_another_run(tmp_path):
    """`run` instead of `import` is an easy slip; a filled-in worklist is hours of someone's work."""
    recipe = with_people(tmp_path)
    walk_recipe(recipe)
    fill(worklist(recipe), slice(5))
    walk_recipe(recipe)

    assert take_in(recipe) == 5


def test_answers_that_were_not_imported_survive_a_larger_budget(tmp_path):
    """The new worklist takes the old one's name; the old one stays beside it."""
    recipe = with_people(tmp_path)
    walk_recipe(recipe)
    fill(worklist(recipe), slice(5))
    recipe = with_people(tmp_path, reviews=20)
    walk_recipe(recipe)

    plan = plan_of(recipe)
    kept = worklist(recipe).with_name("worklist.1.csv")
    assert take_in_files(plan, run_folder(plan), [kept]).taken == 5
    assert status(recipe).waiting == 15


def test_a_worklist_of_a_former_draw_gives_way_to_that_of_the_current_one(tmp_path):
    """What nobody has touched is written anew; what somebody has filled in stays beside the new one."""
    recipe = with_people(tmp_path)
    walk_recipe(recipe)
    reseeded(recipe, 4)
    walk_recipe(recipe)
    assert listed(recipe) == drawn(recipe)
    assert not worklist(recipe).with_name("worklist.1.csv").exists()

    fill(worklist(recipe), slice(5))
    reseeded(recipe, 5)
    walk_recipe(recipe)
    assert listed(recipe) == drawn(recipe)
    assert worklist(recipe).with_name("worklist.1.csv").read_text(encoding="utf-8-sig").count(",good,") == 5


def reseeded(recipe: Path, seed: int) -> None:
    """Other items are drawn the next time."""
    text = recipe.read_text(encoding="utf-8")
    recipe.write_text(re.sub(r"seed: \d+\n", "", text) + f"seed: {seed}\n", encoding="utf-8")


def drawn(recipe: Path) -> set[str]:
    return {str(row[0]) for row in rows(recipe, "SELECT item_id FROM allocations WHERE selected")}


def listed(recipe: Path) -> set[str]:
    with worklist(recipe).open(encoding="utf-8-sig", newline="") as opened:
        return {row["item_id"] for row in csv.DictReader(opened)}


def test_a_worklist_with_a_bad_row_is_left_for_its_writer_to_mend(tmp_path):
    recipe = with_people(tmp_path)
    walk_recipe(recipe)
    fill(worklist(recipe), slice(5), "goood")
    assert take_in(recipe) == 0

    assert worklist(recipe).read_text(encoding="utf-8-sig").count("goood") == 5


def test_a_larger_budget_adds_a_round_and_draws_nothing_again(tmp_path):
    recipe = with_people(tmp_path)
    walk_recipe(recipe)
    first = rows(recipe, "FROM allocations WHERE round = 1 ORDER BY item_id")
    recipe = with_people(tmp_path, reviews=25)
    walk_recipe(recipe)

    assert rows(recipe, "FROM allocations WHERE round = 1 ORDER BY item_id") == first
    drawn = "SELECT round, count(*), count(DISTINCT item_id) FROM allocations WHERE selected GROUP BY round"
    assert rows(recipe, f"{drawn} ORDER BY round") == [(1, 10, 10), (2, 15, 15)]
    assert rows(recipe, "SELECT count(DISTINCT item_id) FROM allocations WHERE selected") == [(25,)]


def test_each_round_draws_its_number_with_probabilities_that_sum_to_it(tmp_path):
    """Over the items that the round can still draw; none below the smallest probability."""
    recipe = with_people(tmp_path)
    walk_recipe(recipe)
    recipe = with_people(tmp_path, reviews=25)
    walk_recipe(recipe)

    found = rows(
        recipe,
        "SELECT round, count(*), round(sum(inclusion_probability), 9), min(inclusion_probability) > 0.005 "
        "FROM allocations GROUP BY round ORDER BY round",
    )
    assert found == [(1, ITEMS, 10.0, True), (2, ITEMS - 10, 15.0, True)]


def test_a_changed_question_asks_people_anew(tmp_path):
    recipe = with_people(tmp_path)
    walk_recipe(recipe)
    fill(worklist(recipe), slice(10))
    take_in(recipe)
    assert walk_recipe(recipe).waiting == 0

    recipe = with_people(tmp_path, question="Is it any good?")
    assert walk_recipe(recipe).waiting == 10


def test_another_judge_keeps_what_people_said_of_items_that_it_draws_again(tmp_path):
    recipe = with_people(tmp_path, reviews=30)
    walk_recipe(recipe)
    fill(worklist(recipe), slice(30))
    take_in(recipe)
    drawn = set(rows(recipe, "SELECT item_id FROM allocations WHERE selected"))

    text = recipe.read_text().replace("as: own_confidence", "as: error_probability")
    recipe.write_text(
        text.replace("error_probability, confidence: sure", "error_probability, error_probability: sure")
    )
    report = walk_recipe(recipe)

    again = set(rows(recipe, "SELECT item_id FROM allocations WHERE selected"))
    assert report.waiting == len(again - drawn)
    assert 0 < report.waiting < 30


def test_a_changed_definition_asks_models_again_and_keeps_reviews(tmp_path):
    with ModelServer() as server:
        recipe = write_recipe(tmp_path, server.url, 10, reviews=4)
        walk_recipe(recipe)
        called, reviewed = server.billed.total(), rows(recipe, "FROM reviews ORDER BY item_id")
        recipe = write_recipe(tmp_path, server.url, reviews=4, definition="It could not be better.")
        walk_recipe(recipe)

    assert server.billed.total() == 2 * called
    assert set(reviewed) <= set(rows(recipe, "FROM reviews"))


def test_a_limited_run_labels_the_walks_first_items_and_the_rest_is_paid_later(tmp_path):
    with ModelServer() as server:
        recipe = write_recipe(tmp_path, server.url, 12)
        walk_recipe(recipe, limit=5)
        assert server.billed.total() == 2 * 5
        assert rows(recipe, "SELECT count(*) FROM allocations") == [(0,)]
        walk_recipe(recipe)

    assert server.billed.total() == 2 * 12
    assert set(server.billed.values()) == {1}
