from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from act_spec.recipe.schema import MAX_NAME_CHARS, NAME
from act_spec.starter.names import join_list, recipe_name, split_list, words_of


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("my-task", "my-task"),
        ("a/b.c_1", "b.c_1"),
        ("My Task!", "my-task"),
        ("_hidden", "hidden"),
        ("Größe", "groe"),
        ("日本", "my-task"),
        ("x" * 120, "x" * MAX_NAME_CHARS),
    ],
)
def test_a_folder_names_its_recipe(folder, name):
    assert recipe_name(Path(folder)) == name


def test_the_folder_one_stands_in_has_a_name_too(tmp_path, monkeypatch):
    folder = tmp_path / "reviews"
    folder.mkdir()
    monkeypatch.chdir(folder)

    assert recipe_name(Path()) == "reviews"


@given(st.text(min_size=1).filter(lambda text: not set(text) & set("/\0") and text not in {".", ".."}))
def test_every_folder_gives_an_allowed_name(folder):
    assert NAME.fullmatch(recipe_name(Path("/nowhere") / folder))


@pytest.mark.parametrize(
    ("text", "members"),
    [("a,b", ("a", "b")), (" a , b,", ("a", "b")), ('a, "b, c"', ("a", "b, c")), ("", ()), (" , ", ())],
)
def test_a_list_is_parted_by_commas_outside_quotes(text, members):
    assert split_list(text) == members


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1).map(str.strip)))
def test_a_joined_list_is_split_into_the_same_members(members):
    members = [member for member in members if member]

    assert list(split_list(join_list(members))) == members


@pytest.mark.parametrize("column", ["product_id", "productId", "Product ID", "product-id"])
def test_the_words_of_a_column_do_not_depend_on_its_spelling(column):
    assert words_of(column) == ("product", "id")
