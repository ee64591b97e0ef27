"""The loss itself: what it is on average over the draw, and where clipping and thresholding leave it."""

import subprocess
import sys
from itertools import combinations

import numpy as np
import pytest
import torch
from losses_designs import ONE, SUSPICION, design_of, every_draw

from act_spec import registry
from act_spec.losses import act_loss, loss_weight, signed_target
from act_spec.strategies.estimators.rounds import round_shares, sampling_weights

RULES = {name: {"beta": 5.0} if name == "exponential" else {} for name in registry.names("allocator")}
MACHINE, HUMAN = torch.tensor([0, 1, 2, 0]), torch.tensor([0, 2, 1, 1])


@pytest.fixture
def model():
    """Logits of four items and three classes as a linear model's, in double precision."""
    generator = torch.Generator().manual_seed(0)
    features = torch.randn(4, 2, generator=generator, dtype=torch.float64)
    weight = torch.randn(2, 3, generator=generator, dtype=torch.float64, requires_grad=True)
    return features, weight


def one_hot(labels):
    return torch.nn.functional.one_hot(labels, 3).double()


def item_losses(model, labels):
    features, weight = model
    return torch.nn.functional.cross_entropy(features @ weight, labels, reduction="none")


def value_and_gradient(model, loss):
    return loss.item(), torch.autograd.grad(loss, model[1])[0]


@pytest.mark.parametrize("rule", RULES)
def test_loss_and_gradient_are_unbiased(model, rule):
    """Over all draws of a rule with an audit, the mean is the loss on human labels and its gradient."""
    design = design_of(rule, **RULES[rule])
    assert design.inclusion_probability.min() > 0
    value, gradient = 0.0, torch.zeros(2, 3, dtype=torch.float64)

    for probability, selected in every_draw(design.units):
        weight = torch.tensor(selected / design.inclusion_probability)
        loss = act_loss(item_losses(model, MACHINE), item_losses(model, HUMAN), weight)
        one, slope = value_and_gradient(model, loss)
        value, gradient = value + probability * one, gradient + probability * slope

    expected, slope = value_and_gradient(model, item_losses(model, HUMAN).mean())
    assert value == pytest.approx(expected, abs=1e-10)
    assert gradient.numpy() == pytest.approx(slope.numpy(), abs=1e-10)


@pytest.mark.parametrize("power", [0.0, 0.3, 1.0])
def test_any_power_is_unbiased(model, power):
    """Power tuning moves variance, never the mean."""
    design = design_of("sqrt")

    value = sum(
        probability
        * act_loss(
            item_losses(model, MACHINE).detach(),
            item_losses(model, HUMAN).detach(),
            torch.tensor(selected / design.inclusion_probability),
            power=power,
        ).item()
        for probability, selected in every_draw(design.units)
    )

    assert value == pytest.approx(item_losses(model, HUMAN).mean().item(), abs=1e-10)


def test_with_thresholding_it_is_cross_entropy_on_the_corrected_labels(model):
    """Certain reviews weigh 1, so ACT and plain cross-entropy are one number, to 1e-12."""
    reviewed = np.argsort(SUSPICION)[-2:]
    weight = torch.zeros(4, dtype=torch.float64)
    weight[reviewed] = 1.0
    corrected = torch.where(weight > 0, HUMAN, MACHINE)

    loss = act_loss(item_losses(model, MACHINE), item_losses(model, HUMAN), weight)

    assert loss.item() == pytest.approx(item_losses(model, corrected).mean().item(), abs=1e-12)


@pytest.mark.parametrize("limit", [1.0, 1.5, 2.0, 4.0])
def test_a_largest_weight_has_the_stated_bias(model, limit):
    """Bias is -d (1 - min(w, m) / w) an item, to 1e-12, d the human loss less the machine's."""
    probability = np.array([0.25, 0.5, 0.5, 0.75])
    units = (probability * ONE).astype(np.int64)
    machine, human = item_losses(model, MACHINE).detach(), item_losses(model, HUMAN).detach()

    value = sum(
        chance * act_loss(machine, human, loss_weight(torch.tensor(selected / probability), limit)).item()
        for chance, selected in every_draw(units)
    )

    share = np.minimum(1 / probability, limit) * probability
    expected = -float(((human - machine).numpy() * (1 - share)).mean())
    assert value - human.mean().item() == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("power", [0.0, 0.4, 1.0])
def test_cross_entropy_against_the_signed_target_is_the_act_loss(model, power):
    """One pass gives what two give, weights above 1 included."""
    features, weights = model
    weight = torch.tensor([0.0, 3.5, 1.0, 12.0], dtype=torch.float64)
    two = act_loss(item_losses(model, MACHINE), item_losses(model, HUMAN), weight, power=power)

    target = signed_target(one_hot(MACHINE), one_hot(HUMAN), weight, power=power)
    one = torch.nn.functional.cross_entropy(features @ weights, target)

    assert one.item() == pytest.approx(two.item(), abs=1e-12)


def test_two_rounds_are_unbiased_though_the_second_depends_on_the_first(model):
    """Over all pairs of draws, the weights of several rounds give the loss on human labels."""
    machine, human = item_losses(model, MACHINE).detach(), item_losses(model, HUMAN).detach()
    shares, value = round_shares([(4, 2), (2, 1)]), 0.0

    for first in combinations(range(4), 2):
        left = [item for item in range(4) if item not in first]
        # The more errors the first round met, the more the second trusts the suspicion.
        errors = sum(bool(MACHINE[item] != HUMAN[item]) for item in first)
        chance = {left[0]: (0.3, 0.5, 0.8)[errors], left[1]: (0.7, 0.5, 0.2)[errors]}
        for second in left:
            probability, number = np.full(4, np.nan), np.full(4, -1)
            probability[list(first)], number[list(first)] = 0.5, 0
            probability[second], number[second] = chance[second], 1
            weight = torch.tensor(sampling_weights(probability, number, shares))
            value += chance[second] / 6 * act_loss(machine, human, weight).item()

    assert value == pytest.approx(human.mean().item(), abs=1e-12)


def test_arrays_and_tensors_give_the_same():
    machine, human, weight = np.array([1.0, 2.0]), np.array([0.5, 3.0]), np.array([0.0, 4.0])

    assert act_loss(machine, human, weight) == act_loss(*map(torch.tensor, (machine, human, weight))).item()
    assert act_loss(machine, human, weight) == pytest.approx((1 + 2 + 4 * 1) / 2)


def test_the_losses_import_no_torch():
    code = "import sys; from act_spec.losses import act_loss; print('torch' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "False"
