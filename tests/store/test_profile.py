import pytest

from act_spec.errors import RecipeError
from act_spec.store.profile import MAX_VALUES, profile
from act_spec.store.sources import open_source


def look(folder, text, name="data.csv"):
    (folder / name).write_text(text, encoding="utf-8")
    return {column.name: column for column in profile(open_source(name, folder))}


def test_a_column_is_counted_and_measured(tmp_path):
    column = look(tmp_path, "a,b\nx y,1\nx y,2\nlonger text,3\n ,4\n")["a"]

    assert (column.rows, column.filled, column.blank, column.distinct) == (4, 3, 1, 2)
    assert column.mean_chars == pytest.approx((3 + 3 + 11) / 3)
    assert column.spaced == 1
    assert column.values == ("longer text", "x y")
    assert not column.unique


def test_a_missing_value_is_not_a_blank_one(tmp_path):
    column = look(tmp_path, '{"a": null, "b": "x"}\n{"a": "", "b": "y"}\n', "data.jsonl")["a"]

    assert (column.filled, column.blank) == (0, 1)
    assert column.mean_chars == 0


@pytest.mark.parametrize(
    "code",
    [
        "3.5", "12%", "2026-11-23", "2026-11-23T10:00:00Z", "23.11.2026", "10:30", "true",
        "https://example.org/a?b=c", "me@example.org", "images/1.jpg",
        "123e4567-e89b-12d3-a456-426614174000", r"\x89PNG\x0D\x0A",
    ],
)  # fmt: skip
def test_what_is_no_language_is_told_apart(tmp_path, code):
    assert look(tmp_path, f'a,b\n"{code}",1\n')["a"].coded == 1


@pytest.mark.parametrize("text", ["hello", "a 3.5 inch disk", "see https://example.org for more", "zwölf"])
def test_language_is_not_taken_for_codes(tmp_path, text):
    assert look(tmp_path, f'a,b\n"{text}",1\n')["a"].coded == 0


def test_values_are_listed_where_they_are_few_and_numbers_by_size(tmp_path):
    few = "".join(f"{number}\n" for number in (10, 9, 10, 2))
    many = "".join(f"{number}\n" for number in range(MAX_VALUES + 1))

    assert look(tmp_path, "a\n" + few)["a"].values == ("2", "9", "10")
    assert look(tmp_path, "a\n" + many)["a"].values == ()


def test_columns_without_a_name_are_passed_over(tmp_path):
    assert list(look(tmp_path, ",a\n1,x\n")) == ["a"]


def test_data_without_rows_are_refused(tmp_path):
    with pytest.raises(RecipeError, match=r"there are no rows\."):
        look(tmp_path, "a,b\n")
