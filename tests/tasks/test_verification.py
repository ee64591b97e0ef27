from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError
from sklearn.metrics import balanced_accuracy_score, f1_score

from act_spec.records import Labelled
from act_spec.tasks.verification import Verification

TWO = {"supported": "S", "contradicted": "NS", "not_stated": "NS"}


def make(**changed: Any) -> Verification:
    said = {"question": "Is it so?", "claim": "claim", "evidence": "evidence", **changed}
    return Verification.model_validate(said)


def test_models_answer_one_of_three():
    assert make().answer_schema()["enum"] == ["supported", "contradicted", "not_stated"]
    assert make().parse("Contradicted") == "contradicted"
    with pytest.raises(ValueError, match="'maybe' is not one of the labels"):
        make().parse("maybe")


def test_answers_are_collapsed_by_the_declared_map():
    task = make(collapse=TWO)

    assert [task.parse(answer) for answer in task.labels] == ["S", "NS", "NS"]
    assert task.parse("ns") == "NS"
    assert task.counted == ("S", "NS")
    assert [one.name for one in task.answer_form().choices] == ["S", "NS"]
    assert task.settle(["NS", "S"]) == "S"


@pytest.mark.parametrize(
    ("collapse", "words"),
    [
        ({**TWO, "maybe": "S"}, "'maybe' is not one of the answers"),
        ({"supported": "S"}, "nothing says what contradicted, not_stated counts as"),
        (dict.fromkeys(TWO, "S"), "all answers count as the same"),
    ],
)
def test_the_map_is_whole(collapse, words):
    with pytest.raises(ValidationError, match=words):
        make(collapse=collapse)


def test_macro_f1_and_balanced_accuracy_are_scikit_learns():
    machine = ["S", "NS", "NS", "S", "NS", "S"]
    gold = ["S", "NS", "S", "NS", "NS", "S"]
    rows = [
        Labelled(str(n), one, one, known) for n, (one, known) in enumerate(zip(machine, gold, strict=True))
    ]
    found = {one.name: one.value for one in make(collapse=TWO).figures(rows)}

    assert found["machine_macro_f1"] == pytest.approx(f1_score(gold, machine, average="macro"))
    assert found["machine_balanced_accuracy"] == pytest.approx(balanced_accuracy_score(gold, machine))


def test_what_reviewers_made_of_the_labels_is_counted_by_source():
    rows = [
        Labelled("1", "S", "S", None, columns={"set": "a"}, outcome="keep"),
        Labelled("2", "S", "NS", None, columns={"set": "a"}, outcome="change"),
        Labelled("3", "S", "S", None, columns={"set": "b"}, outcome="ambiguous"),
        Labelled("4", "S", "S", None, columns={"set": "b"}),
    ]
    found = {one.name: one.value for one in make(collapse=TWO, sources="set").figures(rows)}

    assert {name: value for name, value in found.items() if name.startswith("audited:") and value} == {
        "audited:keep": 1,
        "audited:flip": 1,
        "audited:ambiguous": 1,
        "audited:keep:a": 1,
        "audited:flip:a": 1,
        "audited:ambiguous:b": 1,
    }
