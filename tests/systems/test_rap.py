"""RAP (arXiv:2506.04755): items that need the field are kept, by whole numbers of right answers."""

from __future__ import annotations

from math import floor
from typing import Any

import numpy as np
import pytest

from act_spec.strategies.selecting import OpenItems, Wanted
from act_spec.strategies.selectors.field_ablation import field_ablation

# Right answers of five with the field and of five without, and whether the item is kept, by hand.
TABLE = [
    ((5, 0), False),  # all right: nothing to learn
    ((5, 3), False),
    ((4, 0), True),
    ((4, 2), True),
    ((4, 3), False),  # 0.8 - 0.6 > 0.2 in floats
    ((3, 2), False),  # 0.6 - 0.4 > 0.2 is false in floats
    ((3, 1), True),
    ((3, 3), False),  # answered without the field just as well
    ((2, 0), True),
    ((2, 4), False),  # the field misleads
    ((1, 0), False),  # hard, and comes in by lot alone
    ((0, 0), False),
]


def chosen(trials: list[tuple[int, int]], **set_: Any) -> set[int]:
    items = OpenItems(["x"] * len(trials), 42, 1, trials=np.array(trials))
    return set(field_ablation(items, Wanted(len(trials), 0), without=("image",), **set_).tolist())


def test_what_is_kept_is_as_by_hand():
    kept = chosen([counts for counts, _ in TABLE], replace=0.0)

    assert kept == {place for place, (_, stays) in enumerate(TABLE) if stays}


@pytest.mark.parametrize("contrast", [0, 1, 3])
def test_what_is_answered_without_the_field_or_always_right_is_never_kept(contrast):
    every = [(full, bare) for full in range(6) for bare in range(6)]

    for place in chosen(every, contrast=contrast, replace=1.0):
        full, bare = every[place]
        assert full > bare
        assert full < 5


@pytest.mark.parametrize("hard", [0, 9, 10, 37, 70, 100])
def test_a_tenth_of_the_hard_items_comes_in_rounded_down(hard):
    trials = [(1, 0)] * hard + [(4, 0)] * 5

    made = chosen(trials)

    assert len([place for place in made if place < hard]) == floor(hard / 10)
    assert {hard + number for number in range(5)} <= made
