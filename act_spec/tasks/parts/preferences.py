"""Figures of pairwise answers: who wins, what the order did, and how strong each system is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from act_spec.records import Labelled, Metric
from act_spec.tasks.parts.resampling import percentile_interval, resampled_counts

_SWAPPED = frozenset({"swapped", "true", "1"})
_STEPS = 10_000
_CLOSE = 1e-10
_PRIOR = 0.5
"""Half a win each way between every pair that met, so that one who never lost has a strength."""


def preference_figures(
    rows: Iterable[Labelled], between: Sequence[str], systems: Sequence[str] | None
) -> Iterator[Metric]:
    """
    What pairwise answers amount to.

    Args:
        rows: Items with their labels, each a name in `between` or a tie.
        between: The two that are compared.
        systems: Columns with the names of who made the first and the second.
    """
    listed = list(rows)
    final = [row.final for row in listed if row.final is not None]
    for name in (*between, "tie"):
        share = np.array([label == name for label in final], dtype=np.float64)
        if share.size:
            low, high = percentile_interval(share)
            yield Metric(
                f"preferred:{name}",
                float(share.mean()),
                low,
                high,
                "share of the delivered labels, " + _WIDTH,
            )
    yield from _people(listed, between)
    yield from _orders(listed, between)
    if systems:
        yield from _strengths(listed, between, systems)


_WIDTH = "95% interval by resampling items"


def _people(rows: Sequence[Labelled], between: Sequence[str]) -> Iterator[Metric]:
    """Wins, ties and losses among all answers of people, of whom several may have answered an item."""
    answered = [row.people for row in rows if row.people]
    if not any(len(people) > 1 for people in answered):
        return
    times = resampled_counts(len(answered))
    sizes = np.array([len(people) for people in answered], dtype=np.float64)
    for name in (*between, "tie"):
        given = np.array([people.count(name) for people in answered], dtype=np.float64)
        low, high = np.percentile((times @ given) / (times @ sizes), [2.5, 97.5])
        note = f"{int(given.sum()):,} of {int(sizes.sum()):,} answers of people; {_WIDTH}"
        yield Metric(
            f"people_preferred:{name}", float(given.sum() / sizes.sum()), float(low), float(high), note
        )


def _orders(rows: Sequence[Labelled], between: Sequence[str]) -> Iterator[Metric]:
    """Agreement of the two orders, and how much more often the first that was shown is preferred."""
    both: list[tuple[Labelled, str | None, str | None]] = []
    firsts: list[float] = []
    right: list[bool] = []
    for row in rows:
        seen = _by_order(row)
        for swapped, label in seen.items():
            if label in between:
                firsts.append(float(between.index(label) == int(swapped)))
            if row.gold is not None:
                right.append(label == row.gold)
        if len(seen) == 2:
            both.append((row, seen[False], seen[True]))
    if firsts:
        bias = np.array(firsts)
        low, high = percentile_interval(bias)
        note = f"of {bias.size:,} single answers that prefer one; 50% is no bias; {_WIDTH}"
        yield Metric("first_shown_preferred", float(bias.mean()), low, high, note)
    if right:
        yield Metric(
            "vote_accuracy", float(np.mean(right)), note=f"of {len(right):,} single answers with gold"
        )
    answered = [(one, other) for _, one, other in both if one is not None or other is not None]
    if answered:
        share = np.array([one == other for one, other in answered], dtype=np.float64)
        low, high = percentile_interval(share)
        note = f"over {share.size:,} items asked in both orders and answered in one at least; {_WIDTH}"
        yield Metric("positional_agreement", float(share.mean()), low, high, note)


def _by_order(row: Labelled) -> dict[bool, str | None]:
    """Swapped or not, to the answer in that order; of several members the first one's."""
    found: dict[bool, str | None] = {}
    for vote in row.votes:
        found.setdefault(vote.member.partition(" ")[0].casefold() in _SWAPPED, vote.label)
    return found


def _strengths(rows: Sequence[Labelled], between: Sequence[str], systems: Sequence[str]) -> Iterator[Metric]:
    played = [
        (first, second, 1.0 if row.final == between[0] else 0.0 if row.final == between[1] else 0.5)
        for row in rows
        if row.final is not None
        and (first := row.columns.get(systems[0])) is not None
        and (second := row.columns.get(systems[1])) is not None
        and first != second
    ]
    if not played:
        yield Metric("bradley_terry", None, note="no labelled pair names two different systems")
        return
    for name, strength in bradley_terry(played).items():
        games = sum(name in (first, second) for first, second, _ in played)
        note = f"log odds against an average system, over {games:,} pairs; ties are half a win"
        yield Metric(f"bradley_terry:{name}", strength, note=note)


def bradley_terry(played: Sequence[tuple[str, str, float]]) -> Mapping[str, float]:
    """
    Strengths under which the results are likeliest: P(a beats b) = 1 / (1 + exp(b - a)).

    Args:
        played: First, second, and what the first scored: 1 won, 0.5 tied, 0 lost.

    Returns:
        Name to strength, in log odds with mean 0, strongest first. Half a win
        each way is added between every two that met, so that all are finite.

    Source: Bradley & Terry (1952); the steps are Hunter's MM algorithm (2004),
    the added wins are ours.
    """
    names = sorted({name for first, second, _ in played for name in (first, second)})
    place = {name: number for number, name in enumerate(names)}
    wins: NDArray[np.float64] = np.zeros((len(names), len(names)))
    met: defaultdict[tuple[int, int], int] = defaultdict(int)
    for first, second, score in played:
        one, other = place[first], place[second]
        wins[one, other] += score
        wins[other, one] += 1 - score
        met[one, other] += 1
    for one, other in {(min(pair), max(pair)) for pair in met}:
        wins[one, other] += _PRIOR
        wins[other, one] += _PRIOR
    games = wins + wins.T
    strength = np.ones(len(names))
    for _ in range(_STEPS):
        stronger = wins.sum(axis=1) / (games / (strength[:, None] + strength[None, :])).sum(axis=1)
        stronger /= np.exp(np.log(stronger).mean())
        done = np.abs(np.log(stronger / strength)).max() < _CLOSE
        strength = stronger
        if done:
            break
    found = {name: float(np.log(strength[place[name]])) for name in names}
    return dict(sorted(found.items(), key=lambda one: -one[1]))
