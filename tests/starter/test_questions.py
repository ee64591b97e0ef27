import click
import pytest

from act_spec.starter.propose import Draft
from act_spec.starter.questions import columns_from, labels_from, reviews_from

DRAFT = Draft(
    "mine", "a.csv", ("title", "body", "a, b", "label"), "body", "Which?", ("body",), ("x", "y"), gold="label"
)


def test_columns_are_named_with_commas_between_them():
    assert columns_from("title, body, title", DRAFT) == ("title", "body")
    assert columns_from("a, b", DRAFT) == ("a, b",)
    assert columns_from('body, "a, b"', DRAFT) == ("body", "a, b")


@pytest.mark.parametrize(
    ("text", "said"),
    [(" ", "at least one"), ("bodi", "Did you mean 'body'?"), ("body, label", "known answers")],
)
def test_columns_that_cannot_be_shown_are_asked_again(text, said):
    with pytest.raises(click.BadParameter, match=said.replace("?", r"\?")):
        columns_from(text, DRAFT)


def test_labels_are_checked_at_once():
    assert labels_from("a, b") == ("a", "b")
    with pytest.raises(click.BadParameter, match="at least two"):
        labels_from("a")


@pytest.mark.parametrize(("text", "reviews"), [("10%", "10%"), (" 12 ", "12"), ("2.5 %", "2.5%")])
def test_reviews_are_a_share_or_a_number(text, reviews):
    assert reviews_from(text, 100) == reviews


@pytest.mark.parametrize("text", ["0.1", "many", "101", "101%"])
def test_reviews_that_cannot_be_are_asked_again(text):
    with pytest.raises(click.BadParameter):
        reviews_from(text, 100)
