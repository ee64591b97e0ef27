"""
What a reviewer adds to the machine's labels, told from how reviewers agree beyond them.

Agreement alone rewards whoever copies the machine: copies agree with one
another perfectly. So reviewers are compared among items that carry the same
machine label, where a copy, like any constant answer, tells nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from act_spec.strategies.vote_table import NO_VOTE, VoteTable

Array = NDArray[np.float64]
Use = Literal["report", "weight", "exclude"]
LEAST_SHARED = 50
"""Fewest items shared with others before a reviewer's answers are weighed or left out."""
_LEVEL = 0.05
_CELLS = 1 << 22


@dataclass(frozen=True)
class ReviewerQuality:
    """
    How much a reviewer's answers tell beyond the machine's labels.

    Attributes:
        reviewer: The name.
        score: Conditional correlated agreement, at least 0; None without items shared with others.
        by_chance: Mean score of the same answers dealt out anew within each machine label.
        p_value: Share of such deals that score as high, the real one counted in; in (0, 1].
        shared: Items that at least one other reviewer answered too.
    """

    reviewer: str
    score: float | None
    by_chance: float
    p_value: float
    shared: int

    @property
    def tells(self) -> bool:
        """Whether the answers tell more than chance would."""
        return self.score is not None and self.p_value <= _LEVEL


def conditional_agreement(votes: VoteTable, machine: NDArray[np.int64]) -> Array:
    """
    Correlated agreement of each reviewer with the others, given the machine's label.

    For a peer and a machine label z, D(x, y) = P(x, y | z) - P(x | z) P(y | z)
    over the items that both answered. The score is the sum of its positive
    parts, averaged over z by share of items and over peers by items shared.
    It is the mutual information in total variation between two reviewers
    given z. Copies of the machine and constant answers score exactly 0.
    Estimated from the very items it is about, so random answers score a
    little above 0: see `reviewer_quality` for what chance gives.

    Args:
        votes: n items, r reviewers; ambiguous is an answer like any other.
        machine: Shape (n,), equal numbers where the machine gave the same label.

    Returns:
        Shape (r,), NaN where a reviewer shares no item with another.

    Source: after correlated agreement conditioned on the machine's labels, in
    Evaluating LLM-contaminated Crowdsourcing Data Without Ground Truth
    (arXiv:2506.06991); the weights over peers are ours.
    """
    strata = _strata(votes, machine)
    return np.array([_score(strata, reviewer) for reviewer in range(len(votes.reviewers))])


def reviewer_quality(
    votes: VoteTable, machine: NDArray[np.int64], *, permutations: int = 199, seed: int = 0
) -> list[ReviewerQuality]:
    """
    Score every reviewer, and compare the score with what chance gives.

    The null deals a reviewer's answers out anew among the items of each
    machine label: it keeps how often they give each label there, and breaks
    every tie to the items.

    Args:
        votes: n items, r reviewers.
        machine: Shape (n,), equal numbers where the machine gave the same label.
        permutations: How many deals.
        seed: Equal seeds give equal deals.
    """
    strata = _strata(votes, machine)
    alone = votes.answered.sum(axis=1) < 2
    found = []
    for number, name in enumerate(votes.reviewers):
        score = _score(strata, number)
        shared = int((votes.answered[:, number] & ~alone).sum())
        if np.isnan(score):
            found.append(ReviewerQuality(name, None, 0.0, 1.0, shared))
            continue
        chance = _null(strata, number, permutations, seed)
        as_high = 1 + int((chance >= score - 1e-12).sum())
        found.append(ReviewerQuality(name, score, float(chance.mean()), as_high / (1 + permutations), shared))
    return found


def trust(qualities: Sequence[ReviewerQuality], use: Use, *, least: int = LEAST_SHARED) -> Array:
    """
    How much each reviewer's answers count.

    `report` leaves all at 1. `exclude` gives 0 to those whose answers tell no
    more than chance would, if anybody's do. `weight` is in proportion to
    score - by_chance, 1 for the best. Whoever shares too few items to be
    judged keeps 1, or under `weight` the others' mean.

    Args:
        qualities: Of r reviewers.
        use: As the recipe says.
        least: Fewest items shared with others by which somebody is judged.

    Returns:
        Shape (r,), in [0, 1].
    """
    judged = np.array([one.shared >= least and one.score is not None for one in qualities], dtype=bool)
    tells = np.array([one.tells for one in qualities], dtype=bool)
    everyone = np.ones(len(qualities))
    if use == "report" or not (judged & tells).any():
        return everyone
    if use == "exclude":
        return np.where(judged & ~tells, 0.0, everyone)
    excess = np.array([max(0.0, (one.score or 0.0) - one.by_chance) for one in qualities])
    weight: Array = excess / excess[judged].max()
    return np.where(judged, weight, float(weight[judged].mean()))


