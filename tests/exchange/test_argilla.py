"""Argilla: records and settings out, responses back in both of the forms that its SDK writes."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from exchange.tools import EXPECTED, ONE, SEALED, SEVERAL, TYPED, argilla_reply, save, work, written

from act_spec.errors import ReviewError
from act_spec.exchange.recognise import read_file
from act_spec.records import Item
from act_spec.tasks.spans import Spans

ADA, SAM = "5a0d9a6e-0000-0000-0000-000000000001", "5a0d9a6e-0000-0000-0000-000000000002"
KNOWN = EXPECTED.__class__(**{**vars(EXPECTED), "known_as": {ADA: "ada", SAM: "sam"}})


def response(question, value, user=ADA, status="submitted"):
    return {"question_name": question, "value": value, "user_id": user, "status": status}


def read(tmp_path, answers, task=ONE, name="back.jsonl", **more):
    return read_file(
        save(tmp_path, argilla_reply(work(task, machine=None), answers, **more), name), lambda _: task, KNOWN
    )


def said(found):
    return [(one.item_id, one.label, one.outcome, one.reviewer) for one in found.read.answers]


def test_a_record_shows_the_fields_and_keeps_the_draw_out_of_sight():
    files = written("argilla", work())
    record = json.loads(files[".jsonl"].splitlines()[1])
    settings = json.loads(files[".settings.json"])

    assert record["fields"] == {"field_1": "t1", "field_2": "text 1"}
    assert record["metadata"]["act_spec_inclusion_probability"] == 0.25
    assert record["suggestions"]["answer"] == {
        "value": "good",
        "score": 0.75,
        "agent": "gpt-4o-mini, direct.v1",
    }
    assert {one["name"] for one in settings["metadata"]} == set(record["metadata"])
    assert not any(one["visible_for_annotators"] for one in settings["metadata"])


def test_a_reply_comes_back_whole(tmp_path):
    """Labels, skip, ambiguity with and without a label, note, a draft, two people on one item."""
    answers = {
        "i0": [response("answer", "good"), response("answer", "bad", SAM)],
        "i1": [response("answer", None, status="discarded")],
        "i2": [response("answer", "bad"), response("flag", "ambiguous"), response("note", "which one?")],
        "i3": [response("flag", "ambiguous"), response("answer", "bad", SAM, "draft")],
    }
    found = read(tmp_path, answers)

    assert said(found) == [
        ("i0", "good", None, "ada"),
        ("i0", "bad", None, "sam"),
        ("i1", None, "skip", "ada"),
        ("i2", "bad", "ambiguous", "ada"),
        ("i3", None, "ambiguous", "ada"),
    ]
    assert (found.read.problems, found.read.blanks) == ((), 0)
    assert found.read.notes == ("1 drafts were not submitted and do not count",)
    assert (found.channel, found.guideline_version) == ("argilla", "3")
    assert found.read.answers[3].note == "which one?"


def test_responses_by_question_are_read_too(tmp_path):
    by_question = {"i0": {"answer": [{"value": ["screen"], "user_id": ADA}]}}

    assert said(read(tmp_path, by_question, SEVERAL)) == [("i0", '["screen"]', None, "ada")]


def test_what_a_pending_record_holds_is_a_draft(tmp_path):
    found = read(tmp_path, {"i0": {"answer": [{"value": "bad", "user_id": ADA}]}}, status="pending")

    assert (found.read.answers, found.read.blanks) == ((), 4)
    assert found.read.notes == ("1 drafts were not submitted and do not count",)


@pytest.mark.parametrize(
    ("task", "value", "label"),
    [
        (SEVERAL, ["screen", "price"], '["price","screen"]'),
        (SEVERAL, ["None applies"], "[]"),
        (TYPED, " Bad", "bad"),
    ],
)
def test_values_are_labels(tmp_path, task, value, label):
    assert said(read(tmp_path, {"i0": [response("answer", value)]}, task))[0][1] == label


SPANS = Spans(question="Where?", text="text", labels=["kind", "number"])


def read_spans(tmp_path, answers):
    fields = {item.item_id: item.fields for item in SEALED}
    file = save(tmp_path, argilla_reply(work(SPANS, machine=None), answers), "back.jsonl")
    return read_file(file, lambda item_id: SPANS.about(Item(item_id, fields[item_id])), KNOWN)


def test_passages_come_back_with_the_words_at_their_places(tmp_path):
    """Argilla gives places and labels, and no words."""
    marks = [{"start": 0, "end": 4, "label": "kind"}, {"start": 5, "end": 6, "label": "number"}]
    found = read_spans(tmp_path, {"i1": [response("answer", marks)]})

    assert found.read.problems == ()
    assert json.loads(said(found)[0][1]) == [{**marks[0], "text": "text"}, {**marks[1], "text": "1"}]


def test_a_text_in_which_argilla_would_misplace_passages_does_not_go_out():
    """Its page counts UTF-16 units, of which an emoji has two; other questions do not mind."""
    sealed = [replace(SEALED[0], fields={"title": "t", "text": "\U0001f600 Oslo"}), SEALED[1]]

    with pytest.raises(ReviewError, match="'text' of 1 items, such as 'i0', has emoji"):
        written("argilla", work(SPANS, machine=None, sealed=sealed))
    assert written("argilla", work(ONE, sealed=sealed))


def test_a_passage_beyond_the_end_of_the_text_is_named(tmp_path):
    beyond = [{"start": 0, "end": 4, "label": "kind"}, {"start": 5, "end": 60, "label": "number"}]
    found = read_spans(tmp_path, {"i1": [response("answer", beyond)]})

    assert found.read.answers == ()
    assert "cannot be taken" in str(found.read.problems[0])


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ([response("answer", "ugly")], "'ugly' is not one of the labels"),
        ([response("answer", ["good", "bad"])], "exactly one label"),
        ([response("answer", {"a": 1})], "not one of the labels"),
        ([response("note", "hm")], "without an answer"),
        ([response("answer", "good", "someone")], "'someone' is not a reviewer"),
    ],
)
def test_a_bad_response_is_named_by_its_line_and_the_rest_kept(tmp_path, given, reason):
    found = read(tmp_path, {"i1": given, "i0": [response("answer", "good")]})

    assert said(found) == [("i0", "good", None, "ada")]
    [problem] = found.read.problems
    assert reason in str(problem)
    assert problem.line == 2


def test_a_broken_line_is_named_and_the_rest_kept(tmp_path):
    lines = argilla_reply(work(machine=None), {"i1": [response("answer", "good")]}).split(b"\n")
    file = save(tmp_path, b"\n".join([*lines[:2], lines[2][:40], b"7", lines[3]]), "back.jsonl")
    found = read_file(file, lambda _: ONE, KNOWN)

    assert said(found) == [("i1", "good", None, "ada")]
    assert [problem.line for problem in found.read.problems] == [3, 4]
    assert found.read.notes == ("1 of the 4 items handed out are not in the file",)


def test_a_list_of_records_is_read_like_lines(tmp_path):
    """`dataset.records.to_json` writes one list."""
    lines = argilla_reply(work(machine=None), {"i0": [response("answer", "good")]}).split(b"\n")
    file = save(tmp_path, b"[" + b",".join(lines) + b"]")

    assert said(read_file(file, lambda _: ONE, KNOWN)) == [("i0", "good", None, "ada")]
