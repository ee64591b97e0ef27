"""Adjudication of whole answers: labels that exclude one another at once, sets of labels label by label."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from act_spec.records import Task
from act_spec.strategies.settled import Settled
from act_spec.strategies.vote_table import AMBIGUOUS, NO_VOTE, VoteTable

Array = NDArray[np.float64]
Adjudicator = Callable[[VoteTable, Array], Settled]
"""From votes and trust in the reviewers to what the answers amount to."""
Outcome = Literal["settled", "ambiguous", "open"]
_IN, _OUT = 0, 1


@dataclass(frozen=True)
class Answer:
    """
    What several reviewers' answers to one item amount to.

    Attributes:
        outcome: `settled`; `ambiguous`, as most reviewers say; or `open`.
        label: Canonical; None unless settled.
        confidence: In [0, 1]; of a set, that of its least sure label. None where there is none.
        shares: Label, or member of a set, to its probability.
    """

    outcome: Outcome
    label: str | None
    confidence: float | None
    shares: Mapping[str, float]


def answers_are_sets(task: Task) -> bool:
    """Whether an answer is a list of labels, each of which can be right or wrong."""
    schema = task.answer_schema()
    return schema.get("type") == "array" and "enum" in schema.get("items", {})


def answers_are_composed(task: Task) -> bool:
    """Whether an answer is none of a few labels, nor a set of them: spans, numbers, a text, a distribution."""
    if answers_are_sets(task):
        return False
    return "enum" not in task.answer_schema() or task.example().startswith("{")


def settle_answers(votes: VoteTable, trust: Array, task: Task, adjudicate: Adjudicator) -> list[Answer]:
    """
    What the reviewers' answers to each item amount to.

    Args:
        votes: n items; labels in canonical text.
        trust: Shape (r,), how much each reviewer counts.
        task: Tells whether answers are sets of labels.
        adjudicate: The method.

    Returns:
        In the order of the items.
    """
    if answers_are_sets(task):
        return _sets(votes, trust, task, adjudicate)
    settled = adjudicate(votes, trust)
    return [
        _answer(code, confidence, _shares(votes.labels, soft), lambda code: votes.labels[code])
        for code, confidence, soft in zip(
            settled.codes.tolist(), settled.confidence.tolist(), settled.soft.tolist(), strict=True
        )
    ]


def settle_composed(votes: VoteTable, trust: Array, task: Task) -> list[Answer]:
    """
    The same for answers that are composed: as the task kind settles them, among those whom trust is put in.

    Most reviewers calling an item ambiguous makes it so. The confidence is
    the mean of 1 - distance from the label; trust chooses who counts, and
    does not weigh.
    """
    return [_composed(votes, codes[(codes != NO_VOTE) & (trust > 0)], task) for codes in votes.codes]


def _composed(votes: VoteTable, codes: NDArray[np.int64], task: Task) -> Answer:
    given = [votes.labels[code] for code in codes.tolist() if code >= 0]
    if not given:
        return _answer(AMBIGUOUS if codes.size else NO_VOTE, float("nan"), {}, str)
    if 2 * len(given) < codes.size:
        return Answer("ambiguous", None, 1 - len(given) / codes.size, {})
    label = task.settle(given)
    return Answer("settled", label, sum(1 - task.distance(label, one) for one in given) / len(given), {})


def _sets(votes: VoteTable, trust: Array, task: Task, adjudicate: Adjudicator) -> list[Answer]:
    """Each label is in or out; a set is settled once all of its labels are."""
    names = [one.name for one in task.definitions]
    each = [adjudicate(_membership(votes, task, name), trust) for name in names]
    codes = np.array([one.codes for one in each])
    confidence = np.array([one.confidence for one in each])
    soft = np.array([one.soft[:, _IN] for one in each])
    return [
        _set_answer(task, names, codes[:, item], confidence[:, item], soft[:, item])
        for item in range(len(votes.items))
    ]


def _membership(votes: VoteTable, task: Task, name: str) -> VoteTable:
    """Who says that a label is in an item's set."""
    code = np.array([_IN if name in task.units(label) else _OUT for label in votes.labels], dtype=np.int64)
    chosen = votes.codes >= 0
    codes = np.where(chosen, np.append(code, _OUT)[np.where(chosen, votes.codes, 0)], votes.codes)
    return VoteTable(votes.items, votes.reviewers, ["in", "out"], codes)


def _set_answer(
    task: Task, names: list[str], codes: NDArray[np.int64], confidence: Array, soft: Array
) -> Answer:
    shares = _shares(names, soft.tolist())
    if (codes == AMBIGUOUS).any():
        return _answer(AMBIGUOUS, float(confidence.min()), shares, str)
    if (codes == NO_VOTE).any():
        return _answer(NO_VOTE, float(confidence.min()), shares, str)
    chosen = [name for name, code in zip(names, codes.tolist(), strict=True) if code == _IN]
    try:
        label = task.parse(chosen)
    except ValueError:
        # Each label has its majority, and together they are no answer of this task.
        return _answer(NO_VOTE, float(confidence.min()), shares, str)
    return Answer("settled", label, float(confidence.min()), shares)


def _answer(code: int, confidence: float, shares: Mapping[str, float], named: Callable[[int], str]) -> Answer:
    known = None if np.isnan(confidence) else confidence
    if code == AMBIGUOUS:
        return Answer("ambiguous", None, known, shares)
    if code == NO_VOTE:
        return Answer("open", None, known, shares)
    return Answer("settled", named(code), known, shares)


def _shares(labels: Sequence[str], soft: Sequence[float]) -> dict[str, float]:
    return {label: share for label, share in zip(labels, soft, strict=True) if share > 0}
