from __future__ import annotations

import pytest

from act_spec.exchange.answer_form import PageAnswer, answer_form, clean, label_of, said_of
from act_spec.tasks.classification import Classification
from act_spec.tasks.multilabel import Multilabel

ONE = Classification(question="?", labels=["a", "b"])
SEVERAL = Multilabel(question="?", labels=["a", "b"], none="allowed")


@pytest.mark.parametrize(
    ("task", "kind", "empty"),
    [
        (ONE, "one", False),
        (SEVERAL, "several", True),
        (Multilabel(question="?", labels=["a"]), "several", False),
    ],
)
def test_the_form_follows_the_task(task, kind, empty):
    form = answer_form(task)

    assert (form.kind, form.may_be_empty) == (kind, empty)
    assert [label.name for label in form.labels] == list(task.labels)


@pytest.mark.parametrize(
    ("task", "answer"), [(ONE, ["b"]), (SEVERAL, ["a", "b"]), (SEVERAL, []), (SEVERAL, ["b"])]
)
def test_an_answer_and_its_label_are_one_thing(task, answer):
    label = label_of(task, PageAnswer(answer=answer))

    assert said_of(task, label) == answer


def test_text_that_no_table_can_hold_is_mended():
    assert clean("a\0b\ud800c") == "a\ufffdb?c"
