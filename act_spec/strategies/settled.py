"""What several reviewers' answers amount to, item by item."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from act_spec.strategies.vote_table import AMBIGUOUS, NO_VOTE, VoteTable

OPEN = NO_VOTE
"""Settled as nothing yet: answers tie, or nobody who counts has answered."""
_EQUAL = 1e-9


@dataclass(frozen=True, eq=False)
class Settled:
    """
    What an adjudicator makes of votes.

    Attributes:
        codes: Shape (n,), index into the table's labels, `AMBIGUOUS` or `OPEN`.
        confidence: Shape (n,), in [0, 1]: share of the trusted votes, or
            posterior probability; NaN where there is none.
        soft: Shape (n, k), each label's probability; NaN where no label was given.
    """

    codes: NDArray[np.int64]
    confidence: NDArray[np.float64]
    soft: NDArray[np.float64]


def plurality(votes: VoteTable, trust: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """
    The answer with the most trust behind it, and its share of all trust in the item's answers.

    Ambiguous is an answer like any label.

    Returns:
        Codes of shape (n,), `OPEN` where answers tie or none counts; shares of
        shape (n,), NaN where none counts.
    """
    choices = np.column_stack((votes.weighed(trust), votes.called_ambiguous(trust)))
    best = choices.max(axis=1, initial=0)
    total = choices.sum(axis=1)
    codes = np.append(np.arange(len(votes.labels)), AMBIGUOUS)[choices.argmax(axis=1)]
    shares: NDArray[np.float64] = np.full(total.shape, np.nan)
    np.divide(best, total, out=shares, where=total > 0)
    return np.where(alone_at_top(choices) & (best > 0), codes, OPEN), shares


def alone_at_top(scores: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Where a single one of an item's scores is the highest; scores of shape (n, k)."""
    top: NDArray[np.bool_] = scores >= scores.max(axis=1, initial=-np.inf, keepdims=True) - _EQUAL
    return np.asarray(top.sum(axis=1) == 1)
