import math

import pytest
from scripted import SENTIMENT

from act_spec.records import Annotation, Judgment
from act_spec.registry import find, parameters
from act_spec.strategies.judges.recorded import recorded
from act_spec.tasks.classification import Classification
from act_spec.tasks.multilabel import Multilabel

ANNOTATION = Annotation("positive", confidence=0.75)


def failed(reason):
    return Judgment(None, rationale=reason, status="invalid")


OUTSIDE = [None, math.nan, math.inf, -0.01, 1.01, "sure", True]


def judge(lookup, *rows, task=SENTIMENT, annotation=ANNOTATION):
    return lookup.settle(rows, task, annotation)


def test_own_confidence_is_read_from_a_column():
    lookup = recorded(as_="own_confidence", source="m.parquet", confidence="c")

    assert lookup.columns == {"confidence": "c"}
    assert judge(lookup, {"confidence": 0.9}).error_probability == pytest.approx(0.1)


def test_own_confidence_without_a_column_is_the_annotations():
    lookup = recorded(as_="own_confidence")

    assert not lookup.columns
    assert judge(lookup) == Judgment(0.25)
    assert judge(lookup, annotation=Annotation("positive")) == failed("the annotation has no confidence")


def test_own_confidence_of_a_missing_row_is_not_taken_from_the_annotation():
    assert judge(recorded(as_="own_confidence", source="m.parquet", confidence="c")) == failed(
        "no value is recorded"
    )


def test_error_probability_is_the_column():
    lookup = recorded(as_="error_probability", error_probability="p_wrong")

    assert judge(lookup, {"error_probability": 0.3}) == Judgment(0.3)
    assert judge(lookup) == failed("no value is recorded")


@pytest.mark.parametrize("value", OUTSIDE)
@pytest.mark.parametrize("reading", ["own_confidence", "error_probability"])
def test_a_number_that_is_no_probability_is_a_failed_judgment(reading, value):
    column = "confidence" if reading == "own_confidence" else reading
    lookup = find("judge", "recorded").build(as_=reading, **{column: "column"})

    reason = "no value is recorded" if value is None else f"'{value}' is no number from 0 to 1"
    assert judge(lookup, {column: value}) == failed(reason)


@pytest.mark.parametrize(
    ("label", "confidence", "expected"),
    [("positive", 0.9, 0.1), ("negative", 0.9, 0.9), ("positive", 1, 0.0), ("negative", 0.5, 0.5)],
)
def test_a_second_opinion_counts_by_its_confidence(label, confidence, expected):
    """d*c + (1 - d)*(1 - c): agreement gives 1 - c, disagreement gives c."""
    lookup = recorded(as_="second_opinion", label="l", confidence="c")

    judgment = judge(lookup, {"label": label, "confidence": confidence})

    assert judgment.error_probability == pytest.approx(expected)
    assert judgment.suggested_label == label


def test_a_second_opinion_without_confidence_is_0_or_1():
    lookup = recorded(as_="second_opinion", label="l")

    assert judge(lookup, {"label": "positive"}) == Judgment(0.0, "positive")
    assert judge(lookup, {"label": "negative"}) == Judgment(1.0, "negative")


def test_a_second_opinion_of_a_graded_kind_weighs_the_distance():
    """One of two labels shared: d = 1/2, so any confidence gives 1/2; d = 2/3 with c = 0.9 gives 19/30."""
    topics = Multilabel(question="Which?", labels={"a": {}, "b": {}, "c": {}})
    lookup = recorded(as_="second_opinion", label="l", confidence="c")

    half = judge(lookup, {"label": "a", "confidence": 0.9}, task=topics, annotation=Annotation('["a","b"]'))
    third = judge(
        lookup, {"label": "a; c", "confidence": 0.9}, task=topics, annotation=Annotation('["a","b"]')
    )

    assert half.error_probability == pytest.approx(0.5)
    assert third.error_probability == pytest.approx(19 / 30)


