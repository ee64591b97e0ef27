import numpy as np
import pytest
from scipy.stats import norm

from act_spec.strategies.estimators.looks import information, next_batch, schedule, shared_alpha


def test_rounds_spend_the_budget() -> None:
    assert schedule(100, 30) == [30, 30, 30, 10]
    assert schedule(60, 30) == [30, 30]
    assert schedule(0, 30) == []


def test_later_rounds_add_a_fifth_of_what_is_reviewed() -> None:
    assert schedule(500, 50) == [50, 50, 50, 50, 50, 50, 60, 72, 68]
    assert len(schedule(50_000, 100)) < 40


def test_a_pilot_is_a_round_of_its_own() -> None:
    assert schedule(200, 50, pilot=60) == [60, 50, 50, 40]


def test_a_round_follows_from_what_is_reviewed() -> None:
    assert [next_batch(500, 50, reviewed) for reviewed in (0, 250, 300, 432, 500, 600)] == [
        50,
        50,
        60,
        68,
        0,
        0,
    ]


def test_a_batch_needs_a_review() -> None:
    with pytest.raises(ValueError, match="at least one review, not 0"):
        schedule(100, 0)


def test_information_adds_up_and_ends_with_the_last_item() -> None:
    """60 of 600, then 60 of 540: 60 / (600 * 540) and 60 / (540 * 480) more."""
    first = 60 / (600 * 540)

    assert information(600, [60, 60]) == pytest.approx([first, first + 60 / (540 * 480)])
    assert information(100, [50, 50])[-1] == np.inf


def test_a_single_look_takes_the_whole_chance() -> None:
    assert shared_alpha(np.array([1.0]), 0.05) == pytest.approx((0.05,), rel=1e-3)


def test_a_look_that_knows_nearly_all_of_the_next_costs_it_little() -> None:
    """Where two looks are nearly one, each may take nearly what both may; where they have nothing in common, half."""
    alike, apart = (shared_alpha(np.array([1.0, later]), 0.05) for later in (1.02, 1e9))

    assert alike[1] > 0.04
    assert apart == pytest.approx((0.025, 0.025), rel=0.03)


def test_looks_at_complete_information_risk_nothing() -> None:
    assert shared_alpha(np.array([1.0, np.inf]), 0.05) == pytest.approx((0.05, 0.05), rel=1e-3)


@pytest.mark.parametrize("batch", [25, 50, 150])
def test_together_they_claim_falsely_as_often_as_said(batch) -> None:
    """
    400,000 normal paths with the looks' own correlations: 5%, within four standard errors (0.14%).

    Also no level is below Bonferroni's, and the last is well above it.
    """
    known = information(1000, schedule(500, batch))
    levels = np.array(shared_alpha(known, 0.05))
    steps = np.diff(known, prepend=0.0)
    paths = np.random.default_rng(0).normal(size=(400_000, known.size)) * np.sqrt(steps)
    standardised = np.cumsum(paths, axis=1) / np.sqrt(known)

    claimed = (standardised >= norm.isf(levels)).any(axis=1).mean()

    assert claimed == pytest.approx(0.05, abs=0.0014)
    assert (levels >= 0.05 / known.size * 0.999).all()
    assert levels[-1] > 1.5 * 0.05 / known.size
