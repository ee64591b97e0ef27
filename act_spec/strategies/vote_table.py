"""Who answered what: every reviewer's answer to every item, as one table of numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

NO_VOTE = -1
AMBIGUOUS = -2
"""The answer of a reviewer who says that no label is right, or several are."""


@dataclass(frozen=True, eq=False)
class VoteTable:
    """
    Answers of several reviewers to the same items.

    Attributes:
        items: Their ids, n of them.
        reviewers: Their names, r of them.
        labels: What they could choose from, in the recipe's order; k of them.
        codes: Shape (n, r), index into `labels`, `AMBIGUOUS`, or `NO_VOTE`
            where that reviewer did not answer that item.
    """

    items: Sequence[str]
    reviewers: Sequence[str]
    labels: Sequence[str]
    codes: NDArray[np.int64]

    @classmethod
    def of(cls, votes: Iterable[tuple[str, str, str | None]], labels: Sequence[str] = ()) -> VoteTable:
        """
        The table of item, reviewer and label; None as a label says ambiguous.

        Args:
            votes: In any order; items and reviewers are sorted by name.
            labels: What could be chosen, in order; labels met besides follow, sorted.

        Raises:
            ValueError: If a reviewer answers an item twice.
        """
        listed = list(votes)
        met = {label for _, _, label in listed if label is not None}
        known = [*labels, *sorted(met.difference(labels))]
        items = sorted({item for item, _, _ in listed})
        reviewers = sorted({reviewer for _, reviewer, _ in listed})
        row, column, number = (
            {name: at for at, name in enumerate(names)} for names in (items, reviewers, known)
        )
        codes = np.full((len(items), len(reviewers)), NO_VOTE, dtype=np.int64)
        for item, reviewer, label in listed:
            at = row[item], column[reviewer]
            if codes[at] != NO_VOTE:
                raise ValueError(f"{reviewer} answers the item '{item}' twice.")
            codes[at] = AMBIGUOUS if label is None else number[label]
        return cls(items, reviewers, known, codes)

    @property
    def counts(self) -> NDArray[np.float64]:
        """Shape (n, k): how many reviewers gave each label; ambiguous answers are not among them."""
        return self.weighed(np.ones(len(self.reviewers)))

    @property
    def answered(self) -> NDArray[np.bool_]:
        """Shape (n, r): who answered what; an ambiguous answer is an answer."""
        answered: NDArray[np.bool_] = self.codes != NO_VOTE
        return answered

    def weighed(self, trust: NDArray[np.float64]) -> NDArray[np.float64]:
        """Trust in those who gave each label, shape (n, k), from trust in each reviewer, shape (r,)."""
        item, reviewer = np.nonzero(self.codes >= 0)
        shape = len(self.items), len(self.labels)
        cell = item * shape[1] + self.codes[item, reviewer]
        summed = np.bincount(cell, weights=trust[reviewer], minlength=shape[0] * shape[1])
        return summed.astype(np.float64).reshape(shape)

    def called_ambiguous(self, trust: NDArray[np.float64]) -> NDArray[np.float64]:
        """Trust in those who called each item ambiguous, shape (n,)."""
        return np.asarray((self.codes == AMBIGUOUS) @ trust)

    def soft_labels(self, trust: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
        """
        Each label's share of an item's votes.

        Args:
            trust: Shape (r,), at least 0: how much each reviewer counts; all the same if not given.

        Returns:
            Shape (n, k), rows sum to 1; NaN where nobody who counts chose a label.
        """
        votes = self.weighed(np.ones(len(self.reviewers)) if trust is None else trust)
        total = votes.sum(axis=1, keepdims=True)
        soft: NDArray[np.float64] = np.full_like(votes, np.nan)
        np.divide(votes, total, out=soft, where=total > 0)
        return soft
