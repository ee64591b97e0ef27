from scripted import SENTIMENT

from act_spec import registry
from act_spec.records import Annotation
from act_spec.strategies.annotators.column import column


def test_takes_the_label_from_the_data():
    lookup = column(column="stage")

    assert (lookup.columns, lookup.source) == ({"label": "stage"}, None)
    assert lookup.settle([{"label": "negative"}], SENTIMENT, None) == Annotation("negative")


def test_declares_that_it_calls_no_model():
    traits = registry.find("annotator", "column").traits

    assert traits == {"calls": 0, "prompts": (), "lookup": True}
