import numpy as np

from act_spec.strategies.allocators.uniform import uniform


def test_suspicion_does_not_matter() -> None:
    assert uniform(np.array([0.0, 0.2, 0.9, 1.0]), 1).tolist() == [0.25] * 4
