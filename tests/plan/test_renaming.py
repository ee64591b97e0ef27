from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from act_spec.plan.renaming import as_asked, renaming_of
from act_spec.records import Annotation, Judgment, Vote
from act_spec.tasks.classification import Classification
from act_spec.tasks.kind import LabelledTask
from act_spec.tasks.multilabel import Multilabel
from act_spec.tasks.relations import Relations
from act_spec.tasks.soft import Soft
from act_spec.tasks.spans import Spans
from act_spec.tasks.verification import Verification

LABELS: Any = {
    "invoice": {"definition": "What was paid.", "renamed_from": "billing"},
    "defect": "It is broken.",
}
ONE = Classification(question="Which?", labels=LABELS, none="invoice")
SEVERAL = Multilabel(question="Which?", labels=LABELS)


@pytest.mark.parametrize("task", [ONE, SEVERAL])
def test_models_are_asked_under_the_former_names(task):
    former = as_asked(task)

    assert [label.name for label in former.definitions] == ["billing", "defect"]
    assert former.definitions[0].definition == "What was paid."
    assert "invoice" not in str(former.answer_schema())


def test_the_label_that_means_none_is_renamed_too():
    former: Any = as_asked(ONE)

    assert former.none == "billing"


@pytest.mark.parametrize("task", [ONE, SEVERAL])
def test_either_name_is_read_as_the_new_one(task):
    assert task.read("billing") == task.read("invoice") == task.read(" Billing ")
    assert "invoice" in task.read("billing")


def test_what_a_strategy_records_comes_out_under_the_new_names():
    def steps():
        yield []
        return Annotation('["billing","defect"]', votes=(Vote("a", 0, '["billing"]'), Vote("b", 0, None)))

    renamed = renaming_of(SEVERAL).renamed(steps())
    next(renamed)
    with pytest.raises(StopIteration) as end:
        renamed.send([])

    made = end.value.value
    assert made.label == '["invoice","defect"]'
    assert [vote.label for vote in made.votes] == ['["invoice"]', None]


def test_a_judge_sees_the_former_names_and_its_words_come_out_under_the_new_ones():
    renaming = renaming_of(SEVERAL)

    def steps():
        yield []
        return Judgment(0.5, '["billing"]', units={"billing": 0.2, "defect": 0.1})

    renamed = renaming.renamed(steps())
    next(renamed)
    with pytest.raises(StopIteration) as end:
        renamed.send([])

    assert renaming.as_asked(Annotation('["invoice"]')).label == '["billing"]'
    assert end.value.value.suggested_label == '["invoice"]'
    assert end.value.value.units == {"invoice": 0.2, "defect": 0.1}


@pytest.mark.parametrize("former", ["defect", "DEFECT"])
def test_a_former_name_is_no_name_of_another_label(former):
    labels: Any = {"invoice": {"renamed_from": former}, "defect": "It is broken."}

    with pytest.raises(ValidationError):
        Classification(question="Which?", labels=labels)


def test_models_know_the_oldest_of_several_names_and_all_are_read():
    labels: Any = {"bill": {"renamed_from": ["billing", "invoice"]}, "defect": ""}
    task = Classification(question="Which?", labels=labels)
    renaming = renaming_of(task)

    assert as_asked(task).definitions[0].name == "billing"
    assert {renaming.label(name) for name in ("billing", "invoice", "bill")} == {"bill"}
    assert task.read("invoice") == "bill"


RENAMED: Any = {"place": {"renamed_from": "location"}, "person": ""}


@pytest.mark.parametrize(
    ("task", "former", "new"),
    [
        (
            Spans(question="Which?", labels=RENAMED, text="body"),
            '[{"end":4,"label":"location","start":0,"text":"Rome"}]',
            '[{"end":4,"label":"place","start":0,"text":"Rome"}]',
        ),
        (
            Relations(question="Which?", labels=RENAMED, text="body", symmetric=["place"]),
            '[{"head":"a","label":"location","tail":"b"}]',
            '[{"head":"a","label":"place","tail":"b"}]',
        ),
        (
            Soft(question="Which?", labels=RENAMED),
            '{"location":0.25,"person":0.75}',
            '{"person":0.75,"place":0.25}',
        ),
        (Verification(question="Which?", labels=RENAMED, claim="c", evidence="e"), "location", "place"),
        (
            Verification(
                question="Which?",
                labels=RENAMED,
                claim="c",
                evidence="e",
                collapse={"place": "place", "person": "other"},
            ),
            "location",
            "place",
        ),
        (
            Verification(
                question="Which?",
                labels=RENAMED,
                claim="c",
                evidence="e",
                collapse={"place": "yes", "person": "no"},
            ),
            "yes",
            "yes",
        ),
    ],
    ids=["spans", "relations", "soft", "verification", "collapsed", "collapsed elsewhere"],
)
def test_every_kind_of_labels_can_rename_them(task, former, new):
    renaming = renaming_of(task)

    assert renaming.label(former) == new
    assert renaming.as_asked(Annotation(new)).label == former
    assert renaming.former.parse(former) == former
    assert "place" not in renaming.former.show(former)
    assert {task.renamed_unit(unit, renaming.back) for unit in renaming.former.units(former)} == task.units(
        new
    )


def test_kinds_that_cannot_rename_refuse_it():
    class Unnamed(LabelledTask):
        kind: str = "unnamed"

    with pytest.raises(ValidationError, match="cannot be renamed"):
        Unnamed(question="Which?", labels=LABELS)


def test_without_a_renamed_label_nothing_changes():
    task = Classification(question="Which?", labels=["a", "b"])

    assert renaming_of(task) is None
    assert as_asked(task) is task
