import numpy as np
import pytest

from act_spec.strategies.allocators.normalized import normalized


def test_probabilities_are_in_proportion_to_suspicion() -> None:
    assert normalized(np.array([0.1, 0.2, 0.3, 0.4]), 1) == pytest.approx([0.1, 0.2, 0.3, 0.4])


def test_what_passes_1_goes_to_the_others() -> None:
    """Of 3 reviews, 0.8 would take 2.4; cut to 1, the rest share 2 in proportion."""
    assert normalized(np.array([0.8, 0.05, 0.05, 0.1]), 2) == pytest.approx([1, 0.25, 0.25, 0.5])


def test_impossible_errors_share_only_what_is_left_over() -> None:
    assert normalized(np.array([0.0, 0.6, 0.0, 0.1]), 3).tolist() == [0.5, 1, 0.5, 1]
