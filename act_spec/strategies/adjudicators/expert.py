"""The `expert` adjudicator: one person has the last word."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from act_spec.registry import register
from act_spec.strategies.settled import OPEN, Settled, plurality
from act_spec.strategies.vote_table import VoteTable


@register("adjudicator", "expert.v1")
def expert(votes: VoteTable, trust: NDArray[np.float64], *, who: str) -> Settled:
    """
    Settle each item on the expert's answer; without one, on what all others say alike.

    An item on which the others disagree stays open until the expert answers.
    The expert's word does not depend on trust.

    Args:
        votes: n items, r reviewers, k labels.
        trust: Shape (r,), at least 0; a reviewer with 0 is not heard.
        who: The expert's name among the reviewers; may have answered nothing yet.

    Returns:
        Confidence and soft labels are shares of the trusted votes, the expert's among them.
    """
    heard = np.where(np.array(votes.reviewers, dtype=object) == who, 1.0, trust)
    codes, shares = plurality(votes, heard)
    settled = np.where(shares == 1, codes, OPEN)
    if who in votes.reviewers:
        own = votes.codes[:, list(votes.reviewers).index(who)]
        settled = np.where(own != OPEN, own, settled)
        shares = _share_of(votes, heard, settled, shares)
    return Settled(settled, shares, votes.soft_labels(heard))


def _share_of(
    votes: VoteTable, heard: NDArray[np.float64], settled: NDArray[np.int64], otherwise: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Share of the trust in what was settled, rather than in the most frequent answer."""
    total = votes.answered @ heard
    same = (votes.codes == settled[:, np.newaxis]) @ heard
    shares: NDArray[np.float64] = otherwise.copy()
    np.divide(same, total, out=shares, where=(settled != OPEN) & (total > 0))
    return shares
