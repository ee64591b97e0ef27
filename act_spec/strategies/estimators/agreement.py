"""How far two sets of labels for the same items agree."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def cohens_kappa(first: NDArray[np.object_], second: NDArray[np.object_]) -> float:
    """
    Agreement beyond what the labels' frequencies alone would bring: (p_o - p_e) / (1 - p_e).

    p_o is the share of equal labels, p_e the sum over labels of the product
    of their shares in the two sets. 1 is perfect, 0 is chance.

    Args:
        first: Labels of shape (n,), n at least 1.
        second: Another's labels of the same items in the same order.

    Returns:
        At most 1; below 0 where they agree less than by chance.

    Raises:
        ValueError: If there is no item, or both give one and the same label to all.

    Source: Cohen (1960), A coefficient of agreement for nominal scales.
    """
    if not first.size:
        raise ValueError("there is no item that both have labelled.")
    _, number = np.unique(np.concatenate((first, second)).astype(str), return_inverse=True)
    one, other = number[: first.size], number[first.size :]
    size = int(number.max()) + 1
    shares = np.bincount(one, minlength=size) / one.size, np.bincount(other, minlength=size) / one.size
    chance = float(shares[0] @ shares[1])
    if chance == 1:
        raise ValueError("both give one and the same label to every item.")
    return (float((one == other).mean()) - chance) / (1 - chance)
