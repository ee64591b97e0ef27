"""Runs without models or people: items whose errors are known, judges of three characters, reviews in rounds."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from act_spec.registry import find
from act_spec.strategies.estimators.calibration import calibrated
from act_spec.strategies.estimators.rounds import Reviews
from act_spec.strategies.sampling import audit_size, design, draw

RULES = ["exponential", "normalized", "rank_fraction", "sqrt", "threshold", "uniform"]
JUDGES = ["good", "blind", "overconfident"]

Array = NDArray[np.float64]


def population(seed: int, count: int, error_rate: float, judge: str) -> tuple[Array, Array]:
    """
    Which labels are wrong, and what a judge says of them.

    A good judge knows how likely an item was to go wrong, with a little noise;
    a blind one sees nothing in 40% of the errors; an overconfident one says
    nearly 0 or 1, on the same grounds as the good one.
    """
    rng = np.random.default_rng([seed, count])
    chance = rng.beta(3 * error_rate, 3 * (1 - error_rate), size=count)
    wrong = (rng.random(count) < chance).astype(float)
    score = (chance + rng.normal(0, 0.05, size=count)).clip(0, 1)
    if judge == "blind":
        score = np.where((wrong == 1) & (rng.random(count) < 0.4), 0.02, score)
    if judge == "overconfident":
        score = score**2 / (score**2 + (1 - score) ** 2 * 0.2)
    return wrong, np.round(score, 2)


def reviewed_in_rounds(
    wrong: Array, score: Array, rule: str, sizes: Sequence[int], seed: int, *, audit: float = 0.2
) -> list[Reviews]:
    """
    The reviews after each round.

    From the second round on, the rule sees the scores as the answers so far
    calibrate them, so that probabilities depend on earlier answers.
    """
    entry = find("allocator", rule)
    review_round, probability = np.full(wrong.size, -1), np.empty((0, wrong.size))
    after: list[Reviews] = []
    for number, size in enumerate(sizes):
        left = review_round < 0
        suspicion = calibrated(score, wrong, after[-1].weights) if after else score
        random_part = audit_size(size, audit) if entry.traits.get("audit", True) else 0
        drawn = design(suspicion[left], size, random_part, entry.build)
        row = np.full(wrong.size, np.nan)
        row[left] = drawn.inclusion_probability
        probability = np.vstack((probability, row))
        review_round[np.flatnonzero(left)[draw(drawn, seed, round_number=number)]] = number
        after.append(Reviews(probability, review_round.copy()))
    return after
