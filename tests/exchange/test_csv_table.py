import pytest

from act_spec.errors import Problem
from act_spec.exchange import csv_table
from act_spec.exchange.csv_table import UnreadableFileError, open_table


def opened(tmp_path, data, **changes):
    path = tmp_path / "back.csv"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return open_table(path, **{"required": ("item_id", "label"), "optional": ("note",), **changes})


def read(tmp_path, data):
    return list(opened(tmp_path, data).rows())


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_usual_separators_encodings_and_line_ends_are_read(tmp_path, delimiter, encoding, end):
    lines = [["item_id", "text", "label"], ["i1", '"a,b;c\td"', "größe"]]
    text = "".join(delimiter.join(cells) + end for cells in lines)

    (row,) = read(tmp_path, text.encode(encoding))

    assert (row.line, row.cells) == (2, {"item_id": "i1", "label": "größe"})


def test_a_file_may_name_its_separator_as_excel_does(tmp_path):
    (row,) = read(tmp_path, "sep=|\r\nitem_id|label\r\ni1|a\r\n")

    assert (row.line, row.cells["label"]) == (3, "a")


def test_columns_may_be_moved_added_and_written_in_any_case(tmp_path):
    (row,) = read(tmp_path, "Note,LABEL,mine,Item ID\nn,a,x,i1\n")

    assert row.cells == {"item_id": "i1", "label": "a", "note": "n"}


def test_lines_are_counted_in_the_file_also_after_cells_with_line_breaks(tmp_path):
    rows = read(tmp_path, 'item_id,label,note\ni1,a,"one\ntwo\nthree"\n\n,,\ni2,b,\n')

    assert [row.line for row in rows] == [2, 7]


def test_cells_that_a_spreadsheet_dropped_are_empty(tmp_path):
    (row,) = read(tmp_path, "item_id,label,note\ni1,a\n")

    assert row.cells["note"] == ""


def test_empty_cells_beyond_the_header_do_not_matter(tmp_path):
    assert read(tmp_path, "item_id,label\ni1,a,,\n")[0].cells["label"] == "a"


def test_a_row_with_too_many_cells_is_a_problem_and_the_next_is_read(tmp_path):
    problem, row = read(tmp_path, "item_id,label\ni1,a,b,c\ni2,d\n")

    assert isinstance(problem, Problem)
    assert problem.line == 2
    assert "4 cells where the header has 2" in problem.message
    assert row.cells["item_id"] == "i2"


def test_a_broken_quote_is_a_problem_and_the_next_row_is_read(tmp_path):
    problem, row = read(tmp_path, 'item_id,label\ni1,"a"b\ni2,c\n')

    assert isinstance(problem, Problem)
    assert "Check its quotes." in str(problem)
    assert problem.line == 2
    assert row.cells["item_id"] == "i2"


def test_an_open_quote_does_not_swallow_the_file_silently(tmp_path):
    (problem,) = read(tmp_path, 'item_id,label\ni1,"a\ni2,b\n')

    assert isinstance(problem, Problem)
    assert problem.line == 2


def test_a_huge_cell_ends_the_reading(tmp_path):
    (problem,) = read(tmp_path, 'item_id,label\ni1,"' + "x\n" * 200_000 + '"\ni2,a\n')

    assert problem.line == 2
    assert "larger than field limit" in problem.message


@pytest.mark.parametrize(
    ("data", "line", "column", "words"),
    [
        (b"", 0, 0, "the file is empty"),
        (b"\n\n", 0, 0, "the file is empty"),
        (b"item_id,text\ni1,x\n", 1, 1, "lacks 'label'"),
        (b"a;b\n1;2\n", 1, 1, "lacks 'item_id' and 'label'"),
        (b"sep=;\na;b\n", 2, 1, "lacks 'item_id' and 'label'"),
        (b"item_id,label,Label\n", 1, 3, "names the column 'label' twice"),
        (b"item_id,label\ni1,gr\xf6sse\n", 2, 6, "byte 0xf6 at offset 19 is not UTF-8"),
        (b"\xef\xbb\xbfitem_id,label\ni1,\xe4\n", 2, 4, "byte 0xe4 at offset 20 is not UTF-8"),
        (b"\xff\xfei\0t", 0, 0, "begins as UTF-16, but is broken at offset 4"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(tmp_path, data, line, column, words):
    with pytest.raises(UnreadableFileError) as caught:
        opened(tmp_path, data)

    problem = caught.value.problem
    assert words in problem.message
    assert (problem.line, problem.column) == (line, column)


def test_windows_encoding_is_named_with_what_to_do(tmp_path):
    with pytest.raises(UnreadableFileError, match=r"Windows-1252.*CSV UTF-8"):
        opened(tmp_path, "item_id,label\ni1,größe\n".encode("cp1252"))


def test_a_missing_file_and_a_folder_are_sentences(tmp_path):
    for path in (tmp_path / "absent.csv", tmp_path):
        with pytest.raises(UnreadableFileError, match="cannot be read"):
            open_table(path, required=("item_id",), optional=())


def test_a_file_beyond_the_cap_is_not_read(tmp_path):
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate(csv_table.MAX_FILE_BYTES + 1)

    with pytest.raises(UnreadableFileError, match="bytes; a worklist may have"):
        open_table(path, required=("item_id",), optional=())
