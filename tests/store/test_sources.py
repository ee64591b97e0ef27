import duckdb
import pytest

from act_spec.errors import RecipeError
from act_spec.store.sources import load, open_source


def read(store, folder, name, *columns):
    load(store, open_source(name, folder), columns, "read")
    listed = ", ".join(f"c{number}" for number in range(len(columns)))
    return store.rows(f"SELECT {listed} FROM read ORDER BY line")


def problems(store, folder, name, *columns):
    with pytest.raises(RecipeError) as caught:
        read(store, folder, name, *columns)
    return [(problem.line, problem.message) for problem in caught.value.problems]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_values_stay_as_they_are_written(store, tmp_path, delimiter):
    rows = [["id", "when"], ["00417", "2026-11-23"], ["1.10", '"a\nb"'], ["true", ""]]
    (tmp_path / "d.csv").write_text(
        "\ufeff" + "".join(delimiter.join(row) + "\n" for row in rows), encoding="utf-8"
    )

    assert read(store, tmp_path, "d.csv", "id", "when") == [
        ("00417", "2026-11-23"),
        ("1.10", "a\nb"),
        ("true", ""),
    ]


def test_json_numbers_and_lists_stay_as_they_are_written(store, tmp_path):
    (tmp_path / "d.jsonl").write_text(
        '{"id": 1.10, "t": ["a", "ü"]}\n\n{"id": "00417", "t": true}\n{"id": null}\n'
    )

    found = read(store, tmp_path, "d.jsonl", "id", "t")

    assert found == [("1.10", '["a", "ü"]'), ("00417", "true"), (None, None)]


def test_parquet_is_read_with_its_columns_as_text(store, tmp_path):
    duckdb.execute(
        "COPY (SELECT 7 AS n, DATE '2026-11-23' AS d) TO ? (FORMAT parquet)", [str(tmp_path / "d.parquet")]
    )

    assert read(store, tmp_path, "d.parquet", "d", "n") == [("2026-11-23", "7")]


def test_a_glob_reads_its_files_in_order(store, tmp_path):
    for name in ("b", "a"):
        (tmp_path / f"{name}.csv").write_text(f"id\n{name}\n")

    assert read(store, tmp_path, "*.csv", "id") == [("a",), ("b",)]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("id,t\n1,x\n2\n", 3, "1 cells where the header has 2"),
        ("id,t\n1,x,y\n", 2, "3 cells where the header has 2"),
        ('id,t\n1,"x\n2,y\n', 2, "a quote in the row that begins here is never closed"),
        ('id,t\n1,"x"y\n', 2, "cannot be read as CSV"),
        ("id,id\n1,x\n", 1, "the column 'id' stands twice"),
        ("", 1, "it is empty"),
    ],
)
def test_a_fault_in_csv_is_named_with_its_line(store, tmp_path, text, line, message):
    (tmp_path / "d.csv").write_text(text)

    [(found_line, found)] = problems(store, tmp_path, "d.csv", "id")

    assert found_line == line
    assert message in found


@pytest.mark.parametrize("bad", ['{"id": 1', "[1]", '{"id": NaN}', "[" * 100_000, '{"id": "\\ud800"}'])
def test_a_broken_json_line_is_named(store, tmp_path, bad):
    (tmp_path / "d.jsonl").write_text(f'{{"id": 0}}\n{bad}\n')

    [(line, message)] = problems(store, tmp_path, "d.jsonl", "id")

    assert line == 2
    assert "not a JSON object" in message


def test_text_that_is_not_utf8_is_named(store, tmp_path):
    (tmp_path / "d.csv").write_bytes("id\nKäse\n".encode("latin-1"))

    [(_, message)] = problems(store, tmp_path, "d.csv", "id")

    assert "not UTF-8" in message


def test_a_file_that_is_not_there_is_told_from_one_that_is_nearly_so_named(tmp_path):
    (tmp_path / "reviews.csv").write_text("id,text\n")

    with pytest.raises(RecipeError, match=r"Did you mean 'reviews\.csv'\?"):
        open_source("review.csv", tmp_path)
    with pytest.raises(RecipeError, match="Write the path itself"):
        open_source("$DATA/reviews.csv", tmp_path)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("none.csv", "there is no such file"),
        ("*.csv", "no file matches"),
        ("d.xlsx", "'.xlsx' is not a known format"),
        ("folder", "no file in it is of a known kind"),
    ],
)
def test_what_cannot_be_read_at_all_is_named(store, tmp_path, name, message):
    (tmp_path / "d.xlsx").write_text("x")
    (tmp_path / "folder").mkdir()

    [(_, found)] = problems(store, tmp_path, name)

    assert message in found


def test_a_missing_column_offers_the_nearest(tmp_path):
    (tmp_path / "d.csv").write_text("title,body\na,b\n")

    with pytest.raises(ValueError, match="no column 'titel'. Did you mean 'title'"):
        open_source("d.csv", tmp_path).require("titel")
