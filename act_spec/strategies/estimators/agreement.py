"""How far two sets of labels for the same items agree."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from act_spec.strategies.estimators.agreement_interval import BY_ITEM, Resampling, ratio, with_interval
from act_spec.strategies.estimators.label_quality import Estimate


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


def cohens_kappa_interval(
    first: NDArray[np.object_], second: NDArray[np.object_], resampling: Resampling = BY_ITEM
) -> Estimate:
    """
    `cohens_kappa` with an interval.

    Args:
        first: Labels of shape (n,).
        second: Another's labels of the same items in the same order.
        resampling: How the interval is made.

    Raises:
        ValueError: As `cohens_kappa`.
    """
    _, number = np.unique(np.concatenate((first, second)).astype(str), return_inverse=True)
    chosen = np.eye(int(number.max(initial=0)) + 1)[number]
    one, other = chosen[: first.size], chosen[first.size :]
    equal = (one * other).sum(axis=1)

    def kappa(times: NDArray[np.float64]) -> NDArray[np.float64]:
        items = times.sum(axis=1)
        chance = ((times @ one) * (times @ other)).sum(axis=1) / items**2
        return ratio(times @ equal / items - chance, 1 - chance)

    return with_interval(kappa, first.size, resampling)
