"""Whether what came back of a worklist is a random part of it, or may be missing for a reason."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def is_first_part(came_back: NDArray[np.bool_], queue: NDArray[np.int64]) -> bool:
    """
    Whether the answers of every queue are its first ones, without a gap.

    A worklist is in random order, so the first m of a queue's n items are a
    random m of them, each with its inclusion probability times m / n. Any
    other part may be missing because of what the items are.

    Args:
        came_back: Shape (n,), in worklist order: whether the item has a label.
        queue: Shape (n,), equal numbers for items that wait for the same person in the same round.
    """
    for number in np.unique(queue):
        own = came_back[queue == number]
        if own[int(own.sum()) :].any():
            return False
    return True