@dataclass(frozen=True, eq=False)
class _Stratum:
    """
    Items with one machine label.

    Attributes:
        chosen: Shape (m, r, k), 1 at each reviewer's answer.
        answered: Shape (m, r), 1 where there is one.
    """

    chosen: Array
    answered: Array


def _strata(votes: VoteTable, machine: NDArray[np.int64]) -> list[_Stratum]:
    """Items by machine label, in order of first appearance: names of labels decide nothing."""
    _, code = np.unique(votes.codes, return_inverse=True)
    code = code.reshape(votes.codes.shape)
    used = np.unique(code[votes.answered])
    labels, first = np.unique(machine, return_index=True)
    strata = []
    for label in labels[np.argsort(first)]:
        rows = machine == label
        chosen = (code[rows][:, :, np.newaxis] == used).astype(np.float64)
        strata.append(_Stratum(chosen, (votes.codes[rows] != NO_VOTE).astype(np.float64)))
    return strata


def _score(strata: Sequence[_Stratum], reviewer: int) -> float:
    excess, shared = 0.0, 0.0
    for stratum in strata:
        own = stratum.answered[:, reviewer] > 0
        excess += float(_excess(stratum, reviewer, own, stratum.chosen[own, reviewer].T[np.newaxis])[0])
        shared += float(_peers(stratum.answered[own], reviewer).sum())
    return excess / shared if shared else float("nan")


def _null(strata: Sequence[_Stratum], reviewer: int, permutations: int, seed: int) -> Array:
    """Scores of shape (permutations,) after dealing out the reviewer's answers anew."""
    bits = np.random.PCG64(np.random.SeedSequence([seed, reviewer]))
    excess, shared = np.zeros(permutations), 0.0
    for stratum in strata:
        own = stratum.answered[:, reviewer] > 0
        said = stratum.chosen[own, reviewer]
        shared += float(_peers(stratum.answered[own], reviewer).sum())
        for block in _blocks(permutations, stratum, said.size):
            lots = bits.random_raw((block.stop - block.start) * len(said))
            order = np.argsort(lots.reshape(block.stop - block.start, len(said)), axis=1, kind="stable")
            excess[block] += _excess(stratum, reviewer, own, said[order].transpose(0, 2, 1))
    return np.asarray(excess / shared)


def _excess(stratum: _Stratum, reviewer: int, own: NDArray[np.bool_], said: Array) -> Array:
    """
    Items shared with each peer times the positive parts of D, summed over peers.

    Counts are whole numbers, so that what is independent comes out as 0 exactly.

    Args:
        stratum: Items with one machine label.
        reviewer: Whose answers are scored.
        own: Shape (m,), the items that the reviewer answered.
        said: Shape (deals, k, own items), 1 at the reviewer's answers.
    """
    chosen, answered = stratum.chosen[own], _peers(stratum.answered[own], reviewer)
    items, reviewers, labels = chosen.shape
    together = answered.sum(axis=0)
    both = (said @ chosen.reshape(items, reviewers * labels)).reshape(-1, labels, reviewers, labels)
    mine = said @ answered
    products = mine[:, :, :, np.newaxis] * chosen.sum(axis=0)
    above = np.maximum(together[:, np.newaxis] * both - products, 0).sum(axis=(1, 3))
    return np.asarray((above * (together > 0) / np.maximum(together, 1)) @ _others(reviewers, reviewer))


def _peers(answered: Array, reviewer: int) -> Array:
    """Where the others answered: the reviewer's own column is 0."""
    return answered * _others(answered.shape[1], reviewer)


def _others(reviewers: int, reviewer: int) -> Array:
    others: Array = np.ones(reviewers)
    others[reviewer] = 0
    return others


def _blocks(permutations: int, stratum: _Stratum, answers: int) -> Iterator[slice]:
    """So many deals at a time that their tables stay small."""
    _, reviewers, labels = stratum.chosen.shape
    size = max(1, _CELLS // max(1, answers, reviewers * labels**2))
    for start in range(0, permutations, size):
        yield slice(start, min(start + size, permutations))
