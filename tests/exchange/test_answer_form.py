from __future__ import annotations

from typing import Any

import pytest

from act_spec.exchange.answer_form import PageAnswer, clean, label_of, said_of
from act_spec.records import Item
from act_spec.tasks.classification import Classification
from act_spec.tasks.kind import TaskKind
from act_spec.tasks.multilabel import Multilabel
from act_spec.tasks.spans import Spans

ONE = Classification(question="?", labels=["a", "b"])
SEVERAL = Multilabel(question="?", labels=["a", "b"], none="allowed")


class Typed(Multilabel):
    """A kind that brings no widget of its own: what is typed is read like a cell."""

    def answer_form(self):
        return TaskKind.answer_form(self)


TYPED = Typed(question="?", labels=["a", "b"], none="allowed")


@pytest.mark.parametrize(
    ("task", "several", "empty"),
    [
        (ONE, False, False),
        (SEVERAL, True, True),
        (Multilabel(question="?", labels=["a"]), True, False),
    ],
)
def test_labels_are_asked_for_as_choices(task, several, empty):
    form = task.answer_form()

    assert (form.widget, form.several, form.may_be_empty) == ("choices", several, empty)
    assert [choice.name for choice in form.choices] == list(task.labels)


@pytest.mark.parametrize(
    ("task", "answer"),
    [(ONE, "b"), (SEVERAL, ["a", "b"]), (SEVERAL, []), (SEVERAL, ["b"]), (TYPED, "a; b"), (TYPED, "none")],
)
def test_an_answer_and_its_label_are_one_thing(task, answer):
    label = label_of(task, PageAnswer(answer=answer))

    assert said_of(task, label) == answer


@pytest.mark.parametrize("task", [ONE, SEVERAL, TYPED], ids=["one", "several", "typed"])
@pytest.mark.parametrize(
    "answer", [7, True, 1.5, {}, {"a": ["b"]}, [["a"]], [{"a": 1}], ["c"], "c", "[", "\0", [None]]
)
def test_whatever_json_is_no_answer_is_refused_with_a_sentence(task, answer):
    with pytest.raises(ValueError, match=r"\."):
        label_of(task, PageAnswer(answer=answer))


def test_text_that_no_table_can_hold_is_mended():
    assert clean("a\0b\ud800c") == "a\ufffdb?c"


def test_no_part_of_a_persons_answer_is_lost_in_silence():
    task = Spans(question="?", labels=["who"], text="text").about(Item("i", {"text": "Ada met Bob"}))
    taken: list[Any] = [{"label": "who", "text": "Ada", "start": 0}]
    lost: list[Any] = [{"label": "who", "text": "Eve", "start": 8}]

    assert label_of(task, PageAnswer(answer=taken)) == task.parse(taken)
    assert task.parse(taken + lost) == task.parse(taken)
    with pytest.raises(ValueError, match="cannot be taken: not in text"):
        label_of(task, PageAnswer(answer=taken + lost))
