from decimal import Decimal
from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
from every_sample import every_sample, samples_of_an_order
from numpy.typing import NDArray

from act_spec.registry import find
from act_spec.strategies.sampling import (
    UNIT_BITS,
    Design,
    Rule,
    audit_size,
    design,
    draw,
    mix_audit,
    quantise,
    reasons,
    seeded_order,
    systematic,
)

ONE = 1 << UNIT_BITS
RULES = ["exponential", "normalized", "sqrt", "threshold", "uniform"]


def rule(name: str) -> Rule:
    return find("allocator", name).build


def scores(count: int, seed: int = 0) -> NDArray[np.float64]:
    return np.round(np.random.default_rng(seed).beta(1, 5, size=count), 2)


def whole_sum(units: NDArray[np.int64]) -> int:
    return sum(map(int, units))


@pytest.mark.parametrize(
    ("budget", "share", "expected"),
    [
        (100, "0.2", 20),
        (100, "0", 0),
        (12, "0.2", 2),
        (3, "0.01", 1),
        (10, "1", 9),
        (2, "0.2", 1),
        (1, "0.2", 0),
        (0, "0.2", 0),
    ],
)
def test_an_audit_is_at_least_one_review_and_never_all(budget: int, share: str, expected: int) -> None:
    assert audit_size(budget, Decimal(share)) == expected
    assert audit_size(budget, float(share)) == expected


@pytest.mark.parametrize("audited", [True, False])
@pytest.mark.parametrize(("count", "budget"), [(1, 1), (7, 3), (600, 120), (601, 600), (601, 601), (50, 0)])
@pytest.mark.parametrize("name", RULES)
def test_units_sum_to_the_budget_exactly(name: str, count: int, budget: int, audited: bool) -> None:
    """Sum q = B * 2**40 in whole numbers, each from 1 to 2**40 where reachable."""
    audit = audit_size(budget, 0.2) if audited else 0
    drawn = design(scores(count), budget, audit, rule(name))

    assert whole_sum(drawn.units) == budget * ONE
    assert drawn.units.max() <= ONE
    assert np.all(drawn.units[drawn.rule_probability > 0] >= 1)
    assert [Fraction(p) * ONE for p in drawn.inclusion_probability.tolist()] == drawn.units.tolist()


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize(("count", "budget"), [(600, 60), (601, 333), (9973, 1000), (40, 39)])
def test_no_item_falls_below_the_audit_rate(name: str, count: int, budget: int) -> None:
    """Rounding included: q / 2**40 >= A / (N - (B - A)) as fractions."""
    audit = audit_size(budget, 0.2)
    drawn = design(scores(count), budget, audit, rule(name))

    rate = Fraction(audit, count - (budget - audit))
    assert Fraction(int(drawn.units.min()), ONE) >= rate
    assert drawn.audit_rate == pytest.approx(float(rate))


def test_rounding_leaves_certain_items_certain() -> None:
    """Of ten certain items at most one gives units so that the audit rate can be rounded up."""
    drawn = design(np.linspace(0, 1, 600), 13, 3, rule("threshold"))

    assert np.count_nonzero(drawn.units == ONE) >= 9
    assert drawn.units[-10:].min() > ONE - 600


def test_rounding_moves_no_probability_by_more_than_a_unit_without_an_audit() -> None:
    probability = rule("normalized")(scores(5000), 400)

    assert np.abs(quantise(probability, 400) - probability * ONE).max() <= 1


def test_sums_beyond_64_bits_are_exact() -> None:
    """Nine million certain items hold more units than an int64."""
    count = 9 * 10**6
    units = quantise(np.ones(count), count)

    assert systematic(units, np.arange(count), 12345).all()


def test_a_missing_error_probability_counts_as_1_within_the_budget() -> None:
    suspicion = np.array([0.2, np.nan, 0.9, 0.1, np.nan, 0.3])

    drawn = design(suspicion, 3, 0, rule("threshold"))

    assert drawn.inclusion_probability.tolist() == [0, 1, 1, 0, 1, 0]


