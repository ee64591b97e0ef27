"""Training one model."""

import numpy as np
import pytest

from act_spec.losses.act import act
from act_spec.losses.cross_entropy import cross_entropy
from act_spec.losses.objective import Examples
from act_spec.train.fit import Settings, fit
from act_spec.train.rows import DenseRows


def clouds(count=300, wrong=0.0, reviewed=0.0, seed=0):
    """Three clouds of points; a share of the machine's labels is wrong, a share is reviewed."""
    random = np.random.default_rng(seed)
    truth = random.integers(0, 3, count)
    features = np.eye(3)[truth] * 2 + random.normal(0, 0.6, (count, 3))
    machine = np.where(random.random(count) < wrong, (truth + 1) % 3, truth)
    seen = random.random(count) < reviewed
    weight = np.where(seen, 1 / max(reviewed, 1e-9), 0.0)
    examples = Examples(
        np.eye(3)[machine], np.eye(3)[truth] * seen[:, None], np.ones(count, dtype=bool), seen, weight
    )
    return DenseRows(features.astype(np.float32)), examples, truth


@pytest.mark.parametrize("learner", ["linear.v1", "mlp.v1"])
def test_a_learner_learns(learner):
    rows, examples, truth = clouds()

    fitted = fit(rows, cross_entropy(examples), "classes", Settings(learner, epochs=40), 0)

    assert (fitted.predict(rows).argmax(axis=1) == truth).mean() > 0.95


def test_equal_seeds_give_equal_models_and_leave_the_global_generator_alone():
    import torch

    rows, examples, _ = clouds()
    before = torch.random.get_rng_state()
    models = [
        fit(rows, cross_entropy(examples), "classes", Settings("mlp.v1", epochs=5), seed).predict(rows)
        for seed in (0, 0, 1)
    ]

    assert (models[0] == models[1]).all()
    assert (models[0] != models[2]).any()
    assert torch.equal(before, torch.random.get_rng_state())


def test_training_stops_when_held_back_items_gain_no_more():
    rows, examples, _ = clouds(120, wrong=0.5)

    fitted = fit(rows, cross_entropy(examples), "classes", Settings("mlp.v1", epochs=300, patience=3), 0)

    assert fitted.epochs < 250


def test_a_systematic_error_is_unlearnt_from_a_reviewed_part():
    """Six in ten machine labels are the next class; a random quarter of reviews turns the model around."""
    rows, examples, truth = clouds(600, wrong=0.6, reviewed=0.25)
    settings = Settings(epochs=60)

    plain = fit(rows, cross_entropy(examples), "classes", settings, 0).predict(rows).argmax(axis=1)
    corrected = fit(rows, act(examples, max_weight=4), "classes", settings, 0).predict(rows).argmax(axis=1)

    assert (plain == truth).mean() < 0.7
    assert (corrected == truth).mean() > 0.9


def test_the_power_is_estimated_where_asked_for():
    rows, examples, _ = clouds(wrong=0.3, reviewed=0.4)

    fitted = fit(rows, act(examples, power=None), "classes", Settings(epochs=10), 0)

    assert 0 <= fitted.power < 1


def test_one_item_can_be_trained_on_and_none_cannot():
    rows, examples, _ = clouds(1)

    assert fit(rows, cross_entropy(examples), "classes", Settings(epochs=2), 0).predict(rows).shape == (1, 3)
    with pytest.raises(ValueError, match="nothing to train on"):
        fit(clouds(0)[0], cross_entropy(clouds(0)[1]), "classes", Settings(), 0)
