"""What trained models are worth, as a picture and a table."""

import pytest

from act_spec.documents.training_facts import TrainedArm, TrainingFacts
from act_spec.documents.training_picture import points, training_picture


def facts(*arms):
    return TrainingFacts("linear.v1", "text as words", "known answers", 40, 2, arms, ("It helps.",), "Drawn.")


def arm(name, role, reviews, mean, sd, *, own=True, behind=None):
    return TrainedArm(name, role, reviews, own, mean, sd, behind)


HUMAN = arm("all human labels", "human", None, 0.9, 0.01)
MACHINE = arm("machine labels alone", "machine", None, 0.7, 0.02, behind=(0.2, 0.1, 0.3))
PLAIN = arm("delivered", "delivered", 50, 0.8, None)
CURVE = [
    arm("delivered", "delivered", reviews, score, 0.01, own=False)
    for reviews, score in ((25, 0.75), (100, 0.85))
]


def test_better_scores_lie_higher_and_more_reviews_further_right():
    made = training_picture(facts(HUMAN, MACHINE, PLAIN, *CURVE))
    human, machine = made["lines"]
    own, few, many = made["series"][0]["marks"]

    assert human["y"] < machine["y"]
    assert few["x"] < own["x"] < many["x"]
    assert many["y"] < own["y"] < few["y"]
    assert few["high_y"] < few["y"] < few["low_y"]
    assert made["series"][0]["line"].count(",") == 2


def test_everything_lies_inside_the_picture():
    far = arm("x", "corrected", 1000, 0.999, 0.3, own=False)
    made = training_picture(facts(HUMAN, MACHINE, PLAIN, *CURVE, far))

    for series in made["series"]:
        for mark in series["marks"]:
            assert made["left"] <= mark["x"] <= made["right"]
            assert made["top"] <= mark["high_y"] <= mark["low_y"] <= made["base"]
    assert 2 <= len(made["levels"]) <= 10


def test_one_score_alone_can_be_drawn():
    made = training_picture(facts(arm("machine labels alone", "machine", None, 0.5, None)))

    assert made["series"] == []
    assert made["ticks"] == [{"x": pytest.approx(72), "text": "0"}]


def test_the_table_says_the_same():
    made = training_picture(facts(MACHINE, PLAIN))

    assert made["table"] == [
        {
            "name": "machine labels alone",
            "reviews": "",
            "own": "this\u00a0run",
            "score": "70.0% ± 2.0",
            "behind": "+20.0 points [+10.0, +30.0]",
        },
        {"name": "delivered", "reviews": "50", "own": "this\u00a0run", "score": "80.0%", "behind": ""},
    ]


def test_a_difference_without_an_interval():
    assert points(-0.012, None, None) == "-1.2 points"
