from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from halueval import USEFUL, WORTHLESS, HaluEval
from numpy.typing import NDArray
from scipy.stats import hypergeom

from act_spec.strategies.estimators.label_quality import Estimate
from act_spec.strategies.estimators.mix import combined_score
from act_spec.strategies.estimators.pilot import accuracy_upper_bound, rank_judges

SEEDS = 200
PILOT = 60


def test_the_judge_with_the_highest_gain_is_used() -> None:
    rng = np.random.default_rng(0)
    wrong = np.repeat([1.0, 0.0], [20, 60])
    verdict = rank_judges({"noise": rng.random(80), "knows": wrong * 0.8 + rng.random(80) / 10}, wrong, 0.25)

    assert verdict.used == "knows"
    assert verdict.told_apart
    assert verdict.beats_chance
    assert [candidate.name for candidate in verdict.ranking] == ["knows", "noise"]
    assert verdict.ranking[0].gain.value == 1
    assert verdict.ranking[0].behind == Estimate(0, 0, 0)
    assert verdict.ranking[1].behind.low > 0


def test_judges_that_the_data_do_not_tell_apart_are_said_to_be_so() -> None:
    """Two judges of one worth: the better in the sample is used, without a claim."""
    rng = np.random.default_rng(1)
    wrong = np.repeat([1.0, 0.0], [15, 45])
    judges = {name: np.clip(wrong / 4 + rng.random(60) / 2, 0, 1) for name in ("first", "second")}
    verdict = rank_judges(judges, wrong, 0.2)

    assert not verdict.told_apart
    assert verdict.used == verdict.ranking[0].name
    assert verdict.ranking[0].gain.value >= verdict.ranking[1].gain.value


def test_noise_does_not_beat_chance() -> None:
    """Of 100 pilots of a worthless judge, few (5 and three standard errors) take it for better than chance."""
    wrong = np.repeat([1.0, 0.0], [20, 40])
    claims = [
        rank_judges({"noise": np.random.default_rng(seed).random(60)}, wrong, 0.2, draws=400).beats_chance
        for seed in range(100)
    ]

    assert sum(claims) <= 5 + 3 * 2.2


def test_a_combination_is_used_if_it_surely_gains_more() -> None:
    """Two judges that each see one half of the errors: their mean sees both."""
    rng = np.random.default_rng(3)
    wrong, half = np.repeat([1.0, 0.0], [30, 90]), np.arange(120) % 2 == 0
    judges = {
        name: np.clip(wrong * part * 0.5 + 0.2 + rng.normal(0, 0.05, 120), 0, 1)
        for name, part in (("left", half), ("right", ~half))
    }
    verdict = rank_judges(judges, wrong, 0.25, combinations=combined(judges, wrong))

    assert verdict.used in ("mean of left and right", "mix of left and right")
    assert verdict.ranking[0].combined
    assert verdict.told_apart
    assert all(one.behind.low > 0 for one in verdict.ranking if not one.combined)


def test_a_combination_that_only_seems_to_gain_more_is_not_used() -> None:
    """It stands first, and the best judge is used; how far that is behind it is below 0, with an interval up to 0 or beyond."""
    wrong = np.repeat([1.0, 0.0, 1.0, 0.0], [8, 4, 7, 41])
    judge = np.linspace(0.9, 0.1, 60)
    slightly = judge.copy()
    slightly[[11, 12]] = judge[[12, 11]]
    verdict = rank_judges({"judge": judge}, wrong, 0.2, combinations={"mean": slightly})

    assert [one.name for one in verdict.ranking] == ["mean", "judge"]
    assert verdict.used == "judge"
    assert verdict.ranking[0].behind.value < 0 <= verdict.ranking[0].behind.high


@pytest.mark.parametrize("knows", [True, False])
def test_combinations_with_noise_are_not_mistaken_for_better(knows) -> None:
    """Of 100 pilots with eight combinations to choose from, at most 5 take one, though none finds more."""
    used = []
    for seed in range(100):
        rng, wrong = np.random.default_rng(seed), np.repeat([1.0, 0.0], [15, 45])
        judges = {name: rng.random(60) for name in ("a", "b", "c")}
        if knows:
            judges["a"] = np.clip(wrong / 4 + rng.random(60) * 0.7, 0, 1)
        used.append(rank_judges(judges, wrong, 0.2, combinations=combined(judges, wrong), draws=200).used)

    assert sum(name not in ("a", "b", "c") for name in used) <= 5


def combined(
    judges: dict[str, NDArray[np.float64]], wrong: NDArray[np.float64]
) -> dict[str, NDArray[np.float64]]:
    """Mean and cross-fitted mix of every pair, and of all."""
    sets = [*combinations(judges, 2), *([tuple(judges)] if len(judges) > 2 else [])]
    return {
        f"{kind} of {' and '.join(names)}": combined_score(
            np.stack([judges[name] for name in names]), wrong, fitted=kind == "mix"
        )
        for names in sets
        for kind in ("mean", "mix")
    }


