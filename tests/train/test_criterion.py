"""The losses in torch: one pass against a signed target equals the two-term form."""

import pytest
import torch
from torch.nn import functional

from act_spec.losses import act_loss, signed_target
from act_spec.train.criterion import best_power, item_losses, own_losses

LOGITS = torch.tensor([[0.3, -1.2, 0.7], [2.0, 0.1, -0.4]], dtype=torch.float64)
MACHINE = torch.tensor([[1.0, 0, 0], [0, 1, 0]], dtype=torch.float64)
HUMAN = torch.tensor([[0.0, 0, 1], [0, 1, 0]], dtype=torch.float64)
WEIGHT = torch.tensor([7.0, 3.0], dtype=torch.float64)
ONE = torch.ones(2, dtype=torch.float64)


@pytest.mark.parametrize("power", [0.0, 0.5, 1.0])
@pytest.mark.parametrize(("head", "measure"), [("classes", "cross_entropy"), ("labels", "cross_entropy")])
def test_one_pass_is_the_act_loss(head, measure, power):
    target = signed_target(MACHINE, HUMAN, WEIGHT, power=power)
    mass = power + WEIGHT * (1 - power)

    one = item_losses(LOGITS, target, mass, head, measure).mean()
    machine, human = (item_losses(LOGITS, labels, ONE, head, measure) for labels in (MACHINE, HUMAN))

    assert one.item() == pytest.approx(act_loss(machine, human, WEIGHT, power=power).item(), abs=1e-12)


@pytest.mark.parametrize("head", ["classes", "labels"])
def test_brier_differs_from_the_squared_distance_by_a_constant(head):
    """So its gradient is that of the corrected squared distance, weights above 1 included."""
    slopes = []
    for form in ("one pass", "two terms"):
        logits = LOGITS.clone().requires_grad_()
        if form == "one pass":
            loss = item_losses(logits, signed_target(MACHINE, HUMAN, WEIGHT), ONE, head, "brier").mean()
        else:
            belief = logits.softmax(dim=1) if head == "classes" else logits.sigmoid()
            machine, human = ((belief - labels).square().sum(dim=1) for labels in (MACHINE, HUMAN))
            loss = act_loss(machine, human, WEIGHT)
        slopes.append(torch.autograd.grad(loss, logits)[0].flatten().tolist())

    assert slopes[0] == pytest.approx(slopes[1], abs=1e-12)


def test_numbers_differ_from_the_squared_distance_by_a_constant():
    """With power 1 the loss is a parabola around the signed target, so no weight makes it unbounded below."""
    machine, human = torch.tensor([[0.25, 0.5], [1.0, 0.0]]), torch.tensor([[1.0, 0.5], [0.75, 0.0]])
    weight, slopes = torch.tensor([3.0, 0.0]), []
    for form in ("one pass", "two terms"):
        told = torch.tensor([[0.1, 0.9], [0.4, 0.2]], requires_grad=True)
        if form == "one pass":
            target = signed_target(machine, human, weight)
            loss = item_losses(told, target, torch.ones(2), "numbers", "cross_entropy").mean()
        else:
            losses = [(told - labels).square().sum(dim=1) for labels in (machine, human)]
            loss = act_loss(losses[0], losses[1], weight)
        slopes.append(torch.autograd.grad(loss, told)[0].flatten().tolist())

    assert slopes[0] == pytest.approx(slopes[1], abs=1e-6)


@pytest.mark.parametrize("head", ["classes", "labels", "numbers"])
def test_an_items_own_loss_is_zero_where_the_model_is_certain_and_right(head):
    logits = torch.tensor([[100.0, -100.0]]) if head != "numbers" else torch.tensor([[1.0, 0.0]])

    assert own_losses(logits, torch.tensor([[1.0, 0.0]]), head, "brier").item() == pytest.approx(0)


def test_labels_are_told_yes_or_no_each():
    told = item_losses(LOGITS, HUMAN, ONE, "labels", "cross_entropy")
    expected = functional.binary_cross_entropy_with_logits(LOGITS, HUMAN, reduction="none").sum(dim=1)

    assert told.tolist() == pytest.approx(expected.tolist())


def test_the_best_power_has_the_least_variance():
    """Among all powers on a grid, none has a smaller variance over the reviewed items than the estimate."""
    machine, human = torch.tensor([1.0, 2.0, 0.5]), torch.tensor([0.8, 0.4, 0.5])
    weight = torch.tensor([2.0, 5.0, 3.0])

    def variance(power):
        return float((weight * (weight - 1) * (human - power * machine).square()).sum())

    best = best_power(machine, human, weight)

    assert 0 < best < 1
    assert all(variance(best) <= variance(step / 50) for step in range(51))
    assert best_power(torch.zeros(1), torch.ones(1), torch.ones(1)) == 1.0
