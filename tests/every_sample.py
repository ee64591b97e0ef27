"""Every sample that a small design can give, with its exact chance: the yardstick of statistical claims."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise, permutations

import numpy as np
from numpy.typing import NDArray

from act_spec.strategies.sampling import UNIT_BITS, systematic

_ONE = 1 << UNIT_BITS


def every_sample(units: NDArray[np.int64]) -> dict[frozenset[int], Fraction]:
    """Chances of all samples over all orders and starts; for up to six items or so."""
    orders = list(permutations(range(units.size)))
    chances: dict[frozenset[int], Fraction] = {}
    for order in orders:
        for selected, starts in samples_of_an_order(units, np.array(order)):
            sample = frozenset(np.flatnonzero(selected).tolist())
            chances[sample] = chances.get(sample, Fraction(0)) + Fraction(starts, _ONE * len(orders))
    return chances


def samples_of_an_order(
    units: NDArray[np.int64], order: NDArray[np.intp]
) -> Iterator[tuple[NDArray[np.bool_], int]]:
    """Each sample that some start gives in this order, with the number of such starts."""
    changes = {0} | {int(-end % _ONE) for end in np.cumsum(units[order])}
    for low, high in pairwise([*sorted(changes), _ONE]):
        yield systematic(units, order, low), high - low
