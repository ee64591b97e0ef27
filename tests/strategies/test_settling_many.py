"""Recorded answers of many items are settled a column at a time; one at a time they come to the same."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scripted import SENTIMENT

from act_spec.records import Annotation, Judgment
from act_spec.strategies.annotators.recorded import recorded as annotator
from act_spec.strategies.judges.confidence import confidence
from act_spec.strategies.judges.recorded import recorded as judge
from act_spec.tasks.multilabel import Multilabel

TOPICS = Multilabel(question="Which?", labels={"price": "", "battery": ""}, none="allowed")
TASKS: dict[str, Any] = {"classification": SENTIMENT, "multilabel": TOPICS}
LABELS = {
    "classification": ["positive", "Negative ", "neutral", "other", "", None],
    "multilabel": ["price", "battery, price", '["price", "battery"]', "[]", "[", "other", None],
}
NUMBERS = st.sampled_from(["0", "1", "0.25", " 0.5 ", "1e-3", "1.01", "-0", "nan", "inf", "sure", "", None])
LOOKUPS: dict[str, Any] = {
    "a label": annotator(label="l"),
    "a label with its confidence": annotator(label="l", confidence="c"),
    "own confidence": judge(as_="own_confidence", confidence="c"),
    "the annotation's confidence": judge(as_="own_confidence"),
    "error probability": judge(as_="error_probability", error_probability="p"),
    "second opinion": judge(as_="second_opinion", label="l"),
    "second opinion with its confidence": judge(as_="second_opinion", label="l", confidence="c"),
    "confidence": confidence(),
}


def fields(record):
    """A record as the table has it; what is None is left out."""
    if isinstance(record, Annotation):
        repairs = json.dumps(dict(record.repairs)) if record.repairs else None
        row = {
            "label": record.label,
            "confidence": record.confidence,
            "rationale": record.rationale,
            "status": record.status,
            "repairs": repairs,
        }
    else:
        assert isinstance(record, Judgment)
        row = {
            "error_probability": record.error_probability,
            "suggested_label": record.suggested_label,
            "rationale": record.rationale,
            "status": record.status,
        }
    return {name: value for name, value in row.items() if value is not None}


@pytest.mark.parametrize("kind", TASKS)
@pytest.mark.parametrize("name", LOOKUPS)
@given(data=st.data())
@settings(max_examples=20)
def test_many_at_once_are_what_each_is_alone(name, kind, data):
    lookup, task = LOOKUPS[name], TASKS[kind]
    label = st.sampled_from(LABELS[kind])
    own = st.sampled_from([task.parse(one) for one in LABELS[kind][:2]])
    rows = data.draw(
        st.lists(st.tuples(label, NUMBERS, own, st.sampled_from([None, 0.0, 0.7])), min_size=1, max_size=8)
    )
    cells = {column: [row[0] if column == "label" else row[1] for row in rows] for column in lookup.columns}

    made = lookup.settle_all(
        cells, task, {"label": [row[2] for row in rows], "confidence": [row[3] for row in rows]}
    )

    for number, (_, _, label_, confidence_) in enumerate(rows):
        row = {column: values[number] for column, values in cells.items()}
        alone = lookup.settle([row], task, Annotation(label_, confidence=confidence_))
        together = {field: values[number] for field, values in made.items() if values[number] is not None}
        assert together == fields(alone)


@pytest.mark.parametrize("name", [name for name, lookup in LOOKUPS.items() if lookup.columns])
def test_an_item_without_a_row_is_one_with_empty_cells(name):
    lookup = LOOKUPS[name]
    empty = {column: [None] for column in lookup.columns}

    made = lookup.settle_all(empty, SENTIMENT, {"label": ["positive"], "confidence": [0.5]})

    alone = fields(lookup.settle([], SENTIMENT, Annotation("positive", confidence=0.5)))
    assert {field: values[0] for field, values in made.items() if values[0] is not None} == alone
