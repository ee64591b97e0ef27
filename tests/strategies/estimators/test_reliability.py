import numpy as np
import pytest

from act_spec.strategies.estimators.reliability import expected_calibration_error, reliability


def test_bins_show_probability_beside_share() -> None:
    """Ten items said 0.2, three wrong; ten said 0.8, nine wrong."""
    probability, wrong = np.repeat([0.2, 0.8], 10), np.repeat([1.0, 0.0, 1.0, 0.0], [3, 7, 9, 1])
    low, high = reliability(probability, wrong, np.ones(20), bins=2)

    assert (low.probability, low.share, low.mass, low.count) == pytest.approx((0.2, 0.3, 0.5, 10))
    assert (high.probability, high.share, high.mass, high.count) == pytest.approx((0.8, 0.9, 0.5, 10))
    assert expected_calibration_error(probability, wrong, np.ones(20), bins=2) == pytest.approx(0.1)


def test_a_bins_interval_is_clopper_and_pearsons() -> None:
    """3 of 10: 0.0667 to 0.6525."""
    (only,) = reliability(np.full(10, 0.2), np.repeat([1.0, 0.0], [3, 7]), np.ones(10))

    assert (only.low, only.high) == pytest.approx((0.0667, 0.6525), abs=1e-4)


def test_weights_speak_for_the_items_that_were_not_reviewed() -> None:
    """A reviewed error of weight 1 and a right label of weight 3 are a share of 1/4."""
    weight = np.array([1.0, 3.0, 0.0])
    (only,) = reliability(np.full(3, 0.5), np.array([1, 0, np.nan]), weight)

    assert only.share == pytest.approx(0.25)
    assert only.count == 2


def test_bins_hold_about_equal_weight() -> None:
    rng = np.random.default_rng(0)
    weight = rng.random(1000) + 0.1
    masses = [part.mass for part in reliability(rng.random(1000), np.zeros(1000), weight)]

    assert masses == pytest.approx([0.1] * 10, abs=0.003)


def test_ties_share_a_bin() -> None:
    """Three answers that a model gives all the time make three bins, whatever is asked for."""
    probability = np.repeat([0.05, 0.1, 0.9], [70, 20, 10])

    assert [part.count for part in reliability(probability, np.zeros(100), np.ones(100))] == [70, 20, 10]


def test_failed_judgements_are_left_out() -> None:
    assert reliability(np.array([np.nan, 0.4]), np.array([1.0, 0.0]), np.ones(2))[0].count == 1


def test_without_reviews_there_is_no_error_to_state() -> None:
    assert reliability(np.array([0.5]), np.array([np.nan]), np.zeros(1)) == []
    with pytest.raises(ValueError, match="nothing has been reviewed yet"):
        expected_calibration_error(np.array([0.5]), np.array([np.nan]), np.zeros(1))
