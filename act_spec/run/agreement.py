"""What several reviewers' answers to the same items tell: how far they agree, and what each adds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import combinations

import numpy as np

from act_spec.plan.model import Plan
from act_spec.records import Metric
from act_spec.run.adjudicate import Votes, qualities, read_votes
from act_spec.store.adjudication import adjudication_counts
from act_spec.store.database import Store
from act_spec.strategies.estimators.agreement import cohens_kappa_interval
from act_spec.strategies.estimators.agreement_alpha import Level, alpha_by_difference, krippendorffs_alpha
from act_spec.strategies.estimators.agreement_by_counts import fleiss_kappa, gwet_ac1, observed_agreement
from act_spec.strategies.estimators.agreement_interval import Resampling
from act_spec.strategies.estimators.label_quality import Estimate
from act_spec.strategies.estimators.reviewer_quality import ReviewerQuality
from act_spec.strategies.settling import answers_are_sets
from act_spec.tasks.pairwise import TIE

_MOST_IN_PAIRS = 5
"""Most reviewers for whom every pair has a row."""


def agreement_metrics(plan: Plan, store: Store) -> list[Metric]:
    """Rows on the items that several people answered; none where nobody has a second reviewer."""
    votes = read_votes(plan, store)
    several = int(votes.several.sum())
    if not several:
        return []
    return [
        Metric("reviewed_by_several", float(several)),
        *_together(plan, votes, several),
        *_on_a_scale(plan, votes, several),
        *_pairs(plan, votes),
        *_ties(plan, votes),
        *(
            Metric(f"answers_{outcome}", float(number), note="of the items that several answered")
            for outcome, number in adjudication_counts(store).items()
        ),
        *_qualities(plan, votes),
    ]


def _together(plan: Plan, votes: Votes, several: int) -> Iterator[Metric]:
    """All reviewers at once; alpha counts how near two answers are, the others only whether they are equal."""
    counts, resampling = votes.table.counts, _resampling(plan, votes)
    used = np.flatnonzero(counts.sum(axis=0))
    note = f"over the {several:,} items that several answered, as they were drawn; ambiguous answers left out"
    labels = [votes.table.labels[place] for place in used.tolist()]
    distance = np.array([[plan.task.distance(one, other) for other in labels] for one in labels])
    figures: dict[str, Callable[[], Estimate]] = {
        "observed_agreement": partial(observed_agreement, counts, resampling),
        "krippendorffs_alpha": partial(alpha_by_difference, counts[:, used], distance, resampling),
    }
    if not answers_are_sets(plan.task):
        figures["fleiss_kappa"] = partial(fleiss_kappa, counts, resampling)
        figures["gwet_ac1"] = partial(gwet_ac1, counts, resampling)
    for name, compute in figures.items():
        yield _figure(name, compute, note)


def _on_a_scale(plan: Plan, votes: Votes, several: int) -> Iterator[Metric]:
    """Alpha at each level of measurement, where labels stand on a scale."""
    used = np.flatnonzero(votes.table.counts.sum(axis=0))
    places = {at: plan.task.place(votes.table.labels[at]) for at in used.tolist()}
    known = {at: place for at, place in places.items() if place is not None}
    if not known or len(known) < len(places):
        return
    rising = sorted(known, key=lambda at: known[at])
    counts, values = votes.table.counts[:, rising], np.array([known[at] for at in rising])
    levels: tuple[Level, ...] = ("nominal", "ordinal", "interval")
    for level in levels:
        compute = partial(
            krippendorffs_alpha,
            counts,
            level,
            values=values if level == "interval" else None,
            resampling=_resampling(plan, votes),
        )
        yield _figure(
            f"krippendorffs_alpha_{level}", compute, f"over the {several:,} items that several answered"
        )


def _ties(plan: Plan, votes: Votes) -> Iterator[Metric]:
    """How often each reviewer finds neither of two better: people differ in it more than in anything else."""
    table = votes.table
    if plan.task.kind != "pairwise" or TIE not in table.labels:
        return
    for number, name in enumerate(table.reviewers):
        given = table.codes[:, number][table.codes[:, number] >= 0]
        if given.size:
            share = float((given == table.labels.index(TIE)).mean())
            yield Metric(f"tie_share:{name}", share, note=f"of {given.size:,} answers")


def _pairs(plan: Plan, votes: Votes) -> Iterator[Metric]:
    table, resampling = votes.table, _resampling(plan, votes)
    if len(table.reviewers) > _MOST_IN_PAIRS:
        return
    for one, other in combinations(range(len(table.reviewers)), 2):
        both = (table.codes[:, [one, other]] >= 0).all(axis=1)
        if not both.any():
            continue
        first, second = (table.codes[both, who].astype(object) for who in (one, other))
        chosen = Resampling(votes.groups[both], resampling.draws, resampling.seed, resampling.certainty)
        yield _figure(
            f"cohens_kappa:{table.reviewers[one]} and {table.reviewers[other]}",
            partial(cohens_kappa_interval, first, second, chosen),
            f"over {int(both.sum()):,} items",
        )


def _figure(name: str, compute: Callable[[], Estimate], note: str) -> Metric:
    """A row with its interval; without one where resampling cannot tell."""
    try:
        found = compute()
    except ValueError as error:
        return Metric(name, None, note=str(error))
    if not np.isfinite([found.low, found.high]).all():
        return Metric(name, found.value, note=f"{note}; resampling gives no interval")
    return Metric(name, found.value, found.low, found.high, f"{note}; 95% interval by resampling items")


def _qualities(plan: Plan, votes: Votes) -> Iterator[Metric]:
    if plan.review.quality is not None:
        for one in qualities(plan, votes):
            yield _quality(one, plan.review.quality.min_overlap)


def _quality(one: ReviewerQuality, least: int) -> Metric:
    name = f"reviewer_quality:{one.reviewer}"
    if one.score is None:
        return Metric(name, None, note="no other reviewer answered the same items")
    note = f"chance gives {one.by_chance:.3f} (p = {one.p_value:.3f}), over {one.shared:,} items"
    few = f"; fewer than {least}, so neither weighed nor left out" if one.shared < least else ""
    return Metric(name, one.score, note=note + few)


def _resampling(plan: Plan, votes: Votes) -> Resampling:
    return Resampling(votes.groups, seed=plan.seed)
