"""
What selectors are given and what they share: items without a label, and what a student believes of them.

Selectors are pure and stable across platforms: randomness is raw PCG64 bits,
scores are compared after rounding, and equal ones stand in the order of the
items' ids.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from act_spec.strategies.sampling import seeded_order

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Reduction = Literal["mean", "sum"]
_DIGITS = 9
_HELD_OUT = 1 << 21
"""A stream of random order apart from those of rounds and worklists."""


@dataclass(frozen=True, eq=False)
class OpenItems:
    """
    Items that have no label yet, n of them, sorted by id.

    Attributes:
        texts: What models see of each, as one text.
        beliefs: What the last round's student believes: for each item an array
            of shape (t, K), t parts with a distribution over K answers. One
            part for single labels, one a label for sets of them, one a token
            for spans. None before anything was learnt.
        trials: Shape (n, 2): right answers with all fields, and without those
            that the recipe removes. None where nothing was tried.
        seed: The plan's.
        round_number: From 1.
    """

    texts: Sequence[str]
    seed: int
    round_number: int
    beliefs: Sequence[Floats] | None = None
    trials: Ints | None = None

    def __len__(self) -> int:
        return len(self.texts)

    def at_random(self) -> Ints:
        """All items in a random order of this round."""
        return seeded_order(len(self), self.seed, round_number=self.round_number).astype(np.int64)


@dataclass(frozen=True)
class Wanted:
    """How many items a round labels, by whom; the first that a selector names go to people."""

    people: int
    model: int

    @property
    def total(self) -> int:
        """Of both sources."""
        return self.people + self.model


def entropies(beliefs: Sequence[Floats], reduction: Reduction) -> Floats:
    """Entropy of each item's beliefs in nats, its parts averaged or summed; shape (n,)."""
    return _reduced(beliefs, _entropy, reduction)


def doubts(beliefs: Sequence[Floats], reduction: Reduction) -> Floats:
    """One minus the likeliest answer's probability, the parts averaged or summed; shape (n,)."""
    return _reduced(beliefs, lambda parts: 1 - parts.max(axis=1), reduction)


def _reduced(beliefs: Sequence[Floats], score: Callable[[Floats], Floats], reduction: Reduction) -> Floats:
    reduce = np.mean if reduction == "mean" else np.sum
    return np.array([float(reduce(score(parts))) if len(parts) else 0.0 for parts in beliefs])


def _entropy(parts: Floats) -> Floats:
    safe = np.where(parts > 0, parts, 1.0)
    made: Floats = -(parts * np.log(safe)).sum(axis=1)
    return made


def highest_first(scores: Floats) -> Ints:
    """Places by score, equal ones in the order of the items."""
    return np.argsort(-np.round(scores, _DIGITS), kind="stable").astype(np.int64)


def held_out(groups: Sequence[str], seed: int, parts: int) -> NDArray[np.bool_]:
    """
    Which items are kept from labelling to test the student on: one part of `parts`, groups whole.

    Args:
        groups: Each item's group, sorted by item id.
        seed: The plan's.
        parts: At least 2.
    """
    names, group = np.unique(np.array(groups, dtype=str), return_inverse=True)
    order = seeded_order(len(names), seed, round_number=_HELD_OUT)
    made: NDArray[np.bool_] = order[group] % parts == 0
    return made
