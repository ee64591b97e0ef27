from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError
from scipy.stats import spearmanr

from act_spec.records import Labelled
from act_spec.tasks.parts.numbers import average_ranks, pearson
from act_spec.tasks.rating import Rating

TWO = {
    "criteria": {
        "clarity": "How clear it is.",
        "solved": {"scale": "binary"},
        "length": {"scale": [0, 10], "whole": False},
    }
}


def make(**changed: Any) -> Rating:
    return Rating.model_validate({"question": "How good is it?", **changed})


@pytest.mark.parametrize("value", [4, "4", 4.0, " 4 ", "4/5", "4 out of 5", "4,0"])
def test_a_number_is_read_however_it_is_written(value):
    assert make().parse(value) == "4"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (6, "6 is not on the scale from 1 to 5"),
        (0, "0 is not on the scale"),
        (3.5, "3.5 is not a whole number"),
        ("4/10", "'4/10' is not a number from 1 to 5"),
        ("good", "'good' is not a number"),
        (None, "'None' is not a number"),
        (True, "'True' is not a number"),
    ],
)
def test_what_is_not_on_the_scale_is_no_rating(value, words):
    with pytest.raises(ValueError, match=".") as caught:
        make().parse(value)

    assert words in str(caught.value)


def test_criteria_have_scales_of_their_own():
    label = make(**TWO).parse({"Clarity": 4, "solved": "yes", "length": 2.5})

    assert json.loads(label) == {"clarity": 4, "solved": 1, "length": 2.5}
    assert make(**TWO).show(label) == "clarity: 4; solved: 1; length: 2.5"
    assert make(**TWO).read("clarity: 4; solved: 1; length: 2.5") == label
    assert make(**TWO).read("4; yes; 2.5") == label
    assert make(**TWO).read(label) == label


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("clarity: 4", "there is no rating of solved, length"),
        ("clarity: 4; solved: 1; length: 2; beauty: 3", "'beauty' is not one of the criteria"),
        ("{", "begins like a JSON object"),
        ("clarity: 9; solved: 1; length: 2", "9 is not on the scale"),
    ],
)
def test_a_cell_that_lacks_a_criterion_is_an_error(cell, words):
    with pytest.raises(ValueError, match=".") as caught:
        make(**TWO).read(cell)

    assert words in str(caught.value)


def test_distance_is_the_difference_in_lengths_of_the_scale():
    """A quarter of the first scale, all of the second, a tenth of the third."""
    one = make(**TWO).parse({"clarity": 4, "solved": 1, "length": 2.5})
    other = make(**TWO).parse({"clarity": 5, "solved": 0, "length": 3.5})

    assert make(**TWO).distance(one, other) == pytest.approx((0.25 + 1 + 0.1) / 3)
    assert make().distance("1", "5") == 1


def test_ratings_within_the_tolerance_are_the_same_answer():
    assert make().exact
    assert not make(tolerance=1).exact
    assert make(tolerance=1).same("4", "5")
    assert not make(tolerance=1).same("3", "5")
    assert not make().same("4", "5")


def test_votes_settle_on_the_median():
    assert make().settle(["1", "4", "5"]) == "4"
    assert make().settle(["3", "4"]) == "3"
    assert make(whole=False).settle(["3", "4"]) == "3.5"


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"scale": [5, 1]}, ("scale",)),
        ({"criteria": {"a": {"scale": [3, 3]}}}, ("criteria", "a", "scale")),
        ({"anchors": {"7": "perfect"}}, ("anchors", "7")),
        ({"criteria": {"a": {"tolerance": -1}}}, ("criteria", "a", "tolerance")),
    ],
)
def test_a_scale_rises_and_holds_its_anchors(changed, where):
    with pytest.raises(ValidationError) as caught:
        make(**changed)

    assert caught.value.errors()[0]["loc"] == where


def test_the_instruction_says_what_numbers_stand_for():
    said = make(anchors={"1": "Useless.", "5": "Perfect."}, tolerance=1).answer_instruction()

    assert "from 1 to 5 in whole numbers (1: Useless; 5: Perfect. one within 1" in said


def test_means_have_intervals_and_errors_are_told_by_criterion():
    rows = [
        Labelled(str(number), machine, gold, gold)
        for number, (machine, gold) in enumerate([("1", "2"), ("4", "4"), (None, "3")])
    ]
    found = {one.name: one for one in make().figures(rows)}

    assert found["mean"].value == pytest.approx(3)
    assert 2 <= (found["mean"].low or 0) <= 3 <= (found["mean"].high or 0) <= 4
    assert found["machine_mean_absolute_error"].value == pytest.approx(0.5)
    assert found["final_mean_absolute_error"].value == 0


def test_spearman_is_scipys():
    one, other = [1, 2, 2, 5, 3, 3], [1, 1, 4, 4, 2, 5]

    assert pearson(average_ranks(make_array(one)), average_ranks(make_array(other))) == pytest.approx(
        spearmanr(one, other).statistic
    )
    assert pearson(make_array([1, 1]), make_array([1, 2])) is None


def make_array(values: list[int]) -> Any:
    import numpy as np

    return np.array(values, dtype=float)


def test_training_sees_places_on_the_scale():
    form = make(**TWO).target_form()

    assert list(form.encode('{"clarity":3,"solved":1,"length":2.5}')) == [0.5, 1.0, 0.25]
    assert json.loads(form.decode([0.6, 0.4, 1.2])) == {"clarity": 3, "solved": 0, "length": 10}
