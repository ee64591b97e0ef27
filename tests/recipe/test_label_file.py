from __future__ import annotations

import pytest

from act_spec.errors import RecipeError
from act_spec.recipe.load import load_text
from act_spec.records import LabelDefinition

LABELS = "{price: What it costs., battery: How long a charge lasts.}"


@pytest.fixture
def with_file(good, tmp_path):
    def load(data):
        (tmp_path / "topics.csv").write_bytes(data.encode() if isinstance(data, str) else data)
        return load_text(good.replace(LABELS, "topics.csv"), str(tmp_path / "r.act.yaml"), tmp_path)

    return load


@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_labels_come_from_a_file(with_file, sign):
    rows = [["name", "definition", "not_when"], ["price", "What it costs.", ""], ["1", "", "Never."]]

    loaded = with_file("\ufeff" + "\r\n".join(sign.join(row) for row in rows) + "\r\n")

    assert loaded.recipe.task.definitions == (
        LabelDefinition("price", definition="What it costs."),
        LabelDefinition("1", not_when="Never."),
    )


def test_a_text_in_quotes_may_hold_commas_and_lines(with_file):
    loaded = with_file('name,definition\nprice,"What it costs,\nor is worth."\nbattery,x\n')

    assert loaded.recipe.task.definitions[0].definition == "What it costs,\nor is worth."
    assert loaded.places.at(("task", "labels", "battery")).line == 4


@pytest.mark.parametrize(
    ("data", "place", "words"),
    [
        ("name,definition\na,x\nb\n", "topics.csv:3:1", ["1 cells", "header 2"]),
        ("name,definition\na,x, y\nb,\n", "topics.csv:2:1", ["3 cells", "quotes"]),
        ("name\na\nb\na\n", "topics.csv:4:1", ["'a' stands twice", "line 2"]),
        ("name\na\nA\n", "topics.csv:3:1", ["'a' and 'A'"]),
        ("name,defintion\na,x\nb,y\n", "topics.csv:1:1", ["mean 'definition'"]),
        ("definition\nx\n", "topics.csv:1:1", ["column 'name' is missing"]),
        ('name,definition\na,"x\nb,y\n', "topics.csv:2:1", ["not CSV"]),
        ("", "topics.csv:1:1", ["empty"]),
        (b"name\ncaf\xe9\nb\n", "topics.csv:2:4", ["0xE9"]),
        ("name,costly\na,lost\nb,\n", "topics.csv:2:1", ["'lost' is not a choice"]),
        ("name,definition\n,x\nb,y\nc,\n", "topics.csv:2:1", ["cannot be empty"]),
    ],
)
def test_a_fault_of_the_file_is_named_there(with_file, data, place, words):
    with pytest.raises(RecipeError) as caught:
        with_file(data)

    assert len(caught.value.problems) == 1
    assert place in str(caught.value)
    for word in words:
        assert word in str(caught.value)


def test_a_missing_file_is_named_where_the_recipe_names_it(good, faults):
    found = faults(good.replace(LABELS, "topics.csv"))

    assert [(problem.line, problem.column, problem.path) for problem in found] == [(7, 11, "task.labels")]
    assert "topics.csv" in found[0].message