def test_a_pilot_without_errors_ranks_nothing() -> None:
    verdict = rank_judges({"a": np.full(9, 0.1), "b": np.full(9, 0.2)}, np.zeros(9), 0.2)

    assert verdict.ranking == ()
    assert verdict.used == "a"
    assert not verdict.told_apart
    assert not verdict.beats_chance


def test_without_candidates_there_is_nothing_to_rank() -> None:
    with pytest.raises(ValueError, match="no judge to rank"):
        rank_judges({}, np.ones(3), 0.2)


def test_partners_count_as_one() -> None:
    """Every item twice, told to be a pair: the interval of the items once, but for chance."""
    rng = np.random.default_rng(2)
    wrong = np.repeat([1.0, 0.0], [15, 45])
    judge = np.clip(wrong / 4 + rng.random(60) * 0.7, 0, 1)
    once = rank_judges({"judge": judge}, wrong, 0.2).ranking[0].gain
    twice = (
        rank_judges({"judge": np.repeat(judge, 2)}, np.repeat(wrong, 2), 0.2, np.repeat(np.arange(60), 2))
        .ranking[0]
        .gain
    )

    assert twice.high - twice.low == pytest.approx(once.high - once.low, rel=0.1)


def test_the_bound_is_the_highest_accuracy_that_is_plausible() -> None:
    """Of 60 out of 1,200, 35 right: at the bound as few have a chance above 5%, one item higher they have not."""
    bound = accuracy_upper_bound(35, 60, 1200)
    most = round(bound * 1200)

    assert hypergeom.cdf(35, 1200, most, 60) > 0.05 >= hypergeom.cdf(35, 1200, most + 1, 60)


def test_the_bound_nears_the_binomial_one_in_large_populations() -> None:
    """35 of 60: 0.6914 by Clopper and Pearson."""
    assert accuracy_upper_bound(35, 60, 10**7) == pytest.approx(0.6914, abs=1e-3)


def test_bounds_where_nothing_is_left_open() -> None:
    assert accuracy_upper_bound(60, 60, 1200) == 1
    assert accuracy_upper_bound(7, 10, 10) == 0.7
    assert accuracy_upper_bound(0, 0, 50) == 1
    assert accuracy_upper_bound(0, 0, 0) == 1


@pytest.mark.parametrize("accuracy", [0.70, 0.75])
def test_a_fit_annotator_is_called_unfit_in_at_most_5_percent_of_pilots(accuracy) -> None:
    """Exact: the chance of all outcomes that lead to the verdict, over samples of 60 from 1,200."""
    unfit = [right for right in range(61) if accuracy_upper_bound(right, 60, 1200) < 0.70]

    assert hypergeom.pmf(unfit, 1200, round(accuracy * 1200), 60).sum() <= 0.05


@pytest.fixture
def recorded(recorded_data: Path) -> HaluEval:
    return HaluEval(recorded_data)


def samples(count: int) -> list[NDArray[np.intp]]:
    return [np.random.default_rng(seed).choice(count, PILOT, replace=False) for seed in range(SEEDS)]


@pytest.mark.parametrize("share", [0.1, 0.2])
def test_a_pilot_of_60_finds_the_useful_judge(recorded, share) -> None:
    """HaluEval, judges of gpt-4o: in 95% of 200 pilots the useful one is used, or no claim is made."""
    wrong = (~recorded.right("gpt-4o")).astype(float)
    judges = {model: recorded.second_opinion(model, "gpt-4o") for model in (WORTHLESS, USEFUL)}
    verdicts = []
    for part in samples(wrong.size):
        seen = {model: score[part] for model, score in judges.items()}
        together = combined(seen, wrong[part])
        verdicts.append(rank_judges(seen, wrong[part], share, combinations=together, draws=400))

    assert np.mean([verdict.used == USEFUL or not verdict.told_apart for verdict in verdicts]) >= 0.95
    assert np.mean([verdict.told_apart for verdict in verdicts]) >= 0.9


@pytest.mark.parametrize(
    ("model", "least", "most"), [(WORTHLESS, 0.9, 1), ("gpt-4o", 0, 0.6), ("gemini-2.5-pro", 0, 0)]
)
def test_60_reviews_tell_who_is_unfit_to_annotate(recorded, model, least, most) -> None:
    """HaluEval, accuracies 0.495, 0.657 and 0.868: how many of 200 pilots call the model unfit."""
    right = recorded.right(model)
    unfit = [
        accuracy_upper_bound(int(right[part].sum()), PILOT, right.size) < 0.70 for part in samples(right.size)
    ]

    assert least <= np.mean(unfit) <= most
