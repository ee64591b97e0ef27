"""What comes back of a packet: good answers are kept, and every bad one is named with its reason."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from act_spec.exchange.packet import PacketHead
from act_spec.exchange.recognise import read_file
from act_spec.exchange.returned import Expected
from act_spec.exchange.seal import SealedItem, seals_of
from act_spec.tasks.classification import Classification

TASK = Classification(question="Good?", labels={"good": "", "bad": ""})
ITEMS = [SealedItem(f"i{number}", 1, 0.25, {"text": f"text {number}"}) for number in range(3)]
HEAD = PacketHead("topics", "p" * 64, "r" * 64, "k" * 64, "2", "ada", seals_of(ITEMS))
EXPECTED = Expected("topics", "k" * 64, seals_of(ITEMS), ("ada", "sam"))
GOOD = {"item_id": "i0", "answer": "good", "outcome": None, "note": "", "seconds": 3.5}


@pytest.fixture
def returned(tmp_path):
    """Reads a file with these answers, as a packet would have made it."""

    def read(*answers, head=HEAD, expected=EXPECTED, **changed):
        file = tmp_path / "answers.json"
        file.write_text(json.dumps({**head.empty_answers(), "answers": answers, **changed}), encoding="utf-8")
        return read_file(file, lambda _: TASK, expected)

    return read


def test_answers_are_taken_with_their_reviewer_time_and_guideline(returned):
    found = returned(GOOD, {**GOOD, "item_id": "i1", "answer": None, "outcome": "skip"})

    assert found.guideline_version == "2"
    assert [
        (one.item_id, one.label, one.outcome, one.reviewer, one.seconds) for one in found.read.answers
    ] == [
        ("i0", "good", None, "ada", 3.5),
        ("i1", None, "skip", "ada", 3.5),
    ]
    assert (found.read.blanks, found.read.problems) == (1, ())


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"format": "act-spec packet answers 9"}, "not a format that is known"),
        ({"packet_sha256": "0" * 64}, "was changed"),
        ({"packet": {"run": "topics"}}, "not the answers of a packet"),
        ({"answers": "none"}, "not the answers of a packet"),
        ({"reviewer": "sem"}, "Did you mean 'sam'?"),
    ],
)
def test_a_file_that_is_not_ours_is_one_problem(returned, changed, said):
    found = returned(GOOD, **changed)

    assert found.read.answers == ()
    [problem] = found.read.problems
    assert said in str(problem)


@pytest.mark.parametrize(
    ("head", "said"),
    [
        (replace(HEAD, run="other"), "of the run 'other'"),
        (replace(HEAD, review_key="x"), "changed since the packet was made"),
    ],
)
def test_a_packet_of_another_run_or_question_is_refused_whole(returned, head, said):
    [problem] = returned(GOOD, head=head).read.problems

    assert said in problem.message


def test_an_edited_recipe_that_asks_the_same_does_no_harm(returned):
    assert len(returned(GOOD, head=replace(HEAD, recipe_sha256="x", plan="y")).read.answers) == 1


@pytest.mark.parametrize(
    "item",
    [
        replace(ITEMS[0], inclusion_probability=0.5),
        replace(ITEMS[0], round=2),
        replace(ITEMS[0], fields={"text": "another text"}),
        replace(ITEMS[0], fields={"title": "text 0"}),
    ],
)
def test_an_item_drawn_or_shown_otherwise_is_refused_and_the_rest_kept(returned, item):
    expected = replace(EXPECTED, seals=seals_of([item, *ITEMS[1:]]))
    found = returned(GOOD, {**GOOD, "item_id": "i1"}, expected=expected)

    assert [answer.item_id for answer in found.read.answers] == ["i1"]
    [problem] = found.read.problems
    assert (problem.path, "has changed since" in problem.message) == ("answers[0]", True)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({**GOOD, "item_id": "i9"}, "not an item of this packet"),
        ({**GOOD, "answer": "ugly"}, "not one of the labels"),
        ({**GOOD, "answer": None}, "has no label"),
        ({**GOOD, "outcome": "skip"}, "either skipped or labelled"),
        ({**GOOD, "seconds": -1}, "not an answer of a packet"),
        ({**GOOD, "outcome": "keep"}, "not an answer of a packet"),
        ("i0", "not an answer of a packet"),
    ],
)
def test_a_bad_answer_is_named_and_the_rest_kept(returned, answer, said):
    found = returned(answer, {**GOOD, "item_id": "i1"})

    assert [one.item_id for one in found.read.answers] == ["i1"]
    [problem] = found.read.problems
    assert said in problem.message


def test_two_answers_to_one_item_are_a_problem_and_equal_ones_are_not(returned):
    assert returned(GOOD, GOOD).read.problems == ()
    assert len(returned(GOOD, {**GOOD, "answer": "bad"}).read.problems) == 1


def test_an_item_of_an_earlier_draw_is_named(returned):
    expected = replace(EXPECTED, seals=seals_of(ITEMS[1:]))

    [problem] = returned(GOOD, expected=expected).read.problems
    assert "not drawn in this run any more" in problem.message


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b"null", b'{"a": NaN}'])
def test_what_is_no_json_is_one_problem(tmp_path, content):
    file = tmp_path / "answers.json"
    file.write_bytes(content)

    [problem] = read_file(file, lambda _: TASK, EXPECTED).read.problems
    assert "broken JSON" in problem.message or "no file of answers" in problem.message


def test_a_missing_file_is_one_problem(tmp_path):
    [problem] = read_file(tmp_path / "none.json", lambda _: TASK, EXPECTED).read.problems

    assert "cannot be read" in problem.message


def test_what_comes_back_tells_no_probability():
    """A reviewer may read the whole file; how suspicious an item is must not be in it."""
    assert "0.25" not in json.dumps(HEAD.empty_answers())
