import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from act_spec.strategies.estimators.logistic import fit_logistic


def data(count: int = 400) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    features = rng.normal(size=(count, 2)) * [1, 20] + [3, -5]
    chance = 1 / (1 + np.exp(-(features[:, 0] - 3) + 1))
    return features, (rng.random(count) < chance).astype(float), rng.random(count) + 0.5


def test_it_is_the_penalised_maximum_likelihood() -> None:
    """Equal to scikit-learn's on the same standardised features, effective weights and penalty."""
    features, outcome, weight = data()
    fit = fit_logistic(features, outcome, weight, ridge=0.5)
    effective = weight * weight.sum() / (weight @ weight)
    theirs = LogisticRegression(C=2, tol=1e-10, max_iter=1000).fit(
        (features - fit.centre) / fit.scale, outcome, sample_weight=effective
    )

    assert fit.slopes.tolist() == pytest.approx(theirs.coef_[0].tolist(), abs=1e-4)
    assert fit.intercept == pytest.approx(theirs.intercept_[0], abs=1e-4)


def test_the_fitted_share_is_the_observed_one() -> None:
    """The intercept goes unpenalised, so weighted mean probability and share of outcomes agree."""
    features, outcome, weight = data()

    assert weight @ fit_logistic(features, outcome, weight)(features) == pytest.approx(weight @ outcome)


def test_the_scale_of_weights_and_features_does_not_matter() -> None:
    features, outcome, weight = data()
    ours, scaled = (
        fit_logistic(features, outcome, weight),
        fit_logistic(features * 7 - 2, outcome, weight * 100),
    )

    assert scaled(features * 7 - 2) == pytest.approx(ours(features))


def test_a_score_that_separates_gets_a_finite_slope() -> None:
    score = np.linspace(0, 1, 60)[:, np.newaxis]
    fit = fit_logistic(score, (score[:, 0] > 0.5).astype(float), np.ones(60))

    assert 1 < fit.slopes[0] < 50


def test_a_constant_feature_says_nothing() -> None:
    outcome = np.repeat([0.0, 1.0], [30, 10])

    assert fit_logistic(np.full((40, 1), 0.3), outcome, np.ones(40))(np.array([[0.3]])) == pytest.approx(0.25)
