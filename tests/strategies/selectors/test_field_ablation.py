from typing import Any

import numpy as np
import pytest

from act_spec.strategies.selecting import OpenItems, Wanted
from act_spec.strategies.selectors.field_ablation import field_ablation


def chosen(*trials: tuple[int, int], **set_: Any) -> list[int]:
    open_ = OpenItems(["x"] * len(trials), 1, 1, trials=np.array(trials))
    return field_ablation(open_, Wanted(len(trials), 0), without=("photo",), **set_).tolist()


def test_counts_are_compared_as_whole_numbers():
    """4 and 3 of 5 differ by one like 3 and 2, though 0.8 - 0.6 > 0.2 and not 0.6 - 0.4 > 0.2 in floats."""
    assert chosen((4, 3), (3, 2), replace=0.0) == []
    assert chosen((4, 2), (3, 1), replace=0.0) == [0, 1]


def test_nothing_tried_is_an_error():
    with pytest.raises(ValueError, match="tried"):
        field_ablation(OpenItems(["x"], 1, 1), Wanted(1, 0), without=("photo",))
