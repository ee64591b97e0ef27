import numpy as np
import pytest

from act_spec.registry import find
from act_spec.strategies.estimators.detection import auroc
from act_spec.strategies.estimators.forecast import (
    assumed_error_probabilities,
    expected_half_width,
    forecast,
    forecast_rule,
)
from act_spec.strategies.estimators.label_quality import estimate_accuracy
from act_spec.strategies.estimators.rounds import Reviews
from act_spec.strategies.sampling import Rule, audit_size, design, draw

RULES = ["exponential", "normalized", "sqrt", "threshold", "uniform"]


def rule(name: str) -> Rule:
    return find("allocator", name).build


@pytest.mark.parametrize("share", [0.05, 0.2])
@pytest.mark.parametrize("name", RULES)
def test_the_expected_width_is_near_the_mean_width_that_follows(name: str, share: float) -> None:
    """Within 15% of the mean over 100 seeded draws in which the judge is calibrated."""
    judge = assumed_error_probabilities(1500, 0.15)
    budget = int(share * 1500)
    drawn = design(judge, budget, audit_size(budget, 0.2), rule(name))
    widths = []
    for seed in range(100):
        wrong = (np.random.default_rng(seed).random(1500) < judge).astype(float)
        selected = draw(drawn, seed)
        reviews = Reviews.once(drawn.inclusion_probability, selected)
        machine = estimate_accuracy(np.where(selected, wrong, np.nan), reviews, judge).machine
        widths.append((machine.high - machine.low) / 2)

    assert expected_half_width(drawn.inclusion_probability, judge) == pytest.approx(np.mean(widths), rel=0.15)


def test_more_reviews_tell_more() -> None:
    widths = [
        forecast_rule(10_000, size, size // 5, rule("sqrt"), 0.1).half_width or 0 for size in (100, 500, 2500)
    ]

    assert 0.5 > widths[0] > widths[1] > widths[2] > 0


def test_sqrt_measures_better_than_threshold() -> None:
    """Fixing labels and measuring them want different rules."""
    fixing = forecast_rule(1500, 300, 60, rule("threshold"), 0.15)
    measuring = forecast_rule(1500, 300, 60, rule("sqrt"), 0.15)

    assert fixing.half_width is not None
    assert measuring.half_width is not None
    assert fixing.half_width > measuring.half_width
    assert fixing.expected_changes > measuring.expected_changes


def test_reviews_change_at_most_as_many_labels_as_there_are_reviews() -> None:
    result = forecast(np.full(200, 0.25), np.full(200, 0.1))

    assert result.most_changes == 50
    assert result.expected_changes == pytest.approx(5)


def test_without_an_audit_the_width_cannot_be_told() -> None:
    assert forecast_rule(100, 20, 0, rule("threshold"), 0.15).half_width is None


def test_reviewing_everything_leaves_no_doubt() -> None:
    assert forecast_rule(100, 100, 20, rule("sqrt"), 0.15).half_width == 0


def test_no_items_and_no_reviews_tell_nothing() -> None:
    assert forecast_rule(0, 0, 0, rule("sqrt"), 0.15).half_width is None
    assert forecast_rule(10, 0, 0, rule("sqrt"), 0.15).half_width is None


@pytest.mark.parametrize("error_rate", [0.02, 0.15, 0.4])
def test_assumed_scores_have_the_assumed_mean(error_rate: float) -> None:
    scores = assumed_error_probabilities(20_000, error_rate)

    assert scores.mean() == pytest.approx(error_rate, rel=0.01)
    assert scores.min() >= 0
    assert scores.max() <= 1


def test_assumed_scores_are_a_fair_judges() -> None:
    """If they are calibrated, their `auroc` at 15% is about 0.84."""
    scores = assumed_error_probabilities(20_000, 0.15)
    wrong = np.random.default_rng(0).random(20_000) < scores

    assert auroc(scores, wrong) == pytest.approx(0.84, abs=0.02)
