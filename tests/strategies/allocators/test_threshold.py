import numpy as np

from act_spec.strategies.allocators.threshold import threshold


def test_the_most_suspicious_are_certain_and_no_others() -> None:
    assert threshold(np.array([0.1, 0.9, 0.5, 0.8]), 2).tolist() == [0, 1, 0, 1]


def test_ties_share_what_is_left() -> None:
    """Of four items tied at 0.5, two places left give each one half, wherever it stands."""
    scores = np.array([0.5, 0.9, 0.5, 0.1, 0.5, 0.5])

    assert threshold(scores, 3).tolist() == [0.5, 1, 0.5, 0, 0.5, 0.5]
