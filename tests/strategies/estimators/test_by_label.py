from fractions import Fraction

import numpy as np
import pytest
from every_sample import every_sample
from scipy.stats import binom
from simulated import population, reviewed_in_rounds

from act_spec.registry import find
from act_spec.strategies.estimators.by_label import estimate_by_label
from act_spec.strategies.estimators.korn_graubard import share_interval
from act_spec.strategies.estimators.label_quality import _assisted_errors
from act_spec.strategies.estimators.rounds import Reviews
from act_spec.strategies.sampling import design

NAN = np.nan


def test_every_label_has_its_own_share_of_errors() -> None:
    """Half of each label's items reviewed: of 10 reviewed 'a' 2 are wrong, of 20 reviewed 'b' 10."""
    labels = ["b"] * 40 + ["a"] * 20
    wrong = np.concatenate((np.repeat([1, 0, NAN], [10, 10, 20]), np.repeat([1, 0, NAN], [2, 8, 10])))
    reviews = Reviews.once(np.full(60, 0.5), ~np.isnan(wrong))
    first, second = estimate_by_label(labels, wrong, reviews, np.full(60, NAN))

    assert (first.label, first.items, first.reviewed) == ("a", 20, 10)
    assert (second.label, second.items, second.reviewed) == ("b", 40, 20)
    assert (first.wrong.value, second.wrong.value) == pytest.approx((0.2, 0.5))
    assert (second.wrong.low, second.wrong.high) == pytest.approx(share_interval(0.5, 20, 0.95), abs=0.03)


def test_a_label_that_no_review_met_has_the_judges_word_and_an_open_interval() -> None:
    wrong = np.array([0, 1, NAN, NAN])
    reviews = Reviews.once(np.full(4, 0.5), np.array([True, True, False, False]))
    unseen = estimate_by_label(["a", "a", "b", "b"], wrong, reviews, np.array([0.1, 0.2, 0.3, 0.5]))[1]

    assert unseen.reviewed == 0
    assert unseen.wrong.value == pytest.approx(0.4)
    assert (unseen.wrong.low, unseen.wrong.high) == (0, 1)


def test_items_without_a_label_belong_to_none() -> None:
    wrong = np.array([0, NAN, 1, NAN])
    reviews = Reviews.once(np.full(4, 0.5), np.array([True, False, True, False]))

    found = estimate_by_label(["a", "a", None, None], wrong, reviews, np.full(4, 0.1))
    assert [(label.label, label.items, label.reviewed) for label in found] == [("a", 2, 1)]


@pytest.mark.parametrize("judge", [0.0, 0.4])
def test_the_count_is_unbiased_before_it_is_cut(judge) -> None:
    """Exhaustive: over all samples of rule and audit, the mean is the number of errors with that label."""
    wrong, score = np.array([1.0, 0.0, 1.0, 0.0, 1.0]), np.array([0.9, 0.8, 0.1, 0.1, 0.5])
    part, none_failed = np.array([True, True, True, False, False]), np.zeros(3, dtype=bool)
    drawn = design(score, 3, 1, find("allocator", "threshold").build)
    mean = Fraction(0)
    for sample, chance in every_sample(drawn.units).items():
        selected = np.isin(np.arange(5), list(sample))
        inside = Reviews.once(drawn.inclusion_probability, selected).within(part)
        seen = np.where(selected, wrong, NAN)[part]
        mean += chance * Fraction(_assisted_errors(seen, inside, np.full(3, judge), none_failed))

    assert float(mean) == pytest.approx(2)


def test_rounds_count_as_they_do_for_all_items() -> None:
    """A label whose items all fell into one round keeps the schedule's weights, which chance must not set."""
    wrong, score = population(0, 200, 0.2, "good")
    reviews = reviewed_in_rounds(wrong, score, "sqrt", [20, 20], 0)[-1]
    part = (reviews.review_round == 0) | (np.arange(200) % 7 == 0)

    assert reviews.within(part).weights.tolist() == reviews.weights[part].tolist()


@pytest.mark.parametrize("rule", ["sqrt", "threshold", "uniform"])
def test_intervals_of_labels_cover(rule) -> None:
    """70 populations of 600 with three labels in two rounds: 94% is not rejected at 1%."""
    held = total = 0
    for seed in range(70):
        wrong, score = population(seed, 600, 0.15, "blind")
        labels = np.random.default_rng(seed).choice(["a", "b", "c"], size=600, p=[0.6, 0.3, 0.1]).tolist()
        reviews = reviewed_in_rounds(wrong, score, rule, [40, 40], seed)[-1]
        for found in estimate_by_label(labels, np.where(reviews.reviewed, wrong, NAN), reviews, score):
            truth = wrong[np.array(labels) == found.label].mean()
            held += found.wrong.low - 1e-12 <= truth <= found.wrong.high + 1e-12
            total += 1

    assert binom.cdf(held, total, 0.94) >= 0.01


@pytest.mark.parametrize(
    ("probability", "message"),
    [([0.5, NAN, 0.5, 0.5], "are missing"), ([1, 1, 0, 0.5], "had no real chance of review")],
)
def test_what_no_formula_can_repair_is_refused(probability, message) -> None:
    reviews = Reviews.once(np.array(probability), np.array([True, True, False, False]))

    with pytest.raises(ValueError, match=message):
        estimate_by_label(["a", "a", "b", "b"], np.array([0, 1, NAN, NAN]), reviews, np.full(4, 0.2))
