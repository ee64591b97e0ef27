import math

import pytest
from pydantic import ValidationError
from scripted import SENTIMENT

from act_spec import registry
from act_spec.records import Annotation
from act_spec.strategies.annotators.recorded import recorded
from act_spec.tasks.classification import Classification
from act_spec.tasks.multilabel import Multilabel


def settle(label, **row):
    lookup = recorded(label="l", confidence="c")
    return lookup.settle([{"label": label, **row}], SENTIMENT, None)


def test_names_the_columns_and_rows_that_it_needs():
    lookup = recorded(label="l", confidence="c", source="m.parquet", where={"model": "x"}, id="key")

    assert lookup.columns == {"label": "l", "confidence": "c"}
    assert (lookup.source, lookup.where, lookup.id, lookup.many) == (
        "m.parquet",
        {"model": "x"},
        "key",
        False,
    )


def test_without_a_source_it_reads_the_data_by_its_own_id():
    lookup = recorded(label="l")

    assert (lookup.source, lookup.id, dict(lookup.where)) == (None, "", {})
    assert lookup.columns == {"label": "l"}


def test_takes_label_and_confidence():
    assert settle("Positive ", confidence=0.9) == Annotation("positive", confidence=0.9)


@pytest.mark.parametrize("label", [None, "", "mixed", math.nan])
def test_a_cell_without_a_label_of_the_task_is_invalid(label):
    reason = "'mixed' is no label of the task" if label == "mixed" else "no label is recorded"
    assert settle(label, confidence=0.9) == Annotation(None, rationale=reason, status="invalid")


def test_an_item_without_a_row_is_invalid():
    assert recorded(label="l").settle([], SENTIMENT, None) == Annotation(
        None, rationale="no label is recorded", status="invalid"
    )


@pytest.mark.parametrize("confidence", [None, math.nan, math.inf, -0.1, 1.01, "sure", True])
def test_an_impossible_confidence_is_dropped_and_the_label_stands(confidence):
    assert settle("positive", confidence=confidence) == Annotation("positive")


def test_a_confidence_in_text_is_a_number():
    assert settle("positive", confidence="0.25").confidence == 0.25


@pytest.mark.parametrize("cell", [1, 1.0, "1"])
def test_whole_numbers_are_labels_however_they_were_stored(cell):
    stars = Classification(question="How many stars?", labels={"1": {}, "2": {}})

    assert recorded(label="l").settle([{"label": cell}], stars, None).label == "1"


def test_lists_are_labels_of_kinds_made_of_several():
    topics = Multilabel(question="Which?", labels={"a": {}, "b": {}})

    for cell in (["b", "a"], '["b", "a"]', "b; a"):
        assert recorded(label="l").settle([{"label": cell}], topics, None).label == '["a","b"]'


def test_a_recipe_must_name_the_label_and_may_not_misspell_the_rest():
    schema = registry.parameters(registry.find("annotator", "recorded"))

    assert schema.model_validate({"label": "l", "where": {"model": "x"}})
    for wrong in ({}, {"label": "l", "confidense": "c"}):
        with pytest.raises(ValidationError):
            schema.model_validate(wrong)


def test_several_answers_of_an_item_are_votes_and_settle():
    lookup = recorded(label="l", member="who")
    rows = [
        {"label": label, "member": who}
        for who, label in [("a", "positive"), ("b", "negative"), ("a", "positive"), ("c", "?")]
    ]
    made = lookup.settle(rows, SENTIMENT, None)

    assert lookup.many
    assert made.label == "positive"
    assert made.confidence == pytest.approx(2 / 4)
    assert [(vote.member, vote.sample, vote.label) for vote in made.votes] == [
        ("a", 0, "positive"),
        ("b", 0, "negative"),
        ("a", 1, "positive"),
        ("c", 0, None),
    ]
    assert lookup.settle([], SENTIMENT, None).status == "invalid"
