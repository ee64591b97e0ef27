import numpy as np
import pytest
from numpy.typing import NDArray

from act_spec.strategies.estimators.detection import auroc
from act_spec.strategies.estimators.mix import combined_score, fitted_mix

Array = NDArray[np.float64]


def judges(count: int) -> tuple[Array, Array]:
    """Two judges that each see half of what makes errors likely, and a third that sees nothing."""
    rng = np.random.default_rng(0)
    seen = rng.normal(size=(2, count))
    wrong = (rng.random(count) < 1 / (1 + np.exp(2 - 1.2 * seen.sum(axis=0)))).astype(float)
    return np.vstack((1 / (1 + np.exp(-seen)), rng.random((1, count)))), wrong


def test_the_mix_finds_errors_better_than_any_of_its_judges() -> None:
    """Measured by `auroc` on cross-fitted values: at least 0.05 better than the best."""
    scores, wrong = judges(1500)
    mixed = fitted_mix(scores, wrong, np.ones(1500))

    alone = [auroc(score, wrong == 1) for score in scores]
    assert auroc(mixed.cross_fitted, wrong == 1) > max(alone) + 0.05
    assert min(mixed.slopes[:2]) > 5 * abs(mixed.slopes[2])


def test_no_item_sees_its_own_answer_or_its_partners() -> None:
    scores, wrong = judges(200)
    groups = np.arange(200) // 2
    turned = wrong.copy()
    turned[:2] = 1 - turned[:2]
    before, after = (fitted_mix(scores, answers, np.ones(200), groups) for answers in (wrong, turned))

    assert after.cross_fitted[:2].tolist() == before.cross_fitted[:2].tolist()
    assert after.calibrated[:2].tolist() != before.calibrated[:2].tolist()


def test_worthless_judges_do_not_pass_for_good_ones() -> None:
    """
    On pure noise the fit on all reviews flatters itself, and the cross-fitted mix does not.

    Mean `auroc` of 20 seeds: above 0.65 against at most 0.5 and a few standard errors (0.02).
    """
    wrong = np.repeat([1.0, 0.0], [16, 64])
    mixes = [
        fitted_mix(np.random.default_rng(seed).random((8, 80)), wrong, np.ones(80)) for seed in range(20)
    ]

    assert np.mean([auroc(mixed.calibrated, wrong == 1) for mixed in mixes]) > 0.65
    assert np.mean([auroc(mixed.cross_fitted, wrong == 1) for mixed in mixes]) < 0.55


def test_failed_judgements_stand_for_the_judges_mean() -> None:
    scores, wrong = judges(300)
    scores[0, 0] = np.nan

    mixed = fitted_mix(scores, wrong, np.ones(300))
    assert np.isfinite(mixed.cross_fitted).all()
    scores[0, 0] = np.mean(scores[0, 1:])
    assert fitted_mix(scores, wrong, np.ones(300)).calibrated == pytest.approx(mixed.calibrated)


def test_few_errors_say_how_many_and_not_where() -> None:
    scores, _ = judges(100)
    mixed = fitted_mix(scores, np.repeat([1.0, 0.0], [4, 96]), np.ones(100))

    assert mixed.calibrated == pytest.approx(np.full(100, 4.5 / 101))
    assert mixed.slopes.tolist() == [0, 0, 0]


def test_a_pilots_mix_gives_no_item_what_its_own_answer_taught() -> None:
    scores, wrong = judges(200)
    turned = wrong.copy()
    turned[0] = 1 - turned[0]
    before, after = (combined_score(scores, answers, fitted=True) for answers in (wrong, turned))

    assert before[0] == after[0]
    assert (before[1:] != after[1:]).any()


@pytest.mark.parametrize("fitted", [True, False])
def test_what_one_judge_failed_to_judge_all_have_failed(fitted) -> None:
    scores, wrong = judges(100)
    scores[1, 3] = np.nan

    assert np.flatnonzero(np.isnan(combined_score(scores, wrong, fitted=fitted))).tolist() == [3]