@pytest.mark.parametrize("label", [None, "mixed", math.nan])
def test_a_second_opinion_without_a_label_is_a_failed_judgment(label):
    lookup = recorded(as_="second_opinion", label="l", confidence="c")

    assert judge(lookup, {"label": label, "confidence": 0.9}) == failed(
        "'mixed' is no label of the task" if label == "mixed" else "no label is recorded"
    )


@pytest.mark.parametrize("confidence", OUTSIDE)
def test_a_second_opinion_with_an_impossible_confidence_is_a_failed_judgment(confidence):
    lookup = recorded(as_="second_opinion", label="l", confidence="c")

    judgment = judge(lookup, {"label": "negative", "confidence": confidence})

    assert (judgment.error_probability, judgment.status) == (None, "invalid")


def disagree(*votes, task=SENTIMENT):
    return judge(recorded(as_="disagreement", label="l"), *({"label": vote} for vote in votes), task=task)


@pytest.mark.parametrize(("against", "bits"), [(0, 0), (1, 0.5033), (2, 0.7642), (3, 0.9183), (4, 0.9911)])
def test_disagreement_of_two_labels_is_the_entropy_in_bits(against, bits):
    """Nine binary votes have the entropies published with CoAnnotating, and log2(2) = 1 scales nothing."""
    judgment = disagree(*["negative"] * against, *["positive"] * (9 - against))

    assert judgment.error_probability == pytest.approx(bits, abs=5e-5)
    assert judgment.suggested_label == "positive"


def test_disagreement_does_not_depend_on_the_order_of_the_votes():
    assert disagree("positive", "negative", "positive") == disagree("negative", "positive", "positive")


def test_a_vote_that_is_no_label_counts_as_a_class_of_its_own():
    """8 of 9 with one unreadable has the entropy of 8 to 1; 6/2/1 has 1.2244 bits and is cut at 1."""
    assert disagree(None, *["positive"] * 8).error_probability == pytest.approx(0.5033, abs=5e-5)
    assert disagree("?", *["negative"] * 2, *["positive"] * 6).error_probability == 1


def test_disagreement_is_scaled_by_the_answers_that_so_many_votes_can_give():
    """Three different votes are the most that three votes of four labels can differ."""
    kind = Classification(question="?", labels={"a": {}, "b": {}, "c": {}, "d": {}})

    assert disagree("a", "b", "c", task=kind).error_probability == pytest.approx(1)
    assert disagree("a", "a", "b", "b", task=kind).error_probability == pytest.approx(0.5)


def test_disagreement_of_a_kind_with_countless_answers_is_scaled_by_the_votes():
    topics = Multilabel(question="Which?", none="allowed", labels={"a": {}, "b": {}})

    assert disagree("a", "b", "a; b", "none", task=topics).error_probability == pytest.approx(1)


def test_a_single_vote_does_not_disagree():
    assert disagree("negative") == Judgment(0.0, "negative")


@pytest.mark.parametrize("votes", [[], [None, None], ["?", math.nan]])
def test_votes_without_any_label_are_a_failed_judgment(votes):
    assert disagree(*votes) == failed("no vote is a label of the task" if votes else "no vote is recorded")


def test_only_disagreement_takes_several_rows_an_item():
    assert recorded(as_="disagreement", label="l").many
    assert not recorded(as_="second_opinion", label="l").many


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"as_": "error_probability"}, "add `error_probability: COLUMN`"),
        ({"as_": "second_opinion", "confidence": "c"}, "add `label: COLUMN`"),
        ({"as_": "disagreement"}, "add `label: COLUMN`"),
        ({"as_": "own_confidence", "source": "m.csv"}, "add `confidence: COLUMN`"),
        ({"as_": "disagreement", "label": "l", "confidence": "c"}, "makes no use of `confidence`"),
        ({"as_": "own_confidence", "label": "l"}, "makes no use of `label`"),
    ],
)
def test_columns_that_do_not_suit_the_reading_are_named(parameters, said):
    with pytest.raises(ValueError, match=said):
        recorded(**parameters)


def test_a_recipe_writes_as():
    schema = parameters(find("judge", "recorded"))

    assert dict(schema.model_validate({"as": "second_opinion", "label": "l"}))["as_"] == "second_opinion"
