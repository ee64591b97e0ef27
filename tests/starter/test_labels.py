import pytest

from act_spec.starter.labels import are_labels, label_fault


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["only"], "at least two"),
        ([], "at least two"),
        (["a", "A"], "differ only in case"),
        (["a", "a"], "stands twice"),
        (["a", " "], "cannot be empty"),
        (["a", "b\nc"], "line break"),
        (["a", "b\x1b"], "control character"),
        (["a", "b" * 300], "longer than"),
    ],
)
def test_names_that_cannot_be_labels_are_refused_in_one_sentence(names, said):
    assert said in label_fault(names)


def test_two_names_can_be_labels():
    assert label_fault(["yes", "1"]) == ""


def test_answers_are_labels_whatever_their_case():
    assert are_labels(["Pos", "neg "], ["pos", "neg", "mixed"])
    assert not are_labels(["pos", "1"], ["pos", "neg"])
