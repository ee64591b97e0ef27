import pytest

from act_spec.documents.pictures import gain_at, gain_picture, suspicion_picture
from act_spec.documents.run_facts import SuspicionBin

CURVE = ((0.0, 0.0), (0.2, 0.6), (1.0, 1.0))


@pytest.mark.parametrize(("share", "expected"), [(0, 0), (0.1, 0.3), (0.2, 0.6), (0.6, 0.8), (1, 1)])
def test_the_curve_is_straight_between_its_points(share, expected):
    assert gain_at(CURVE, share) == pytest.approx(expected)


def points(line):
    return [tuple(map(float, point.split(","))) for point in line.split()]


def test_the_perfect_judge_reaches_all_mistakes_at_the_error_rate():
    picture = gain_picture(CURVE, 0.25, 0.1)

    corner = points(picture["perfect"])[1]
    assert corner == (picture["left"] + 0.25 * (picture["right"] - picture["left"]), picture["top"])


def test_the_dot_is_what_the_run_found_not_what_the_order_would_have():
    drawn, ordered = gain_picture(CURVE, 0.25, 0.2, 0.4), gain_picture(CURVE, 0.25, 0.2)

    assert drawn["budget_y"] > ordered["budget_y"]
    assert "found 40.0%" in drawn["description"]


def test_the_budget_has_its_row_in_the_table():
    rows = gain_picture(CURVE, 0.25, 0.12)["table"]

    assert [row["share"] for row in rows if row["budget"]] == ["12.0%"]


def test_a_long_curve_keeps_its_ends():
    curve = [(step / 10_000, step / 10_000) for step in range(10_001)]

    line = points(gain_picture(curve, 0.5, 0.1)["curve"])

    assert len(line) < 500
    assert (line[0], line[-1]) == (
        points(gain_picture(CURVE, 0.5, 0.1)["curve"])[0],
        points(gain_picture(CURVE, 0.5, 0.1)["curve"])[-1],
    )


def test_one_item_among_thousands_stays_visible():
    bars = suspicion_picture([SuspicionBin(0.0, 0.5, 100_000, 0), SuspicionBin(0.5, 1.0, 1, 1)])["bars"]

    assert bars[1]["items_height"] >= 2
    assert bars[0]["reviewed_height"] == 0
