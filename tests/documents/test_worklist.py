import csv
import io

from act_spec.cells import MAX_CELL_CHARS
from act_spec.documents.worklist import WorklistRow, worklist_csv
from act_spec.tasks.classification import Classification

TASK = Classification(question="Which?", labels=["good", "bad", "-"])
CONTENT = {"title": "A", "body": "B"}


def cells(rows, fields=("title", "body")):
    data = worklist_csv(rows, fields, TASK)
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_a_worklist_holds_what_a_reviewer_needs_and_no_more():
    assert cells([WorklistRow("i1", CONTENT, seal="s")]) == [
        ["item_id", "title", "body", "label", "outcome", "note", "reviewer", "seal", "guideline_version"],
        ["i1", "A", "B", "", "", "", "", "s", ""],
    ]


def test_rows_keep_the_order_that_they_are_given_in():
    ids = ["c", "a", "b"]

    assert [row[0] for row in cells([WorklistRow(item_id) for item_id in ids])[1:]] == ids


def test_answers_that_were_given_are_written_again():
    rows = [
        WorklistRow("i1", CONTENT, label="good", note="sure", reviewer="ann", guideline_version="3"),
        WorklistRow("i2", CONTENT, outcome="skip", reviewer="bo"),
    ]

    assert [row[3:] for row in cells(rows)[1:]] == [
        ["good", "", "sure", "ann", "", "3"],
        ["", "skip", "", "bo", "", ""],
    ]


def test_whether_an_answer_kept_the_machine_label_is_not_told():
    rows = [WorklistRow("i1", label="good", outcome="keep"), WorklistRow("i2", label="bad", outcome="change")]

    assert [row[4] for row in cells(rows)[1:]] == ["", ""]


def test_cells_that_a_spreadsheet_would_run_are_text():
    content = {"title": '=HYPERLINK("https://example.org")', "body": "@x"}
    row = cells([WorklistRow("=1", content, label="-", note="+1", reviewer="-bo", seal="1e5")])[1]

    assert row == ["'=1", '\'=HYPERLINK("https://example.org")', "'@x", "'-", "", "'+1", "'-bo", "'1e5", ""]


def test_a_shown_field_cannot_take_the_name_of_an_answer():
    header = cells([], fields=("Label", "seconds", "Item ID", "=x"))[0]

    assert header[1:5] == ["Label (item)", "seconds (item)", "Item ID (item)", "'=x"]


def test_text_beyond_a_cell_is_cut_and_says_so():
    shown = cells([WorklistRow("i1", {"title": "x" * 40_000, "body": ""})])[1][1]

    assert shown == "x" * MAX_CELL_CHARS + " … (cut here; 40,000 characters in all)"


def test_values_that_are_not_text_are_shown_as_json_and_missing_ones_empty():
    assert cells([WorklistRow("i1", {"title": {"größe": [1, 2]}})])[1][1:3] == ['{"größe": [1, 2]}', ""]


def test_line_breaks_and_separators_stay_inside_their_cell():
    content = {"title": 'a,b;c\td "e"', "body": "one\r\ntwo\rthree\0"}

    assert cells([WorklistRow("i1", content)])[1][1:3] == ['a,b;c\td "e"', "one\ntwo\nthree\ufffd"]


def test_the_same_rows_give_the_same_bytes():
    rows = [WorklistRow("i1", CONTENT), WorklistRow("i2", CONTENT)]

    assert worklist_csv(rows, ["title"], TASK) == worklist_csv(iter(rows), ("title",), TASK)