def test_more_failures_than_reviews_share_them_by_probability() -> None:
    suspicion = np.concatenate([np.full(30, np.nan), scores(70)])

    drawn = design(suspicion, 20, 4, rule("threshold"))

    assert drawn.rule_probability[:30] == pytest.approx([16 / 30] * 30)
    assert drawn.rule_probability[30:].max() == 0
    assert whole_sum(drawn.units) == 20 * ONE


@pytest.mark.parametrize(
    ("suspicion", "budget", "audit", "message"),
    [
        ([0.1, 1.2], 1, 0, "between 0 and 1"),
        ([0.1, float("inf")], 1, 0, "between 0 and 1"),
        ([0.1, 0.2], 3, 0, "3 reviews with an audit of 0 do not fit 2 items"),
        ([0.1, 0.2], 1, 2, "1 reviews with an audit of 2"),
        ([0.1, 0.2], -1, 0, "-1 reviews"),
    ],
)
def test_what_does_not_fit_is_refused(suspicion: list[float], budget: int, audit: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        design(np.array(suspicion), budget, audit, rule("sqrt"))


def test_a_rule_that_does_not_spend_its_budget_is_refused() -> None:
    with pytest.raises(ValueError, match=r"sum to 0\.2, not to 1"):
        design(np.array([0.1, 0.2]), 1, 0, lambda suspicion, _: suspicion / 1.5)


def test_the_logged_probability_is_that_of_rule_then_audit() -> None:
    """
    Exhaustive: each rule sample, each random audit of what it leaves, with their exact probabilities.

    The share of the two-stage scheme in which an item is reviewed equals the
    probability that a single draw logs and uses.
    """
    probability = np.array([0.875, 0.5, 0.25, 0.25, 0.125])
    budget, audit = 4, 2
    chance = dict.fromkeys(range(5), Fraction(0))
    for first, weight in every_sample(quantise(probability, 2)).items():
        left = sorted(set(range(5)) - first)
        audits = list(combinations(left, audit))
        for second in audits:
            for item in first | set(second):
                chance[item] += weight / len(audits)

    assert mix_audit(probability, budget, audit) == pytest.approx([float(chance[item]) for item in range(5)])
    assert sum(chance.values()) == budget


@pytest.mark.parametrize("name", RULES)
def test_over_all_starts_an_item_is_taken_as_often_as_its_units_say(name: str) -> None:
    """Exhaustive in the start, for some orders: every sample has B items, and the counts are exact."""
    drawn = design(scores(9, seed=3), 4, 1, rule(name))
    for seed in range(20):
        counts = np.zeros(9, dtype=object)
        for selected, length in samples_of_an_order(drawn.units, np.random.default_rng(seed).permutation(9)):
            assert selected.sum() == 4
            counts = counts + selected * length
        assert counts.tolist() == drawn.units.tolist()


@pytest.mark.parametrize("name", RULES)
def test_frequencies_over_2000_draws_agree_with_the_probabilities(name: str) -> None:
    """Chi-square of each item's count, reshuffled with every draw, stays below its 99.9% quantile."""
    from scipy.stats import chi2

    draws, count, budget = 2000, 120, 24
    drawn = design(scores(count, seed=5), budget, 5, rule(name))
    selections = np.array([draw(drawn, seed) for seed in range(draws)])
    open_items = drawn.inclusion_probability < 1 - 1e-6
    probability = drawn.inclusion_probability[open_items]
    surplus = selections.sum(axis=0)[open_items] - draws * probability
    statistic = float(np.sum(surplus**2 / (draws * probability * (1 - probability))))

    assert np.all(selections.sum(axis=1) == budget)
    assert selections[:, ~open_items].all()
    assert chi2.ppf(0.001, open_items.sum()) < statistic < chi2.ppf(0.999, open_items.sum())


def test_neighbours_are_not_drawn_together_or_apart() -> None:
    """Reshuffling hides the order of ids: pairs next to each other are as frequent as any."""
    drawn = design(np.full(40, 0.1), 10, 0, rule("uniform"))
    selections = np.array([draw(drawn, seed) for seed in range(2000)]).astype(float)
    together = (selections[:, :-1] * selections[:, 1:]).mean()

    assert together == pytest.approx(10 * 9 / (40 * 39), abs=3 * 0.25 / np.sqrt(2000 * 39))


def test_the_draw_is_the_same_on_every_platform() -> None:
    """Raw bits and whole numbers only: these items, wherever it runs."""
    drawn = design(np.full(64, 0.5), 8, 0, rule("uniform"))

    assert np.flatnonzero(draw(drawn, 17)).tolist() == [1, 6, 17, 26, 37, 40, 42, 50]
    assert seeded_order(8, 17).tolist() == [2, 3, 7, 4, 5, 6, 0, 1]


def test_seeds_and_rounds_draw_independently() -> None:
    drawn = design(scores(500), 100, 20, rule("sqrt"))

    assert np.array_equal(draw(drawn, 3), draw(drawn, 3))
    assert not np.array_equal(draw(drawn, 3), draw(drawn, 4))
    assert not np.array_equal(draw(drawn, 3), draw(drawn, 3, round_number=1))


def test_a_reason_is_the_rules_in_proportion_to_its_part() -> None:
    """Among selected items, `rule` has probability rule / inclusion; within 4 standard errors."""
    count = 20000
    drawn = design(np.full(count, 0.5), count // 2, count // 10, rule("uniform"))
    selected = draw(drawn, 1)
    reason = reasons(drawn, selected, np.zeros(count, dtype=bool), 1)

    expected = drawn.rule_probability[0] / drawn.inclusion_probability[0]
    observed = np.mean(reason[selected] == "rule")
    assert observed == pytest.approx(expected, abs=4 * np.sqrt(expected * (1 - expected) / selected.sum()))
    assert set(reason[~selected]) == {None}


def test_certain_items_are_the_rules_and_the_others_the_audits() -> None:
    drawn = design(np.repeat([0.1, 0.9], [90, 10]), 15, 5, rule("threshold"))
    selected = draw(drawn, 2)
    reason = reasons(drawn, selected, np.zeros(100, dtype=bool), 2)

    assert set(reason[90:]) == {"rule"}
    assert set(reason[:90][selected[:90]]) == {"audit"}


def test_drawn_failures_say_so_and_undrawn_ones_nothing() -> None:
    missing = np.repeat([True, False], [10, 90])
    drawn = design(np.where(missing, np.nan, 0.2), 5, 1, rule("threshold"))
    selected = draw(drawn, 0)
    reason = reasons(drawn, selected, missing, 0)

    assert set(reason[selected & missing]) == {"failed"}
    assert set(reason[~selected]) == {None}


def test_without_an_audit_every_reason_is_the_rules() -> None:
    """Even where rounding lifted a tiny probability to the smallest unit."""
    drawn = Design(np.array([ONE - 1, 1]), np.array([1 - 1 / ONE, 1 / ONE]), np.array([1.0, 1e-20]), 0.0)
    selected = np.array([False, True])

    for seed in range(20):
        assert reasons(drawn, selected, np.zeros(2, dtype=bool), seed).tolist() == [None, "rule"]


def test_every_item_is_as_likely_as_any_to_come_first() -> None:
    """Chi-square of first places over 4,000 seeds stays below its 99.9% quantile."""
    from scipy.stats import chi2

    firsts = np.bincount([seeded_order(10, seed)[0] for seed in range(4000)], minlength=10)

    assert np.sum((firsts - 400) ** 2 / 400) < chi2.ppf(0.999, 9)
    assert sorted(seeded_order(10, 5).tolist()) == list(range(10))


def test_nothing_to_draw_from() -> None:
    drawn = design(np.zeros(0), 0, 0, rule("sqrt"))

    assert draw(drawn, 0).tolist() == []
    assert reasons(drawn, draw(drawn, 0), np.zeros(0, dtype=bool), 0).tolist() == []
    assert seeded_order(0, 0).tolist() == []
