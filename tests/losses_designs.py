"""Every draw of a small design with its exact probability."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from itertools import pairwise, permutations

import numpy as np

from act_spec import registry
from act_spec.strategies import sampling

ONE = 1 << sampling.UNIT_BITS
SUSPICION = np.array([0.1, 0.3, 0.4, 0.8])


def design_of(rule: str, budget: int = 2, audit: int = 1, **parameters) -> sampling.Design:
    """The design of four items by a rule with an audit."""
    build = registry.find("allocator", rule).build
    return sampling.design(SUSPICION, budget, audit, partial(build, **parameters))


def every_draw(units: np.ndarray) -> Iterator[tuple[float, np.ndarray]]:
    """
    Probability and selection of each draw that systematic sampling can make.

    A selection changes only where a running sum plus the start reaches a
    whole step, so the starts between two such points are one draw.
    """
    orders = list(permutations(range(len(units))))
    for order in orders:
        sums = np.cumsum(units[list(order)].astype(object))
        edges = sorted({0, ONE, *((-total) % ONE for total in sums)})
        for start, end in pairwise(edges):
            yield (
                float(Fraction(end - start, ONE * len(orders))),
                sampling.systematic(units, np.array(order), start),
            )
