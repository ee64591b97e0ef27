"""The `dawid_skene` adjudicator: reviewers' error rates and the labels, each estimated from the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from act_spec.registry import register
from act_spec.strategies.settled import OPEN, Settled, alone_at_top, plurality
from act_spec.strategies.vote_table import AMBIGUOUS, VoteTable

Array = NDArray[np.float64]


@register("adjudicator", "dawid_skene.v1")
def dawid_skene(
    votes: VoteTable,
    trust: Array,
    *,
    rounds: Annotated[int, Field(ge=1)] = 100,
    tolerance: Annotated[float, Field(gt=0)] = 1e-6,
    smoothing: Annotated[float, Field(gt=0)] = 0.01,
) -> Settled:
    """
    Settle each item on its likeliest label, given how each reviewer tends to err.

    EM from the shares of votes: how often each reviewer says which label for
    which true one, and how likely each label is for each item. It needs
    reviewers with many answers in common: two alone cannot be told apart.
    Ambiguous answers say nothing of labels; an item that most call ambiguous
    stays so.

    Args:
        votes: n items, r reviewers, k labels.
        trust: Shape (r,), at least 0. It multiplies the logarithm of what a
            reviewer's answers say: 1 is the model itself, 0 leaves one out.
        rounds: Most steps of EM.
        tolerance: It stops once no probability moves by more.
        smoothing: Answers of each kind that every reviewer is taken to have
            given besides, so that none is sure beyond doubt. Ours.

    Returns:
        Confidence is the settled label's probability, soft labels are all of
        them. Labels that tie stay open.

    Source: Dawid & Skene (1979), Maximum likelihood estimation of observer
    error-rates using the EM algorithm.
    """
    heard = _Heard.of(votes, trust)
    probability = np.nan_to_num(votes.soft_labels((trust > 0).astype(np.float64)))
    for _ in range(rounds):
        prior, said = heard.maximise(probability, smoothing)
        before, probability = probability, heard.expect(prior, said)
        if np.abs(probability - before).max(initial=0) <= tolerance:
            break
    return _settled(votes, trust, probability)


@dataclass(frozen=True, eq=False)
class _Heard:
    """The votes that count, one an entry; `known` is 1 where an item has any."""

    item: NDArray[np.int64]
    reviewer: NDArray[np.int64]
    code: NDArray[np.int64]
    trust: Array
    known: Array
    reviewers: int
    labels: int

    @classmethod
    def of(cls, votes: VoteTable, trust: Array) -> _Heard:
        item, reviewer = np.nonzero((votes.codes >= 0) & (trust > 0))
        known = np.zeros(len(votes.items))
        known[item] = 1
        code = votes.codes[item, reviewer]
        return cls(item, reviewer, code, trust[reviewer], known, len(votes.reviewers), len(votes.labels))

    def maximise(self, probability: Array, smoothing: float) -> tuple[Array, Array]:
        """Shares of the true labels, shape (k,), and P(said | true) by reviewer, said and true, shape (r, k, k)."""
        prior = self.known @ probability / max(self.known.sum(), 1)
        said = np.full((self.reviewers, self.labels, self.labels), smoothing)
        np.add.at(said, (self.reviewer, self.code), probability[self.item])
        return prior, said / said.sum(axis=1, keepdims=True)

    def expect(self, prior: Array, said: Array) -> Array:
        """Each item's label probabilities, shape (n, k); 0 where nobody answered."""
        with np.errstate(divide="ignore"):
            score = np.tile(np.log(prior), (self.known.size, 1))
        told = self.trust[:, np.newaxis] * np.log(said[self.reviewer, self.code])
        np.add.at(score, self.item, told)
        with np.errstate(invalid="ignore"):
            likely = np.exp(score - score.max(axis=1, keepdims=True)) * self.known[:, np.newaxis]
        total = np.maximum(likely.sum(axis=1, keepdims=True), 1e-300)
        return np.asarray(np.nan_to_num(likely / total))


def _settled(votes: VoteTable, trust: Array, probability: Array) -> Settled:
    known = probability.sum(axis=1) > 0
    codes = np.where(known & alone_at_top(probability), probability.argmax(axis=1), OPEN)
    most, shares = plurality(votes, trust)
    ambiguous = most == AMBIGUOUS
    confidence = np.where(known, probability.max(axis=1), np.nan)
    return Settled(
        np.where(ambiguous, AMBIGUOUS, codes),
        np.where(ambiguous, shares, confidence),
        np.where(known[:, np.newaxis], probability, np.nan),
    )
