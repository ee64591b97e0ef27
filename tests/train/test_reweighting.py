"""Meta-reweighting: what an item is worth to trusted ones."""

import numpy as np
import pytest
import torch

from act_spec.losses.objective import Examples
from act_spec.losses.reweight import reweight
from act_spec.train.criterion import item_losses
from act_spec.train.fit import Settings, fit
from act_spec.train.layers import FirstLayer
from act_spec.train.reweighting import meta_weights
from act_spec.train.rows import DenseRows


def batch_losses(layer, features, labels):
    target = torch.nn.functional.one_hot(labels, 2).float()
    return item_losses(layer(features), target, torch.ones(len(labels)), "classes", "cross_entropy")


def toy(generator, count, flipped):
    """Two well separated clouds; the first `flipped` of `count` labels are wrong."""
    truth = torch.randint(0, 2, (count,), generator=generator)
    features = (2.0 * truth[:, None] - 1) + 0.8 * torch.randn(count, 5, generator=generator)
    labels = truth.clone()
    labels[:flipped] = 1 - labels[:flipped]
    return features, labels, truth


def test_a_weight_is_the_inner_product_of_two_gradients():
    """max(0, <own gradient, trusted gradient>), divided by the batch's sum."""
    generator = torch.Generator().manual_seed(0)
    features, labels, truth = toy(generator, 8, 3)
    layer = FirstLayer(5, 2)
    parameters = list(layer.parameters())

    found = meta_weights(
        batch_losses(layer, features, labels), batch_losses(layer, features, truth).mean(), parameters
    )

    def gradient(loss):
        return torch.cat([slope.flatten() for slope in torch.autograd.grad(loss, parameters)])

    towards = gradient(batch_losses(layer, features, truth).mean())
    products = torch.stack(
        [gradient(batch_losses(layer, features, labels)[place]) @ towards for place in range(8)]
    ).clamp(min=0)
    assert found.tolist() == pytest.approx((products / products.sum()).tolist(), abs=1e-6)


def test_weights_are_all_zero_where_nothing_helps():
    layer = FirstLayer(5, 2, zero=True)
    features, labels, _ = toy(torch.Generator().manual_seed(1), 6, 0)
    losses = batch_losses(layer, features, labels)

    found = meta_weights(losses, -batch_losses(layer, features, labels).mean(), list(layer.parameters()))

    assert found.tolist() == [0] * 6


def test_clean_items_weigh_twenty_times_what_flipped_ones_do():
    """30% of 1,000 labels flipped, 50 trusted items: mean weights over training, clean against flipped."""
    generator = torch.Generator().manual_seed(2)
    features, labels, _ = toy(generator, 1000, 300)
    trusted, trusted_labels, _ = toy(generator, 50, 0)
    layer = FirstLayer(5, 2, zero=True)
    optimiser = torch.optim.SGD(layer.parameters(), lr=0.1)
    total = torch.zeros(1000)

    for _ in range(5):
        for chosen in torch.randperm(1000, generator=generator).split(100):
            losses = batch_losses(layer, features[chosen], labels[chosen])
            goal = batch_losses(layer, trusted, trusted_labels).mean()
            weights = meta_weights(losses, goal, list(layer.parameters()))
            total[chosen] += weights
            optimiser.zero_grad()
            (weights * losses).sum().backward()
            optimiser.step()

    clean, flipped = float(total[300:].mean()), float(total[:300].mean())
    print(f"mean weight: clean {clean / 5:.5f}, flipped {flipped / 5:.5f}")
    assert clean >= 20 * flipped


def test_a_model_trained_so_withstands_flipped_labels():
    """With 40% of the labels flipped and 60 reviewed items, reweighting is right on at least 95%."""
    features, labels, truth = toy(torch.Generator().manual_seed(3), 400, 160)
    reviewed = np.zeros(400, dtype=bool)
    reviewed[:: 400 // 60] = True
    human = np.eye(2)[truth.numpy()] * reviewed[:, None]
    examples = Examples(
        np.eye(2)[labels.numpy()], human, np.ones(400, dtype=bool), reviewed, np.where(reviewed, 6.0, 0.0)
    )
    rows = DenseRows(features.numpy())

    fitted = fit(rows, reweight(examples), "classes", Settings(epochs=20), 0)

    assert (fitted.predict(rows).argmax(axis=1) == truth.numpy()).mean() >= 0.95
