import numpy as np

from act_spec.strategies.allocators.rank_fraction import rank_fraction

# Entropies of nine binary votes: five values only, so nearly everything is tied.
ENTROPY = np.random.default_rng(0).choice([0, 0.5033, 0.7642, 0.9183, 0.9911], size=200)


def test_people_get_the_most_suspicious_share() -> None:
    assert rank_fraction(np.array([0.1, 0.9, 0.5, 0.8]), 2).tolist() == [0, 1, 0, 1]


def test_only_ranks_count() -> None:
    assert rank_fraction(ENTROPY**3, 77).tolist() == rank_fraction(ENTROPY, 77).tolist()


def test_row_order_never_decides() -> None:
    shuffle = np.random.default_rng(1).permutation(200)

    assert rank_fraction(ENTROPY[shuffle], 77).tolist() == rank_fraction(ENTROPY, 77)[shuffle].tolist()
