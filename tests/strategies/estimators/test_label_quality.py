from fractions import Fraction

import numpy as np
import pytest
from every_sample import every_sample
from numpy.typing import NDArray

from act_spec.registry import find
from act_spec.strategies.estimators.label_quality import Estimate, _assisted_errors, estimate_accuracy
from act_spec.strategies.estimators.rounds import Reviews
from act_spec.strategies.sampling import Design, audit_size, design, draw

RULES = ["exponential", "normalized", "rank_fraction", "sqrt", "threshold", "uniform"]


def reviewed_part(wrong: NDArray[np.float64], selected: NDArray[np.bool_]) -> NDArray[np.float64]:
    """What a program can know: the comparison where reviewed, nothing elsewhere."""
    return np.where(selected, wrong, np.nan)


def test_with_equal_chances_and_no_judge_it_is_the_reviewed_share() -> None:
    wrong = np.repeat([1.0, 0.0], [5, 95])
    selected = np.arange(100) % 4 == 0
    estimate = estimate_accuracy(
        reviewed_part(wrong, selected), Reviews.once(np.full(100, 0.25), selected), np.full(100, np.nan)
    )

    assert estimate.machine.value == pytest.approx(1 - 2 / 25)
    assert estimate.final.value == pytest.approx(1 - 2 / 25 + 2 / 100)
    assert estimate.effective_sample_size == pytest.approx(25)
    assert estimate.largest_weight == 4


def test_the_effective_sample_size_is_kishs() -> None:
    """(2 + 2 + 10)**2 / (4 + 4 + 100)."""
    probability = np.array([0.5, 0.5, 0.1, 0.5])
    estimate = estimate_accuracy(
        np.array([0, 0, 1, np.nan]),
        Reviews.once(probability, np.array([True, True, True, False])),
        np.full(4, 0.2),
    )

    assert estimate.effective_sample_size == pytest.approx(14**2 / 108)
    assert estimate.largest_weight == pytest.approx(10)


def test_when_everything_was_reviewed_nothing_is_estimated() -> None:
    wrong = np.repeat([1.0, 0.0], [3, 7])
    estimate = estimate_accuracy(wrong, Reviews.once(np.ones(10), np.ones(10, dtype=bool)), np.full(10, 0.9))

    assert (estimate.machine.low, estimate.machine.value, estimate.machine.high) == pytest.approx((0.7,) * 3)
    assert (estimate.final.low, estimate.final.value, estimate.final.high) == pytest.approx((1, 1, 1))


@pytest.mark.parametrize("rule", RULES)
def test_the_assisted_count_is_unbiased_whatever_the_judge_is_worth(rule: str) -> None:
    """Exhaustive: over every sample of a design of rule and audit, the mean is the true number of errors."""
    wrong = np.array([1.0, 0.0, 1.0, 0.0, 0.0])
    judge = np.array([0.1, 0.9, np.nan, 0.2, 0.2])
    drawn = design(judge, 3, 1, find("allocator", rule).build)
    mean = Fraction(0)
    for sample, chance in every_sample(drawn.units).items():
        selected = np.isin(np.arange(5), list(sample))
        reviews = Reviews.once(drawn.inclusion_probability, selected)
        errors = _assisted_errors(reviewed_part(wrong, selected), reviews, judge, np.zeros(5, dtype=bool))
        mean += chance * Fraction(errors)

    assert float(mean) == pytest.approx(2, abs=1e-9)


@pytest.mark.parametrize("judge", [0.0, 0.3, np.nan])
def test_the_inverse_probability_estimate_ignores_the_judge(judge: float) -> None:
    """(2 + 10) of 20 items wrong: an error with a chance of 1/2 and one with 1/10."""
    probability = np.concatenate(([0.5, 0.1, 0.5], np.full(17, 0.5)))
    selected = np.arange(20) < 3
    wrong = np.where(selected, [1, 1, 0] + [0] * 17, np.nan)
    estimate = estimate_accuracy(
        wrong, Reviews.once(probability, selected), np.full(20, judge), estimator="inverse_probability"
    )

    assert estimate.machine.value == pytest.approx(1 - 12 / 20)
    assert estimate.final.value == pytest.approx(1 - 10 / 20)


def test_a_missing_error_probability_is_the_mean_of_the_others() -> None:
    selected = np.array([True, True, False, False])
    reviews = Reviews.once(np.full(4, 0.5), selected)
    wrong = np.array([1, 0, np.nan, np.nan])

    filled = estimate_accuracy(wrong, reviews, np.array([0.5, 0.3, 0.1, 0.3]))
    assert estimate_accuracy(wrong, reviews, np.array([0.5, np.nan, 0.1, np.nan])) == filled


def test_the_value_is_cut_to_what_is_possible() -> None:
    """A judge that promised errors where there were none would put the count below 0."""
    selected = np.arange(10) < 2
    reviews = Reviews.once(np.full(10, 0.2), selected)
    estimate = estimate_accuracy(reviewed_part(np.zeros(10), selected), reviews, np.where(selected, 0.9, 0.1))

    assert estimate.machine.value == 1


