import pytest
from pydantic import ValidationError

from act_spec.records import Labelled
from act_spec.tasks.classification import Classification

KIND = Classification(question="Which?", labels=["Yes", "no", "1"])


@pytest.mark.parametrize(("value", "label"), [("Yes", "Yes"), (" yes ", "Yes"), ("NO", "no"), (1, "1")])
def test_forgives_case_and_white_space(value, label):
    assert KIND.parse(value) == KIND.read(str(value)) == label


@pytest.mark.parametrize("value", ["", "maybe", "Yes, no", None])
def test_refuses_what_is_no_label_and_names_those_that_are(value):
    with pytest.raises(ValueError, match="Yes, no, 1"):
        KIND.parse(value)


def test_distance_is_0_or_1():
    assert (KIND.distance("no", "no"), KIND.distance("no", "Yes")) == (0, 1)


def test_votes_settle_by_plurality_and_ties_by_the_recipes_order():
    assert KIND.settle(["1", "no", "1"]) == "1"
    assert KIND.settle(["1", "no"]) == "no"


@pytest.mark.parametrize(
    "fields", [{"labels": ["a"]}, {"labels": ["a", "b"], "none": "c"}, {"labels": []}, {"labels": ["a", "a"]}]
)
def test_labels_that_cannot_work_are_refused(fields):
    with pytest.raises(ValidationError):
        Classification(question="Which?", **fields)


def test_training_sees_one_of_the_labels():
    form = KIND.target_form()

    assert (form.head, form.names) == ("classes", ("Yes", "no", "1"))
    assert form.encode("no") == [0, 1, 0]
    assert form.decode([0.2, 0.3, 0.5]) == "1"


STEPS = Classification.model_validate(
    {"question": "How grave?", "labels": ["none", "slight", "grave", "deadly"], "ordered": True}
)


def test_ordered_labels_are_steps_of_a_scale():
    assert STEPS.distance("none", "deadly") == 1
    assert STEPS.distance("slight", "grave") == pytest.approx(1 / 3)
    assert STEPS.settle(["none", "grave", "deadly"]) == "grave"
    assert STEPS.settle(["slight", "deadly"]) == "slight"
    assert "steps from none to deadly" in STEPS.answer_instruction()


def test_of_ordered_labels_the_steps_from_the_known_ones_are_told():
    rows = [Labelled("1", "none", "grave", "grave"), Labelled("2", "slight", "slight", "slight")]
    found = {one.name: one.value for one in STEPS.figures(rows)}

    assert found["machine_mean_absolute_error"] == 1
    assert found["final_mean_absolute_error"] == 0
    assert "mean" not in found


def test_a_scale_has_no_label_for_none():
    with pytest.raises(ValidationError, match="no step of a scale"):
        Classification.model_validate({"question": "?", "labels": ["a", "b"], "ordered": True, "none": "a"})


def test_an_option_at_its_default_leaves_no_trace_in_hashes():
    plain = Classification.model_validate({"question": "?", "labels": ["a", "b"]})

    assert "ordered" not in plain.model_dump(mode="json")
    assert STEPS.model_dump(mode="json")["ordered"] is True
