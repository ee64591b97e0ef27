from dataclasses import dataclass

import numpy as np
import pytest
from scipy.stats import binom
from simulated import population, reviewed_in_rounds

from act_spec.strategies.estimators.label_quality import estimate_accuracy
from act_spec.strategies.estimators.looks import information, schedule, shared_alpha
from act_spec.strategies.estimators.rounds import Reviews
from act_spec.strategies.estimators.target import Target, look

COUNT, BUDGET = 1000, 500
SIZES = schedule(BUDGET, 50)
ALPHAS = shared_alpha(information(COUNT, SIZES), 0.05)
AUDIT = 0.5
"""What an automatic budget takes unless the recipe says otherwise."""


def test_each_look_has_its_own_bound() -> None:
    """One-sided at 5% it is the lower end of a 90% interval, at 0.5% that of a 99% interval."""
    wrong, score = population(0, 300, 0.1, "good")
    reviews = reviewed_in_rounds(wrong, score, "sqrt", [60], 0)[-1]
    target = Target(0.9, 0.95, (0.05, 0.005))
    for number, certainty in [(1, 0.9), (2, 0.99)]:
        expected = estimate_accuracy(wrong, reviews, score, certainty=certainty).final

        assert look(target, number, wrong, reviews, score).accuracy.low == pytest.approx(expected.low)


def test_reaching_the_target_is_meeting_it() -> None:
    """With everything reviewed, the delivered labels are all right, and that can be claimed."""
    everything = Reviews.once(np.ones(9), np.ones(9, dtype=bool))
    wrong, score = np.array([1.0, *[0.0] * 8]), np.full(9, 0.1)

    assert look(Target(1, 0.95, (0.01,)), 1, wrong, everything, score).met


def test_few_reviews_never_meet_a_high_target() -> None:
    """Ten right labels of 1,000 are no evidence for 99%."""
    selected = np.arange(1000) < 10
    reviews = Reviews.once(np.full(1000, 0.01), selected)
    found = look(Target(0.99, 0.95, (0.05,)), 1, np.where(selected, 0.0, np.nan), reviews, np.zeros(1000))

    assert found.accuracy.value == 1
    assert not found.met


@dataclass(frozen=True)
class Outcome:
    """
    How a run ended, in reviews; None where it never came to that.

    Attributes:
        claimed: At the claim.
        entitled: At the first moment when the claim would have been true, which nobody can know.
        single: At the first look that would have claimed if it were the only one.
        false: Whether the claim was not true.
    """

    claimed: int | None
    entitled: int | None
    single: int | None
    false: bool


def run(seed: int, rule: str, accuracy: float, error_rate: float) -> Outcome:
    """Round by round until the claim, with a judge that sees nothing in 40% of the errors."""
    wrong, score = population(seed, COUNT, error_rate, "blind")
    target, alone = Target(accuracy, 0.95, ALPHAS), Target(accuracy, 0.95, (0.05,) * len(SIZES))
    at: dict[str, int] = {}
    false = False
    rounds = reviewed_in_rounds(wrong, score, rule, SIZES, seed, audit=AUDIT)
    for number, reviews in enumerate(rounds, 1):
        size, true = sum(SIZES[:number]), 1 - (wrong * ~reviews.reviewed).mean() >= accuracy - 1e-12
        told = np.where(reviews.reviewed, wrong, np.nan)
        if true:
            at.setdefault("entitled", size)
        if look(alone, number, told, reviews, score).met:
            at.setdefault("single", size)
        if "claimed" not in at and look(target, number, told, reviews, score).met:
            at["claimed"], false = size, not true
    return Outcome(at.get("claimed"), at.get("entitled"), at.get("single"), false)


def test_claims_are_true() -> None:
    """Of 20 runs with a judge that is blind to part of the errors, no more claim falsely than 5% may."""
    outcomes = [run(seed, "threshold", 0.9, 0.12) for seed in range(20)]

    assert binom.sf(sum(outcome.false for outcome in outcomes) - 1, 20, 0.05) >= 0.01
    assert sum(outcome.claimed is not None for outcome in outcomes) >= 18


@pytest.mark.long
@pytest.mark.parametrize("rule", ["threshold", "exponential", "sqrt", "uniform"])
@pytest.mark.parametrize("accuracy", [0.90, 0.93, 0.95])
def test_at_most_5_percent_of_500_runs_claim_falsely(rule, accuracy) -> None:
    """
    At 12% errors. Also prints how many reviews a claim took.

    Beside it: what a single look at the right moment would have taken, and
    when the claim became true, which only somebody with all answers can know.
    """
    outcomes = [run(seed, rule, accuracy, 0.12) for seed in range(500)]
    made = [outcome for outcome in outcomes if outcome.claimed is not None]
    false = sum(outcome.false for outcome in outcomes)
    used, single, entitled = (
        np.median([value or np.inf for value in values])
        for values in (
            [one.claimed for one in outcomes],
            [one.single for one in outcomes],
            [one.entitled for one in outcomes],
        )
    )
    print(f"| {rule} | {accuracy:.0%} | {false} | {len(made)} | {used:g} | {single:g} | {entitled:g} |")

    assert false <= 25
