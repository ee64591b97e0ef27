"""Sparse and dense input are one layer."""

import pytest
import torch
from scipy.sparse import csr_array

from act_spec.train.layers import FirstLayer, Scaled


@pytest.fixture
def inputs():
    dense = torch.tensor([[0.0, 2.0, 0.0], [1.0, 0.0, 3.0]])
    return dense, csr_array(dense.numpy())


def test_sparse_input_gives_what_dense_input_gives(inputs):
    layer = FirstLayer(3, 2)

    assert layer(inputs[1]).flatten().tolist() == pytest.approx(layer(inputs[0]).flatten().tolist())


def test_both_have_the_same_first_and_second_derivatives(inputs):
    found = []
    for batch in inputs:
        layer = FirstLayer(3, 2)
        with torch.no_grad():
            layer.weight.copy_(torch.arange(6.0).reshape(3, 2))
        eps = torch.ones(2, requires_grad=True)
        loss = (eps * layer(batch).square().sum(dim=1)).sum()
        (slope,) = torch.autograd.grad(loss, layer.weight, create_graph=True)
        (second,) = torch.autograd.grad(slope.square().sum(), eps)
        found.append((slope.detach().flatten().tolist(), second.tolist()))

    assert found[0][0] == pytest.approx(found[1][0])
    assert found[0][1] == pytest.approx(found[1][1])


def test_scaled_inputs_have_mean_0_and_deviation_1_over_all_items_seen():
    """Over any batches, in any order, and a single item too."""
    items = torch.randn(41, 3, generator=torch.Generator().manual_seed(0)) * torch.tensor([1.0, 5.0, 0.0]) + 7
    layer = Scaled(3)
    for part in items.split(8):
        layer(part)
    layer.eval()

    told = layer(items)

    assert told.mean(dim=0).tolist() == pytest.approx([0, 0, 0], abs=1e-3)
    assert told.std(dim=0, correction=0)[:2].tolist() == pytest.approx([1, 1], abs=1e-3)
    assert layer(items[:1]).tolist() == [pytest.approx(told[0].tolist())]
