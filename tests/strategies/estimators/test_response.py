from itertools import combinations

import numpy as np
import pytest

from act_spec.strategies.estimators.response import is_first_part
from act_spec.strategies.estimators.rounds import returned_probability


@pytest.mark.parametrize(
    ("came_back", "queue", "expected"),
    [
        ("", "", True),
        ("1110", "0000", True),
        ("0000", "0000", True),
        ("1011", "0000", False),
        ("0001", "0000", False),
        ("101010", "010101", True),
        ("100110", "010101", False),
        ("110001", "000111", False),
        ("110100", "000111", True),
    ],
)
def test_a_first_part_has_no_gap_in_any_queue(came_back, queue, expected):
    flags = np.array([one == "1" for one in came_back], dtype=bool)

    assert is_first_part(flags, np.array(list(queue), dtype=np.int64)) is expected


def test_the_first_answers_of_two_queues_estimate_without_bias():
    """
    Over all ways to deal six drawn items onto two queues of three, of which two and one come back.

    The weighted sum of what came back has the drawn items' sum as its mean, exactly.
    """
    values, returned = np.array([5.0, 1.0, 0.0, 2.0, 7.0, 3.0]), 3
    weight = 1 / returned_probability(np.ones(6), 6, returned)
    sums = []
    for first in combinations(range(6), 2):
        for second in combinations([one for one in range(6) if one not in first], 1):
            part = [*first, *second]
            sums.append(float((weight * values)[part].sum()))

    assert np.mean(sums) == pytest.approx(values.sum())
