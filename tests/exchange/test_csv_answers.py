import csv
import io
import re

import pytest

from act_spec.documents.worklist import WorklistRow, worklist_csv
from act_spec.exchange.csv_answers import MAX_ANSWER_CHARS, read_answers
from act_spec.tasks.classification import Classification

TASK = Classification(question="Which?", labels=["battery", "price", "-"])
ITEMS = {"i1": "s1", "i2": "s2", "i3": "s3"}


def read(tmp_path, text, expected=ITEMS, **options):
    path = tmp_path / "back.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_answers(path, lambda _: TASK, expected, **options)


def test_answers_are_read_with_everything_that_a_reviewer_wrote(tmp_path):
    found = read(
        tmp_path, 'item_id,label,outcome,note,reviewer,seconds\ni1, Battery ,ambiguous,hm,ann,"12,5"\n'
    )

    (answer,) = found.answers
    assert (answer.item_id, answer.label, answer.outcome) == ("i1", "battery", "ambiguous")
    assert (answer.note, answer.reviewer, answer.seconds, answer.line) == ("hm", "ann", 12.5, 2)
    assert found.problems == ()


def test_a_row_without_label_and_outcome_is_not_answered_yet(tmp_path):
    found = read(tmp_path, "item_id,label,note\ni1,,later\ni2,price,\ni3,  ,\n")

    assert found.blanks == 2
    assert [answer.item_id for answer in found.answers] == ["i2"]


@pytest.mark.parametrize("outcome", ["skip", "ambiguous", "SKIP", " Ambiguous "])
def test_skip_and_ambiguous_need_no_label(tmp_path, outcome):
    (answer,) = read(tmp_path, f"item_id,label,outcome\ni1,,{outcome}\n").answers

    assert (answer.label, answer.outcome) == (None, outcome.strip().lower())


@pytest.mark.parametrize("outcome", ["keep", "change"])
def test_keep_and_change_are_for_the_program_to_tell(tmp_path, outcome):
    (answer,) = read(tmp_path, f"item_id,label,outcome\ni1,price,{outcome}\n").answers

    assert (answer.label, answer.outcome) == ("price", None)


@pytest.mark.parametrize(
    ("row", "place", "words"),
    [
        ("i1,batery,,,,", "2:2: label", "'batery' is not one of the labels.*Did you mean 'battery'"),
        ("i1,zzz,,,,", "2:2: label", "'zzz' is not one of the labels: battery, price, -"),
        ("i9,price,,,,", "2:1: item_id", "'i9' is not an item of this worklist.*another run"),
        ("i9,,,,,", "2:1: item_id", "'i9' is not an item"),
        (",price,,,,", "2:1: item_id", "no item id"),
        ("i1,,keep,,,", "2:2: label", "needs a label"),
        ("i1,,skp,,,", "2:3: outcome", "'skp' is not an outcome.*Did you mean 'skip'"),
        ("i1,price,skip,,,", "2:3: outcome", "either skipped or labelled"),
        ("i1,price,,,,fast", "2:6: seconds", "'fast' is not a number"),
        ("i1,price,,,,-1", "2:6: seconds", "'-1' is not a number"),
        ("i1,price,,,,nan", "2:6: seconds", "'nan' is not a number"),
        ("i1,price,,,anne,", "2:5: reviewer", "'anne' is not a reviewer.*Did you mean 'ann'"),
        (f"i1,price,,{'x' * (MAX_ANSWER_CHARS + 1)},,", "2:4: note", "10,001 characters"),
        ("i1,price,,,,,oops", "2:1", "7 cells"),
    ],
)
def test_a_bad_row_is_named_and_the_good_one_kept(tmp_path, row, place, words):
    text = f"item_id,label,outcome,note,reviewer,seconds\n{row}\ni2,price,,,ann,\n"

    found = read(tmp_path, text, reviewers=["ann", "bo"])

    assert [answer.item_id for answer in found.answers] == ["i2"]
    assert found.blanks == 0
    (problem,) = found.problems
    assert f"back.csv:{place}: " in str(problem)
    assert re.search(words, str(problem))


def test_the_same_answer_twice_is_one_answer(tmp_path):
    found = read(tmp_path, "item_id,label\ni1,price\ni1,PRICE\ni1,\n")

    assert [(answer.item_id, answer.line) for answer in found.answers] == [("i1", 2)]
    assert found.blanks == 1
    assert found.problems == ()


def test_answers_that_contradict_are_all_refused(tmp_path):
    found = read(tmp_path, "item_id,label,reviewer\ni1,price,ann\ni2,price,ann\ni1,battery,ann\n")

    assert [answer.item_id for answer in found.answers] == ["i2"]
    assert [problem.line for problem in found.problems] == [2, 4]
    assert "lines 2 and 4 answer 'i1' differently" in str(found.problems[0])


def test_two_reviewers_may_disagree(tmp_path):
    found = read(tmp_path, "item_id,label,reviewer\ni1,price,ann\ni1,battery,bo\n")

    assert [answer.label for answer in found.answers] == ["price", "battery"]


def test_a_file_that_cannot_be_used_is_one_problem(tmp_path):
    found = read_answers(tmp_path / "absent.csv", lambda _: TASK, ITEMS)

    assert (found.answers, found.blanks, len(found.problems)) == ((), 0, 1)


def test_final_labels_are_not_taken_for_answers_of_people(tmp_path):
    columns = "item_id,label,source,machine_label,human_label,inclusion_probability,loss_weight"
    found = read(tmp_path, f"{columns}\ni1,price,machine,price,,0.2,0\n")

    assert found.answers == ()
    assert "act-spec labels" in found.problems[0].message


TRICKY = [
    "=1",
    "'=1",
    "''=1",
    "+x",
    "-",
    "@a",
    "\tt",
    "00417",
    "417",
    "2026-11-23",
    "TRUE",
    "'tis",
    " a ",
    "a",
    "x,y;z",
    'q"q',
]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_worklist_comes_back_from_any_spreadsheet(tmp_path, delimiter, encoding):
    """Ids, labels and notes are the same after export, re-saving with another separator, and import."""
    rows = [
        WorklistRow(
            item_id,
            {"text": 'Ünicode; "text",\nsecond line'},
            label="-",
            note=f"={item_id}".strip(),
            reviewer="ann",
        )
        for item_id in TRICKY
    ]
    saved = worklist_csv(rows, ["text"], TASK).decode("utf-8-sig")
    again = io.StringIO(newline="")
    csv.writer(again, delimiter=delimiter).writerows(csv.reader(io.StringIO(saved, newline="")))

    found = read(tmp_path, again.getvalue().encode(encoding), expected=set(TRICKY))

    assert found.problems == ()
    assert [answer.item_id for answer in found.answers] == TRICKY
    assert {answer.label for answer in found.answers} == {"-"}
    assert [answer.note for answer in found.answers] == [row.note for row in rows]


def test_an_apostrophe_that_a_spreadsheet_took_off_is_not_missed(tmp_path):
    (answer,) = read(tmp_path, "item_id,label\n=1,-\n", expected={"=1"}).answers

    assert (answer.item_id, answer.label) == ("=1", "-")


def test_an_untouched_worklist_is_all_blank(tmp_path):
    data = worklist_csv([WorklistRow(item_id) for item_id in sorted(ITEMS)], [], TASK)

    found = read(tmp_path, data)

    assert (found.answers, found.blanks, found.problems) == ((), 3, ())
