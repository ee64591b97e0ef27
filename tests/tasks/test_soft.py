from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from act_spec.records import Labelled
from act_spec.tasks.soft import Soft


def make(**changed: Any) -> Soft:
    return Soft.model_validate(
        {"question": "How is it taken?", "labels": ["warm", "cold", "mixed"], **changed}
    )


@pytest.mark.parametrize(
    "value",
    [
        {"warm": 0.5, "cold": 0.3, "mixed": 0.2},
        {"warm": 50, "cold": 30, "mixed": 20},
        {"WARM": "50%", "cold": "30 %", "mixed": "20%"},
        "warm: 50%; cold: 30%; mixed: 0.2",
        '{"warm": 0.5, "cold": 0.3, "mixed": 0.2}',
    ],
)
def test_shares_are_read_however_they_are_written(value):
    assert json.loads(make().parse(value)) == {"warm": 0.5, "cold": 0.3, "mixed": 0.2}


def test_shares_that_were_rounded_are_scaled():
    shares = json.loads(make().parse({"warm": 0.33, "cold": 0.33, "mixed": 0.33}))

    assert sum(shares.values()) == pytest.approx(1, abs=2e-6)


@given(st.lists(st.integers(1, 10**6), min_size=3, max_size=3))
def test_a_label_that_is_parsed_again_stays_as_it_is(weights):
    """Digits that rounding lost are not made up for a second time: keys and equality are of the text."""
    shares = [weight / sum(weights) for weight in weights]
    label = make().parse(dict(zip(["warm", "cold", "mixed"], shares, strict=True)))

    assert make().parse(label) == label


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"warm": 0.5, "cold": 0.2}, "sum to 0.7, and not to 1"),
        ({"warm": 1.2, "cold": -0.2}, "a share is at least 0"),
        ({"warm": "much"}, "'much' is not a share"),
        ({"hot": 1}, "'hot' is not one of the labels"),
        ([0.5, 0.5], "is not a share for each label"),
        ("{", "begins like a JSON object"),
        (None, "is not a share for each label"),
    ],
)
def test_what_is_no_distribution_is_no_answer(value, words):
    with pytest.raises(ValueError, match=".") as caught:
        make().parse(value)

    assert words in str(caught.value)


def test_one_label_has_all_and_of_two_a_number_is_the_first_ones():
    assert json.loads(make().parse("Cold")) == {"warm": 0, "cold": 1, "mixed": 0}
    assert json.loads(make(labels=["yes", "no"]).read("0.75")) == {"yes": 0.75, "no": 0.25}
    assert json.loads(make(labels=["yes", "no"]).parse(0.75)) == {"yes": 0.75, "no": 0.25}


def test_distance_is_total_variation_and_the_tolerance_bounds_it():
    one, other = make().parse("warm: 60%; cold: 40%"), make().parse("warm: 45%; cold: 40%; mixed: 15%")

    assert make().distance(one, other) == pytest.approx(0.15)
    assert make(tolerance=0.15).same(one, other)
    assert not make(tolerance=0.1).same(one, other)


def test_samples_of_single_labels_settle_on_their_shares():
    task = make(expression="sampled")
    votes = [task.parse(label) for label in ("warm", "warm", "cold", "warm")]

    assert task.answer_schema()["enum"] == ["warm", "cold", "mixed"]
    assert json.loads(task.settle(votes)) == {"warm": 0.75, "cold": 0.25, "mixed": 0}


def test_what_is_shown_is_read_back():
    label = make().parse("warm: 61.5%; cold: 38.5%")

    assert make().read(make().show(label)) == label


def figures(machine: list[str], gold: list[str]) -> dict[str, float | None]:
    task = make(labels=["yes", "no"])
    rows = [
        Labelled(str(n), task.read(one), task.read(one), task.read(known))
        for n, (one, known) in enumerate(zip(machine, gold, strict=True))
    ]
    return {one.name: one.value for one in task.figures(rows)}


def test_a_predictor_without_doubts_has_no_variance_correlation():
    found = figures(["1", "0", "1"], ["0.8", "0.3", "0.5"])

    assert found["machine_variance_correlation"] is None
    assert found["machine_distribution_gap"] == pytest.approx((0.2 + 0.3 + 0.5) / 3)


def test_variances_that_rise_together_correlate():
    """Of two labels 1 - sum of squares is 2 p (1 - p): .18, .42, .5 against .32, .48, .5."""
    found = figures(["0.1", "0.3", "0.5"], ["0.2", "0.4", "0.5"])

    assert found["machine_variance_correlation"] == pytest.approx(
        0.03253 / (0.05547 * 0.01947) ** 0.5, abs=1e-3
    )


def test_training_sees_the_distribution():
    form = make().target_form()

    assert sum(form.encode(make().parse("warm: 33%; cold: 33%; mixed: 34%"))) == pytest.approx(1)
    assert json.loads(form.decode([0.2, 0.2, 0.6])) == {"warm": 0.2, "cold": 0.2, "mixed": 0.6}