@pytest.mark.parametrize("seed", range(20))
def test_the_interval_holds_the_value(seed: int) -> None:
    rng = np.random.default_rng(seed)
    judge = rng.random(60)
    drawn = design(judge, 12, 2, find("allocator", "threshold").build)
    selected = draw(drawn, seed)
    estimate = estimate_accuracy(
        reviewed_part((rng.random(60) < 0.1).astype(float), selected),
        Reviews.once(drawn.inclusion_probability, selected),
        judge,
    )

    for accuracy in (estimate.machine, estimate.final):
        assert 0 <= accuracy.low <= accuracy.value <= accuracy.high <= 1


def test_items_without_a_machine_label_are_wrong_until_reviewed() -> None:
    """Of 20 failures among 100, one reviewed: machine at most 80%, delivered at most 81%."""
    failed = np.arange(100) < 20
    selected = np.zeros(100, dtype=bool)
    selected[[0, *range(20, 40)]] = True
    estimate = estimate_accuracy(
        np.where(selected & ~failed, 0.0, np.nan),
        Reviews.once(np.full(100, 0.21), selected),
        np.where(failed, np.nan, 0.0),
        failed=failed,
    )

    assert estimate.machine.high == estimate.machine.value == pytest.approx(0.8)
    assert estimate.final.high == estimate.final.value == pytest.approx(0.81)


@pytest.mark.parametrize(
    ("probability", "message"),
    [
        ([0.5, 0.5, np.nan, 0.5], "inclusion probabilities are missing"),
        ([0.5, np.nan, 0.5, 0.5], "inclusion probabilities are missing"),
        ([1.0, 1.0, 0.0, 0.0], "2 of 4 items had no real chance of review"),
        ([1.0, 1.0, 0.5, 1e-6], "1 of 4 items had no real chance of review"),
        ([0.5, 0.5, 1.0, 0.5], "drawn for certain have no answer"),
    ],
)
def test_what_no_formula_can_repair_is_refused(probability: list[float], message: str) -> None:
    reviews = Reviews.once(np.array(probability), np.array([True, True, False, False]))

    with pytest.raises(ValueError, match=message):
        estimate_accuracy(np.array([1, 0, np.nan, np.nan]), reviews, np.full(4, 0.2))


def test_without_reviews_there_is_no_estimate() -> None:
    with pytest.raises(ValueError, match="nothing has been reviewed yet"):
        estimate_accuracy(
            np.full(3, np.nan), Reviews.once(np.full(3, 0.5), np.zeros(3, dtype=bool)), np.full(3, 0.5)
        )


def test_a_reviewed_item_without_comparison_is_refused() -> None:
    with pytest.raises(ValueError, match="lacks the comparison"):
        estimate_accuracy(
            np.array([np.nan, 0]), Reviews.once(np.ones(2), np.ones(2, dtype=bool)), np.full(2, 0.5)
        )


@pytest.mark.parametrize("error_rate", [0.17, 0.024])
@pytest.mark.parametrize("rule", RULES)
def test_95_percent_intervals_cover_at_least_94(rule: str, error_rate: float) -> None:
    """Over 200 seeded draws of populations of 600, also where errors are so few that the audit meets none."""
    machine, final, _ = covered(rule, error_rate, 0.1, count=600, populations=20, draws=10)

    assert machine >= 0.94
    assert final >= 0.94


def test_coverage_was_also_tried_on_audits_that_met_no_error() -> None:
    """At 2.4% errors, most draws of the threshold rule find none outside what was certain."""
    _, _, without_error = covered("threshold", 0.024, 0.1, count=600, populations=10, draws=10)

    assert without_error > 0.5


def covered(
    rule: str, error_rate: float, share: float, *, count: int, populations: int, draws: int
) -> tuple[float, float, float]:
    """Shares of the draws whose intervals hold machine and final accuracy, and that met no error by chance."""
    found = []
    for population in range(populations):
        rng = np.random.default_rng([population, count])
        chance = rng.beta(3 * error_rate, 3 * (1 - error_rate), size=count)
        wrong = (rng.random(count) < chance).astype(float)
        judge: NDArray[np.float64] = np.round((chance + rng.normal(0, 0.1, size=count)).clip(0, 1), 2)
        entry = find("allocator", rule)
        budget = int(share * count)
        audit = audit_size(budget, 0.2) if entry.traits.get("audit", True) else 0
        drawn = design(judge, budget, audit, entry.build)
        found += [outcome(wrong, judge, drawn, population * draws + index) for index in range(draws)]
    machine, final, without_error = np.mean(found, axis=0)
    return machine, final, without_error


def outcome(
    wrong: NDArray[np.float64], judge: NDArray[np.float64], drawn: Design, seed: int
) -> tuple[bool, bool, bool]:
    selected = draw(drawn, seed)
    reviews = Reviews.once(drawn.inclusion_probability, selected)
    estimate = estimate_accuracy(reviewed_part(wrong, selected), reviews, judge)
    machine, final = 1 - wrong.mean(), 1 - (wrong * ~selected).mean()
    by_chance = selected & (drawn.inclusion_probability < 1)
    return (holds(estimate.machine, machine), holds(estimate.final, final), not bool(wrong[by_chance].any()))


def holds(estimate: Estimate, truth: float) -> bool:
    return estimate.low - 1e-12 <= truth <= estimate.high + 1e-12
