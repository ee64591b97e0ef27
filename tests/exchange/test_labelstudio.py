"""Label Studio: what goes out, and a reply as it exports one; the real validation is in test_real_tools.py."""

from __future__ import annotations

import json
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from exchange.tools import (
    EXPECTED,
    ONE,
    SEVERAL,
    TYPED,
    annotation,
    labelstudio_reply,
    note,
    result,
    save,
    work,
    written,
)

from act_spec.exchange.recognise import read_file
from act_spec.exchange.seal import SealedItem, seals_of
from act_spec.records import Item
from act_spec.tasks.spans import Spans

SAM = {"id": 8, "email": "SAM@example.org"}


def read(tmp_path, answers, task=ONE, change=None, expected=EXPECTED, given=None):
    given = given or work(task, machine=None)
    return read_file(save(tmp_path, labelstudio_reply(given, answers, change)), lambda _: task, expected)


def said(found):
    return [(one.item_id, one.label, one.outcome, one.reviewer) for one in found.read.answers]


def test_a_task_shows_the_fields_and_keeps_the_draw_out_of_sight():
    task = json.loads(written("labelstudio", work(machine=None))[".json"])[1]

    assert task["data"] == {"item_id": "i1", "field_1": "t1", "field_2": "text 1"}
    assert task["meta"]["act_spec"]["inclusion_probability"] == 0.25
    assert task["meta"]["act_spec"]["round"] == 1
    assert "predictions" not in task


def test_the_machines_label_is_a_prediction_with_its_confidence():
    [prediction] = json.loads(written("labelstudio", work())[".json"])[0]["predictions"]

    assert (prediction["score"], prediction["model_version"]) == (0.75, "gpt-4o-mini, direct.v1")
    assert prediction["result"][0]["value"] == {"choices": ["good"]}


def test_the_configuration_asks_the_question():
    view = ET.fromstring(written("labelstudio", work(SEVERAL, machine=None))[".xml"])  # noqa: S314 - our own
    choices = view.find("Choices[@name='answer']")

    assert choices.get("choice") == "multiple"
    assert [one.get("value") for one in choices] == ["price", "screen", "None applies"]
    assert [one.get("value") for one in view.iter("Text")] == ["$field_1", "$field_2"]
    assert "About?" in [one.get("value") for one in view.iter("Header")]


def test_a_reply_comes_back_whole(tmp_path):
    """Labels, skip, ambiguity with and without a label, note, time, two people on one item."""
    answers = {
        "i0": [annotation(result("good")), annotation(result("bad"), by=SAM)],
        "i1": [annotation(was_cancelled=True)],
        "i2": [annotation(result("bad"), result("ambiguous", name="flag"), note("which one?"))],
        "i3": [annotation(result("ambiguous", name="flag"))],
    }
    found = read(tmp_path, answers)

    assert said(found) == [
        ("i0", "good", None, "ada"),
        ("i0", "bad", None, "sam"),
        ("i1", None, "skip", "ada"),
        ("i2", "bad", "ambiguous", "ada"),
        ("i3", None, "ambiguous", "ada"),
    ]
    assert (found.read.problems, found.read.blanks, found.read.notes) == ((), 0, ())
    assert (found.channel, found.guideline_version) == ("labelstudio", "3")
    assert found.read.answers[3].note == "which one?"
    assert {one.seconds for one in found.read.answers} == {4.5}


@pytest.mark.parametrize(
    ("task", "chosen", "label"),
    [
        (SEVERAL, ["screen", "price"], '["price","screen"]'),
        (SEVERAL, ["None applies"], "[]"),
        (ONE, ["bad"], "bad"),
    ],
)
def test_choices_are_labels(tmp_path, task, chosen, label):
    assert said(read(tmp_path, {"i0": [annotation(result(*chosen))]}, task))[0][1] == label


def test_a_kind_without_a_control_is_typed(tmp_path):
    typed = {"from_name": "answer", "to_name": "field_1", "type": "textarea", "value": {"text": [" BAD "]}}

    assert said(read(tmp_path, {"i0": [annotation(typed)]}, TYPED)) == [("i0", "bad", None, "ada")]
    assert b'<TextArea name="answer"' in written("labelstudio", work(TYPED))[".xml"]


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (annotation(result("ugly")), "'ugly' is not one of the labels"),
        (annotation(result("good", "bad")), "exactly one label"),
        (annotation(), "without an answer"),
        (annotation({"from_name": "answer", "value": 7}), "not one of the labels"),
        (annotation(result("good"), by=9), "'9' is not a reviewer of this run"),
        (annotation(result("good"), by={"email": "eve@example.org"}), "--known-as 'eve@example.org=NAME'"),
        ("none", "without an answer"),
    ],
)
def test_a_bad_annotation_is_named_and_the_rest_kept(tmp_path, one, reason):
    found = read(tmp_path, {"i0": [one], "i1": [annotation(result("good"))]})

    assert said(found) == [("i1", "good", None, "ada")]
    [problem] = found.read.problems
    assert reason in str(problem)
    assert "[0]" in str(problem)


def _set(key, value):
    return lambda tasks: tasks[0]["meta"]["act_spec"].update({key: value})


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (_set("run", "other"), "of the run 'other'"),
        (_set("review_key", "x"), "before the question"),
        (_set("item_id", "i9"), "not drawn in this run any more"),
        (_set("seal", "0" * 24), "the chance with which it was drawn"),
        (_set("inclusion_probability", 0.9), "the chance with which it was drawn"),
        (_set("round", 2), "the chance with which it was drawn"),
        (lambda tasks: tasks[0].update({"meta": {}}), "no item that act-spec handed out"),
        (lambda tasks: tasks.__setitem__(0, 7), "no item that act-spec handed out"),
    ],
)
def test_a_foreign_task_is_named_and_the_rest_kept(tmp_path, change, reason):
    answers = {name: [annotation(result("good"))] for name in ("i0", "i1")}
    order = lambda tasks: (change(tasks), tasks.reverse())  # noqa: E731 - the first tells the format
    found = read(tmp_path, answers, change=order)

    assert [one.item_id for one in found.read.answers] == ["i1"]
    assert any(reason in str(problem) for problem in found.read.problems)


