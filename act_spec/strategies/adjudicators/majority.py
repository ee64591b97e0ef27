"""The `majority` adjudicator: the answer that most reviewers gave."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from act_spec.registry import register
from act_spec.strategies.settled import Settled, plurality
from act_spec.strategies.vote_table import VoteTable


@register("adjudicator", "majority.v1")
def majority(votes: VoteTable, trust: NDArray[np.float64]) -> Settled:
    """
    Settle each item on the answer that has the most trust behind it.

    Ambiguous is an answer like any label. Where answers tie the item stays
    open: no order of labels or reviewers decides.

    Args:
        votes: n items, r reviewers, k labels.
        trust: Shape (r,), at least 0: how much each reviewer counts.

    Returns:
        Confidence and soft labels are shares of the trust.
    """
    codes, shares = plurality(votes, trust)
    return Settled(codes, shares, votes.soft_labels(trust))
