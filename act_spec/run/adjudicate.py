"""After the review: several reviewers' answers to an item become one, or the item stays open."""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from act_spec.plan.model import Plan
from act_spec.recipe.review import ANNOTATOR, Quality
from act_spec.registry import Entry, find
from act_spec.run.stage import StageReport
from act_spec.store.adjudication import Adjudicated, HumanVote, human_votes, open_items, write_adjudicated
from act_spec.store.database import Store
from act_spec.strategies.estimators.reviewer_quality import ReviewerQuality, reviewer_quality, trust
from act_spec.strategies.settling import (
    Answer,
    answers_are_composed,
    answers_are_sets,
    settle_answers,
    settle_composed,
)
from act_spec.strategies.vote_table import VoteTable


@dataclass(frozen=True, eq=False)
class Votes:
    """
    People's answers, ready for estimators.

    Attributes:
        table: n items, r reviewers.
        machine: Shape (n,), equal numbers where reviewers may have copied the
            same: the machine's label, or what the recipe names in its place.
        groups: Shape (n,), equal numbers where items belong together.
        answers: Shape (n,), rows of `reviews` that each item has.
    """

    table: VoteTable
    machine: NDArray[np.int64]
    groups: NDArray[np.int64]
    answers: NDArray[np.int64]

    @property
    def several(self) -> NDArray[np.bool_]:
        """Where two reviewers or more answered, shape (n,)."""
        return np.asarray(self.table.answered.sum(axis=1) >= 2)


def read_votes(plan: Plan, store: Store) -> Votes:
    """Every reviewer's latest answer to every item."""
    found = human_votes(store)
    known = [] if answers_are_sets(plan.task) else [one.name for one in plan.task.definitions]
    table = VoteTable.of(((vote.item_id, vote.reviewer, vote.label) for vote in found), known)
    of_item: dict[str, HumanVote] = {vote.item_id: vote for vote in found}
    first = [of_item[item] for item in table.items]
    return Votes(
        table,
        _numbers(_copied(plan.review.quality, vote) for vote in first),
        _numbers(vote.group for vote in first),
        np.array([vote.answers for vote in first], dtype=np.int64),
    )


def qualities(plan: Plan, votes: Votes) -> list[ReviewerQuality]:
    """What each reviewer tells beyond the machine's labels; empty unless the recipe asks."""
    if plan.review.quality is None:
        return []
    return reviewer_quality(votes.table, votes.machine, seed=plan.seed)


def adjudicate(plan: Plan, store: Store) -> StageReport:
    """
    Settle the items that several reviewers answered, by the recipe's method.

    Without one, the last word counts and nothing is written. Items wait where
    a person is to settle them; where a method leaves them open they keep the
    machine's label.
    """
    rows = _settled(plan, store) if _method(plan) else []
    write_adjudicated(store, plan.review_key, rows)
    waiting = len(open_items(store)) if _expert(plan) else 0
    return StageReport("adjudicate", settled=sum(row.outcome != "open" for row in rows), waiting=waiting)


def _settled(plan: Plan, store: Store) -> list[Adjudicated]:
    votes = read_votes(plan, store)
    entry, counts = _entry(plan), _trust(plan, votes)
    chosen = {"who": _expert(plan)} if _expert(plan) else {}
    if answers_are_composed(plan.task) and not _expert(plan):
        answers = settle_composed(votes.table, counts, plan.task)
    else:
        answers = settle_answers(votes.table, counts, plan.task, partial(entry.build, **chosen))
    # An answer that stands alone is what it is, unless its reviewer no longer counts.
    decided = votes.several | ((votes.table.answered @ counts) == 0)
    return [
        _row(votes.table.items[place], answers[place], entry.full_name, int(votes.answers[place]))
        for place in np.flatnonzero(decided).tolist()
    ]


def _row(item_id: str, answer: Answer, method: str, answers: int) -> Adjudicated:
    shares = json.dumps(dict(answer.shares), ensure_ascii=False) if answer.shares else None
    return Adjudicated(item_id, answer.label, answer.outcome, method, answer.confidence, shares, answers)


def _trust(plan: Plan, votes: Votes) -> NDArray[np.float64]:
    if plan.review.quality is None:
        return np.ones(len(votes.table.reviewers))
    quality = plan.review.quality
    return trust(qualities(plan, votes), quality.use, least=quality.min_overlap)


def _method(plan: Plan) -> str | None:
    """As the recipe says; where trust differs, a majority of it, since a last word has no weight."""
    quality = plan.review.quality
    if plan.review.disagreements is None and quality is not None and quality.use != "report":
        return "majority"
    return plan.review.disagreements


def _expert(plan: Plan) -> str | None:
    """The person who settles disagreements: named, or the last of the reviewers."""
    said = plan.review.disagreements
    if said == "expert":
        return plan.review.reviewers[-1]
    return said if said in plan.review.reviewers else None


def _entry(plan: Plan) -> Entry:
    return find("adjudicator", "expert" if _expert(plan) else str(_method(plan)))


def _copied(quality: Quality | None, vote: HumanVote) -> tuple[str | None, ...]:
    """What a reviewer of this item may have copied."""
    named = (ANNOTATOR,) if quality is None else quality.condition_on
    return tuple(vote.machine_label if name == ANNOTATOR else vote.columns.get(name) for name in named)


def _numbers(names: Iterable[Hashable]) -> NDArray[np.int64]:
    code: dict[Hashable, int] = {}
    return np.array([code.setdefault(name, len(code)) for name in names], dtype=np.int64)