def test_of_one_persons_annotations_the_last_counts(tmp_path):
    later = annotation(result("bad"), updated_at="2026-11-20T11:00:00.000000Z")
    found = read(tmp_path, {"i0": [later, annotation(result("good"))], "i1": [later, later]})

    assert said(found) == [("i0", "bad", None, "ada"), ("i1", "bad", None, "ada")]
    assert found.read.notes == (
        "1 answers stand in the file more than once",
        "1 answers were replaced by a later one of the same reviewer",
    )


def test_answers_at_the_same_time_that_differ_are_both_named(tmp_path):
    found = read(tmp_path, {"i0": [annotation(result("bad")), annotation(result("good"))]})

    assert found.read.answers == ()
    assert len(found.read.problems) == 2


def test_what_is_open_a_draft_or_missing_is_counted(tmp_path):
    def change(tasks):
        tasks[1]["drafts"] = [{"result": []}]
        del tasks[3]

    found = read(tmp_path, {"i0": [annotation(result("good"))]}, change=change)

    assert found.read.blanks == 2
    assert found.read.notes == (
        "1 drafts were not submitted and do not count",
        "1 of the 4 items handed out are not in the file",
    )


def test_people_are_known_by_number_where_the_user_says_so(tmp_path):
    expected = EXPECTED.__class__(**{**vars(EXPECTED), "known_as": {"9": "sam"}})

    assert said(read(tmp_path, {"i0": [annotation(result("bad"), by=9)]}, expected=expected)) == [
        ("i0", "bad", None, "sam")
    ]


def test_the_only_person_is_the_only_reviewer(tmp_path):
    expected = EXPECTED.__class__(**{**vars(EXPECTED), "reviewers": ("eve",)})

    assert said(read(tmp_path, {"i0": [annotation(result("bad"), by=9)]}, expected=expected))[0][3] == "eve"


def test_the_short_export_is_refused_with_the_way_out(tmp_path):
    short = [{"id": 1, "item_id": "i0", "answer": "good", "annotation_id": 4, "annotator": 1}]
    found = read_file(save(tmp_path, json.dumps(short).encode()), lambda _: ONE, EXPECTED)

    assert "export whole tasks, with their metadata" in str(found.read.problems[0])


def test_tasks_that_nobody_touched_are_blank(tmp_path):
    found = read_file(save(tmp_path, written("labelstudio", work())[".json"]), ONE, EXPECTED)

    assert (found.read.answers, found.read.blanks, found.read.problems) == ((), 4, ())


SPANS = Spans(question="Where?", text="text", labels={"place": "A place.", "name": ""})
PLACED = [
    SealedItem("i0", 1, 0.5, {"title": "Rome", "text": "Rome is not Oslo"}),
    SealedItem("i1", 1, 0.5, {"title": "t", "text": "\U0001f600 Oslo"}),
]
SPAN_LABEL = '[{"end":16,"label":"place","start":12,"text":"Oslo"}]'


def span(start, end, text, label="place"):
    value = {"start": start, "end": end, "text": text, "labels": [label]}
    return {"id": "s", "from_name": "answer", "to_name": "field_2", "type": "labels", "value": value}


def _read_spans(tmp_path, answers):
    expected = replace(EXPECTED, seals=seals_of(PLACED), draws={one.item_id: (1, 0.5) for one in PLACED})
    file = save(tmp_path, labelstudio_reply(work(SPANS, machine=None, sealed=PLACED), answers))
    texts = {one.item_id: one.fields for one in PLACED}
    return read_file(file, lambda item_id: SPANS.about(Item(item_id, texts[item_id])), expected)


def test_passages_go_out_and_come_back(tmp_path):
    given = work(SPANS, machine=SPAN_LABEL, sealed=PLACED[:1])
    [task] = json.loads(written("labelstudio", given)[".json"])
    [region] = task["predictions"][0]["result"]
    answers = {"i0": [annotation(span(12, 16, "Oslo"), span(0, 4, "Rome", "name"))], "i1": [annotation()]}
    found = _read_spans(tmp_path, answers)

    assert (region["type"], region["to_name"], region["value"]["text"]) == ("labels", "field_2", "Oslo")
    assert [json.loads(one.label) for one in found.read.answers] == [
        [
            {"start": 0, "end": 4, "label": "name", "text": "Rome"},
            {"start": 12, "end": 16, "label": "place", "text": "Oslo"},
        ],
        [],
    ]
    assert found.read.problems == ()


def test_places_counted_in_utf_16_are_put_where_the_words_stand(tmp_path):
    found = _read_spans(tmp_path, {"i1": [annotation(span(3, 7, "Oslo"))]})

    assert json.loads(found.read.answers[0].label) == [
        {"start": 2, "end": 6, "label": "place", "text": "Oslo"}
    ]


@pytest.mark.parametrize(
    ("span", "reason"),
    [
        (span(0, 4, "Rome", "river"), "exactly one of the labels"),
        (span(None, 4, "Rome"), "no place"),
        ({"from_name": "answer", "value": 7}, "exactly one of the labels"),
    ],
)
def test_a_passage_that_is_none_is_named(tmp_path, span, reason):
    [problem] = _read_spans(tmp_path, {"i0": [annotation(span)]}).read.problems

    assert reason in str(problem)
