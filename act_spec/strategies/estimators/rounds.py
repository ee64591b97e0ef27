"""
What a review weighs when it was drawn in one of several rounds.

Later rounds may depend on the answers of earlier ones, so the chance that an
item is ever reviewed is not known. What is known is its probability in each
round given everything before: each round gives an unbiased estimate, and the
weights mix them in parts that depend on the schedule alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray


def round_shares(sizes: Sequence[tuple[int, int]]) -> NDArray[np.float64]:
    """
    How much each round's estimate counts.

    In proportion to n / (N (N - n)), the precision of a simple random sample;
    a round that takes all that is left counts alone.

    Args:
        sizes: Each round's (N, n): items not yet reviewed at its start, and
            how many of them it reviewed.

    Returns:
        Shape (rounds,), in [0, 1], summing to 1.

    Raises:
        ValueError: If a round reviewed more than was left, or none reviewed anything.
    """
    left, taken = np.array(sizes, dtype=np.float64).reshape(-1, 2).T
    if np.any((taken < 0) | (taken > left)):
        raise ValueError("a round cannot review more items than were left.")
    if not taken.any():
        raise ValueError("nothing has been reviewed yet.")
    complete: NDArray[np.bool_] = (taken == left) & (taken > 0)
    if complete.any():
        return complete.astype(np.float64)
    precision = np.where(taken > 0, taken / np.maximum(left * (left - taken), 1), 0.0)
    shares: NDArray[np.float64] = precision / precision.sum()
    return shares


def sampling_weights(
    inclusion_probability: NDArray[np.float64],
    review_round: NDArray[np.int64],
    shares: NDArray[np.float64],
) -> NDArray[np.float64]:
    """
    Inverse-probability weights: in a single round, 1 / probability.

    An item reviewed in round s weighs a_s / probability + the sum of the
    later rounds' shares, since each of those counts it as already known.

    Args:
        inclusion_probability: Shape (n,), in (0, 1]: in the round that
            reviewed the item, given everything before; ignored elsewhere.
        review_round: Shape (n,): index into `shares`, -1 where not reviewed.
        shares: Shape (rounds,), from `round_shares`.

    Returns:
        Shape (n,), 0 where not reviewed. Their mean is 1 in expectation.

    Raises:
        ValueError: If a reviewed item's probability is missing or not in (0, 1].
    """
    reviewed = review_round >= 0
    own = inclusion_probability[reviewed]
    if not bool(np.all((own > 0) & (own <= 1))):
        raise ValueError("the inclusion probability of a reviewed item is missing or not in (0, 1].")
    later = 1 - np.cumsum(shares)
    weights = np.zeros(review_round.size)
    weights[reviewed] = shares[review_round[reviewed]] / own + later[review_round[reviewed]]
    return weights


def returned_probability(
    inclusion_probability: NDArray[np.float64], drawn: int, returned: int
) -> NDArray[np.float64]:
    """
    Inclusion probabilities of a worklist's first `returned` of `drawn` items.

    Exact because a worklist is in random order; for answers given in any other
    order it is an assumption about why the others are missing.
    """
    return inclusion_probability * (returned / drawn)


@dataclass(frozen=True, eq=False)
class Reviews:
    """
    Which items were reviewed, in which round, and how likely that was.

    Attributes:
        inclusion_probability: Shape (rounds, n), each row given everything
            before that round; ignored where an item was reviewed earlier.
        review_round: Shape (n,), index of the row, -1 where not reviewed.
        schedule: How much each round counts, shape (rounds,), where that was
            settled over more items than these; see `within`.
    """

    inclusion_probability: NDArray[np.float64]
    review_round: NDArray[np.int64]
    schedule: NDArray[np.float64] | None = None

    @classmethod
    def once(cls, inclusion_probability: NDArray[np.float64], reviewed: NDArray[np.bool_]) -> Reviews:
        """The reviews of a single round; both arrays of shape (n,)."""
        return cls(inclusion_probability[np.newaxis], np.where(reviewed, 0, -1))

    def within(self, part: NDArray[np.bool_]) -> Reviews:
        """
        The reviews of a part of the items, shape (n,).

        Rounds count as they do for all items: how many of a part each round
        met is chance, and weights must not depend on it.
        """
        return Reviews(self.inclusion_probability[:, part], self.review_round[part], self.shares)

    @property
    def reviewed(self) -> NDArray[np.bool_]:
        """Shape (n,)."""
        return self.review_round >= 0

    def open_at(self, round_index: int) -> NDArray[np.bool_]:
        """Items not yet reviewed when that round began, shape (n,)."""
        return (self.review_round < 0) | (self.review_round >= round_index)

    @cached_property
    def shares(self) -> NDArray[np.float64]:
        """How much each round counts; see `round_shares`."""
        if self.schedule is not None:
            return self.schedule
        rounds = range(self.inclusion_probability.shape[0])
        return round_shares(
            [(int(self.open_at(index).sum()), int((self.review_round == index).sum())) for index in rounds]
        )

    @cached_property
    def own_probability(self) -> NDArray[np.float64]:
        """Probability in the round that reviewed the item, NaN where not reviewed; shape (n,)."""
        items = np.arange(self.review_round.size)
        return np.where(self.reviewed, self.inclusion_probability[self.review_round, items], np.nan)

    @cached_property
    def weights(self) -> NDArray[np.float64]:
        """Shape (n,), 0 where not reviewed; see `sampling_weights`."""
        return sampling_weights(self.own_probability, self.review_round, self.shares)
