import csv

import pytest
from walking import walk_recipe

from act_spec.errors import RecipeError

RECIPE = """\
act: 1
name: recorded-rows
task: {kind: classification, question: Is it good?, labels: {good: It is., bad: It is not.}}
data: {source: data.csv, id: id, show: [text], gold: gold}
annotator: {strategy: {name: recorded, source: machine.csv, label: label, confidence: sure}}
judge: {strategy: {name: recorded, as: own_confidence}}
budget: {reviews: 2}
review: {simulate: gold}
"""


def write(folder, name, *rows):
    with (folder / name).open("w", newline="") as file:
        csv.writer(file).writerows(rows)


@pytest.fixture
def recipe(tmp_path):
    write(tmp_path, "data.csv", ("id", "text", "gold"), *((f"i{n}", f"text {n}", "good") for n in range(5)))
    path = tmp_path / "recorded-rows.act.yaml"
    path.write_text(RECIPE)
    return path


def test_an_item_with_several_rows_is_an_error_that_names_it(recipe):
    """Which of them counted would be chance."""
    rows = [(f"i{n}", "good", "0.5") for n in range(5)]
    write(recipe.parent, "machine.csv", ("id", "label", "sure"), *rows, ("i3", "bad", "0.9"))

    with pytest.raises(RecipeError, match=r"annotator.strategy: item 'i3' has 2 rows in machine.csv"):
        walk_recipe(recipe)


def test_an_item_without_a_row_failed_and_rows_of_no_item_are_passed_over(recipe):
    write(recipe.parent, "machine.csv", ("id", "label", "sure"), ("i0", "good", "0.5"), ("i9", "bad", "0.9"))

    report = walk_recipe(recipe)

    assert report.stages[0].failed == {"invalid": 4}
