"""Every shown field as what it is, side by side."""

import json
from types import SimpleNamespace

import pytest

from act_spec.train.readers.fields import FieldsReader
from act_spec.train.rows import DenseRows, SparseRows

TEXT = SimpleNamespace(type="text")
ITEMS = [
    {"note": f"red apple number {n}", "weight": n, "colour": ("red", "green")[n % 2], "code": f"c{n}"}
    for n in range(20)
]
SHOW = dict.fromkeys(("note", "weight", "colour"), TEXT)


def test_text_numbers_and_categories_stand_side_by_side():
    reader = FieldsReader.learn(SHOW, ITEMS, {})
    rows = reader.rows(ITEMS)

    assert isinstance(rows, SparseRows)
    assert rows.width == len(reader.columns[0].vocabulary.buckets) + 2 + 2
    assert reader.told() == "note as words; weight as number; colour as one of 2"
    assert rows.matrix.toarray()[3, -2:].tolist() == [1, 0]


def test_a_table_without_text_is_dense():
    reader = FieldsReader.learn(SHOW, ITEMS, {"note": "none"})

    assert isinstance(reader.rows(ITEMS), DenseRows)
    assert reader.rows(ITEMS).width == 4
    assert reader.rows([]).width == 4


def test_the_recipe_can_say_how_a_field_is_read():
    reader = FieldsReader.learn(SHOW, ITEMS, {"weight": "category", "colour": "text", "note": "none"})

    assert reader.told() == "weight as one of 20; colour as words"


@pytest.mark.parametrize("chosen", [{}, {"note": "none"}])
def test_a_reader_comes_back_from_its_description(chosen):
    reader = FieldsReader.learn(SHOW, ITEMS, chosen)
    described = json.loads(json.dumps(reader.described()))

    again = FieldsReader.restored(described, reader.tensors())

    def values(one):
        rows = one.rows(ITEMS)
        return rows.values if isinstance(rows, DenseRows) else rows.matrix.toarray()

    assert (values(again) == values(reader)).all()


def test_what_cannot_be_read_is_said():
    show = {"film": SimpleNamespace(type="video"), "note": TEXT}
    with pytest.raises(
        ValueError, match=r"train.features.film: nothing learns from video here. Write film: none"
    ):
        FieldsReader.learn(show, ITEMS, {})
    assert FieldsReader.learn(show, ITEMS, {"film": "none"}).told() == "note as words"
    with pytest.raises(ValueError, match="nothing is left to read"):
        FieldsReader.learn({"note": TEXT}, ITEMS, {"note": "none"})
    with pytest.raises(ValueError, match="has no pixels"):
        FieldsReader.learn({"note": TEXT}, ITEMS, {"note": "pixels"})


def test_the_same_word_in_another_field_is_another_feature():
    """So a model can tell which of two answers says what."""
    show = {"first": TEXT, "second": TEXT}
    items = [
        {"first": "short answer", "second": "long reply"},
        {"first": "long reply", "second": "short answer"},
    ]
    rows = FieldsReader.learn(show, items * 2, {}).rows(items)

    assert isinstance(rows, SparseRows)
    assert not (rows.matrix[[0]].multiply(rows.matrix[[1]])).nnz
