import pytest

from act_spec.errors import RecipeError
from act_spec.store.scratch import Scratch
from act_spec.store.sources import open_source
from act_spec.store.staging import ItemsQuery, stage_items


@pytest.fixture
def store():
    with Scratch.new() as made:
        yield made


def staged(store, folder, text, **query):
    (folder / "d.csv").write_text(text, encoding="utf-8")
    return stage_items(store, ItemsQuery(open_source("d.csv", folder), {"text": "t"}, **query))


def rows(store):
    return store.rows("SELECT item_id, content->>'text', gold, group_id FROM staged ORDER BY line")


def test_every_row_becomes_an_item_with_its_own_id(store, tmp_path):
    count = staged(store, tmp_path, "id,t,g\n007,x,a\n'; DROP,y,b\n", id="id", group="g")

    assert count == 2
    assert rows(store) == [("007", "x", None, "a"), ("'; DROP", "y", None, "b")]


def test_without_an_id_contents_are_hashed_and_equal_ones_numbered(store, tmp_path):
    staged(store, tmp_path, "t\nsame\nother\nsame\n")

    first, other, second = (row[0] for row in rows(store))

    assert second == f"{first}-2"
    assert len({first, other, second}) == 3


def test_equal_contents_of_several_files_are_numbered_in_their_order(store, tmp_path):
    (tmp_path / "1.csv").write_text("t,g\nsame,a\nother,b\n")
    (tmp_path / "2.csv").write_text("t,g\nsame,c\nlast,d\nsame,e\n")

    stage_items(store, ItemsQuery(open_source("*.csv", tmp_path), {"text": "t"}, group="g"))

    hashed = dict(store.rows("SELECT group_id, item_id FROM staged"))
    assert (hashed["c"], hashed["e"]) == (f"{hashed['a']}-2", f"{hashed['a']}-3")
    assert len(set(hashed.values())) == 5


def test_where_keeps_the_rows_with_that_value(store, tmp_path):
    assert staged(store, tmp_path, "t,lang\nx,en\ny,de\n", where={"lang": "en"}) == 1


@pytest.mark.parametrize(
    ("text", "query", "message"),
    [
        ("id,t\n1,x\n1,y\n", {"id": "id"}, "the id '1' stands in rows 2 and 3"),
        ("id,t\n,x\n", {"id": "id"}, "row 2 has no id"),
        ("id,t\n1,x\n", {"id": "id", "where": {"t": "z"}}, "no row is left by data.where"),
        ("id,t\n", {"id": "id"}, "there are no rows"),
    ],
)
def test_items_that_cannot_be_told_apart_are_refused(store, tmp_path, text, query, message):
    with pytest.raises(RecipeError, match=message):
        staged(store, tmp_path, text, **query)


def test_gold_is_brought_into_canonical_form_and_an_empty_cell_is_none(store, tmp_path):
    staged(
        store,
        tmp_path,
        "t,y\na,1\nb,0\nc,\n",
        gold="y",
        gold_label=lambda value, _: {"1": "yes", "0": "no"}[value],
    )

    assert [row[2] for row in rows(store)] == ["yes", "no", None]


def test_gold_that_is_no_label_is_named_with_its_line(store, tmp_path):
    def refuse(value, item):
        if value == "2":
            raise ValueError("'2' is not one of the labels: yes, no.")
        return value

    with pytest.raises(RecipeError, match=r"d\.csv:3:1: data\.gold: gold: '2' is not one of the labels"):
        staged(store, tmp_path, "t,y\na,1\nb,2\n", gold="y", gold_label=refuse)
