import numpy as np
import pytest

from act_spec.strategies.ranks import percentile_ranks


def test_ties_share_their_rank():
    assert percentile_ranks(np.array([3.0, 1.0, 2.0, 2.0])).tolist() == [0.875, 0.125, 0.5, 0.5]


@pytest.mark.parametrize("values", [[5.0], [1.0, 1.0, 1.0], [1e9, 1.0, 3.0, 3.0, 2.0]])
def test_the_mean_rank_is_a_half(values):
    assert percentile_ranks(np.array(values)).mean() == pytest.approx(0.5)


def test_only_the_order_counts():
    values = np.random.default_rng(0).normal(size=50)

    assert np.array_equal(percentile_ranks(values), percentile_ranks(np.exp(values)))


def test_of_nothing_there_is_nothing():
    assert percentile_ranks(np.array([])).size == 0
