from dataclasses import dataclass

import numpy as np
import pytest
from scipy.stats import binom
from simulated import population, reviewed_in_rounds

from act_spec.strategies.estimators.label_quality import estimate_accuracy
from act_spec.strategies.estimators.rounds import Reviews
from act_spec.strategies.estimators.target import Target, batches, look

COUNT, BATCH, BUDGET = 1000, 50, 500


def test_batches_spend_the_budget() -> None:
    assert batches(100, 30) == [30, 30, 30, 10]
    assert batches(60, 30) == [30, 30]
    assert batches(0, 30) == []


def test_a_batch_needs_a_review() -> None:
    with pytest.raises(ValueError, match="at least one review, not 0"):
        batches(100, 0)


def test_looks_share_the_chance_of_a_false_claim() -> None:
    assert Target(0.95, 0.95, 10).alpha == pytest.approx(0.005)


def test_the_bound_is_one_sided_at_each_looks_part() -> None:
    """One look at 95% is the lower end of a 90% interval; ten looks that of a 99% interval."""
    wrong, score = population(0, 300, 0.1, "good")
    reviews = reviewed_in_rounds(wrong, score, "sqrt", [60], 0)[-1]
    for looks, certainty in [(1, 0.9), (10, 0.99)]:
        expected = estimate_accuracy(wrong, reviews, score, certainty=certainty).final

        assert look(Target(0.9, 0.95, looks), wrong, reviews, score).accuracy.low == pytest.approx(
            expected.low
        )


def test_reaching_the_target_is_meeting_it() -> None:
    """With everything reviewed, the delivered labels are all right, and that can be claimed."""
    everything = Reviews.once(np.ones(9), np.ones(9, dtype=bool))
    wrong, score = np.array([1.0, *[0.0] * 8]), np.full(9, 0.1)

    assert look(Target(1, 0.95, 3), wrong, everything, score).met


def test_few_reviews_never_meet_a_high_target() -> None:
    """Ten right labels of 1,000 are no evidence for 99%."""
    selected = np.arange(1000) < 10
    reviews = Reviews.once(np.full(1000, 0.01), selected)
    found = look(Target(0.99, 0.95, 1), np.where(selected, 0.0, np.nan), reviews, np.zeros(1000))

    assert found.accuracy.value == 1
    assert not found.met


@dataclass(frozen=True)
class Outcome:
    """How a run ended: reviews at the first claim (None: no claim), at the first moment it was true, and truth."""

    claimed: int | None
    entitled: int | None
    false: bool


def run(seed: int, rule: str, target: Target, error_rate: float) -> Outcome:
    """Batch by batch until the claim, with a judge that sees nothing in 40% of the errors."""
    wrong, score = population(seed, COUNT, error_rate, "blind")
    sizes = batches(BUDGET, BATCH)
    delivered, claimed, false = [], None, False
    for number, reviews in enumerate(reviewed_in_rounds(wrong, score, rule, sizes, seed)):
        delivered.append(1 - (wrong * ~reviews.reviewed).mean())
        if claimed is None and look(target, np.where(reviews.reviewed, wrong, np.nan), reviews, score).met:
            claimed, false = BATCH * (number + 1), bool(delivered[-1] < target.accuracy - 1e-12)
    true = [
        BATCH * (number + 1) for number, share in enumerate(delivered) if share >= target.accuracy - 1e-12
    ]
    return Outcome(claimed, true[0] if true else None, false)


def test_claims_are_true() -> None:
    """Of 20 runs with a judge that is blind to part of the errors, no more claim falsely than 5% may."""
    outcomes = [run(seed, "threshold", Target(0.9, 0.95, BUDGET // BATCH), 0.12) for seed in range(20)]

    assert binom.sf(sum(outcome.false for outcome in outcomes) - 1, 20, 0.05) >= 0.01
    assert sum(outcome.claimed is not None for outcome in outcomes) >= 10


@pytest.mark.long
@pytest.mark.parametrize("rule", ["threshold", "exponential", "sqrt", "uniform"])
@pytest.mark.parametrize("accuracy", [0.90, 0.95])
def test_at_most_5_percent_of_500_runs_claim_falsely(rule, accuracy) -> None:
    """Also prints how many reviews a claim took beside the smallest number that would have done."""
    outcomes = [run(seed, rule, Target(accuracy, 0.95, BUDGET // BATCH), 0.12) for seed in range(500)]
    made = [outcome for outcome in outcomes if outcome.claimed is not None]
    used, enough = (
        np.median([value or BUDGET for value in values]) if values else np.nan
        for values in ([one.claimed for one in made], [one.entitled for one in made])
    )
    print(
        f"| {rule} | {accuracy:.0%} | {sum(one.false for one in outcomes)} | {len(made)} | "
        f"{sum(one.entitled is not None for one in outcomes)} | {used:.0f} | {enough:.0f} |"
    )

    assert sum(one.false for one in outcomes) <= 25
