import pytest

from act_spec.documents.quality_pictures import MOST_BARS, quality_picture, reliability_picture
from act_spec.documents.run_facts import LabelQuality, Reliability
from act_spec.strategies.estimators.label_quality import Estimate
from act_spec.strategies.estimators.reliability import Bin

LOW, HIGH = Bin(0.1, 0.2, 0.1, 0.4, 0.75, 30), Bin(0.9, 0.5, 0.3, 0.7, 0.25, 12)


def test_a_group_lies_where_its_two_shares_put_it():
    picture = reliability_picture([Reliability("as judged", (LOW, HIGH), 0.175)])

    mark = picture["series"][0]["marks"][1]
    assert mark["x"] == picture["left"] + 0.9 * (picture["right"] - picture["left"])
    assert mark["y"] == pytest.approx((picture["base"] + picture["top"]) / 2)
    assert mark["low_y"] > mark["y"] > mark["high_y"]


def test_the_sentence_weighs_groups_by_the_items_that_they_stand_for():
    said = reliability_picture([Reliability("as judged", (LOW, HIGH), 0.175)])["description"]

    # 0.75 * 10% + 0.25 * 90%, and 0.75 * 20% + 0.25 * 50%.
    assert "30.0% error probability where reviews find 27.5% wrong" in said


def test_raw_and_calibrated_scores_have_different_marks():
    told = [Reliability("as judged", (LOW,), 0.1), Reliability("calibrated", (HIGH,), 0.0)]

    assert [one["mark"] for one in reliability_picture(told)["series"]] == ["circle", "square"]


def rows_of(number):
    return [LabelQuality(f"label {index}", 10, 3, Estimate(0.8, 0.5, 0.9)) for index in range(number)]


def test_a_bar_reaches_from_low_to_high():
    picture = quality_picture(rows_of(1))

    bar = picture["bars"][0]
    width = picture["right"] - picture["left"]
    assert bar["low_x"] == picture["left"] + 0.5 * width
    assert bar["high_x"] == picture["left"] + 0.9 * width


def test_many_labels_stay_in_the_table():
    picture = quality_picture(rows_of(MOST_BARS + 5))

    assert (len(picture["bars"]), len(picture["table"])) == (MOST_BARS, MOST_BARS + 5)


def test_a_label_without_an_estimate_has_no_bar_and_says_why():
    picture = quality_picture([LabelQuality("rare", 2, 0, None, "no real chance of review")])

    assert picture["bars"] == []
    assert picture["table"][0]["note"] == "no real chance of review"
    assert picture["description"] == "The reviews do not tell how right the labels are."


def test_a_long_name_is_cut_in_the_picture_alone():
    picture = quality_picture([LabelQuality("x" * 200, 2, 1, Estimate(0.5, 0.1, 0.9))])

    assert len(picture["bars"][0]["name"]) < 30
    assert picture["table"][0]["label"] == "x" * 200
