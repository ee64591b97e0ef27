"""Whether intervals keep their word, over rules, budgets, judges and schedules; see docs/estimates.md."""

from itertools import product

import numpy as np
import pytest
from scipy.stats import binom
from simulated import JUDGES, RULES, population, reviewed_in_rounds

from act_spec.strategies.estimators.label_quality import Estimate, estimate_accuracy

ROUNDS = {"once": 1, "three rounds": 3}
CELLS = list(product(RULES, [0.05, 0.1, 0.2], JUDGES, ROUNDS, [0.17, 0.024]))
NOT_REJECTED = 0.01
"""Level of the test that coverage is at least 94%, over all cells together."""


@pytest.mark.parametrize("rounds", ROUNDS)
@pytest.mark.parametrize("judge", JUDGES)
@pytest.mark.parametrize("rule", ["sqrt", "threshold"])
def test_95_percent_intervals_cover_at_least_94(rule, judge, rounds) -> None:
    """60 populations of 400, a budget of 10%: a binomial test at 1% over these 12 cells does not reject 94%."""
    machine, final, _ = covered(rule, 0.1, judge, rounds, 0.1, count=400, runs=60)

    assert binom.cdf(min(machine, final), 60, 0.94) >= NOT_REJECTED / 12


@pytest.mark.long
@pytest.mark.parametrize(("rule", "share", "judge", "rounds", "error_rate"), CELLS)
def test_95_percent_intervals_cover_at_least_94_in_every_cell(rule, share, judge, rounds, error_rate) -> None:
    """The same over 500 populations of 1,000 in each of 216 cells."""
    machine, final, width = covered(rule, share, judge, rounds, error_rate, count=1000, runs=500)
    print(
        f"| {rule} | {share:.0%} | {judge} | {rounds} | {error_rate:.1%} | {machine / 500:.3f} | "
        f"{final / 500:.3f} | {width:.3f} |"
    )

    assert binom.cdf(min(machine, final), 500, 0.94) >= NOT_REJECTED / len(CELLS)


def covered(
    rule: str, share: float, judge: str, rounds: str, error_rate: float, *, count: int, runs: int
) -> tuple[int, int, float]:
    """How many intervals hold machine and final accuracy, and their mean width."""
    size = round(share * count)
    parts = [len(part) for part in np.array_split(np.arange(size), ROUNDS[rounds])]
    found = []
    for seed in range(runs):
        wrong, score = population(seed, count, error_rate, judge)
        reviews = reviewed_in_rounds(wrong, score, rule, parts, seed)[-1]
        estimate = estimate_accuracy(np.where(reviews.reviewed, wrong, np.nan), reviews, score)
        delivered = 1 - (wrong * ~reviews.reviewed).mean()
        held = holds(estimate.machine, 1 - wrong.mean()), holds(estimate.final, delivered)
        found.append((*held, estimate.machine.high - estimate.machine.low))
    machine, final, width = np.array(found, dtype=float).T
    return int(machine.sum()), int(final.sum()), float(width.mean())


def holds(estimate: Estimate, truth: float) -> bool:
    return estimate.low - 1e-12 <= truth <= estimate.high + 1e-12
