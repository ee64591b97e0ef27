"""F1 of passages that match in part, and of each label."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from act_spec.records import Labelled, Metric
from act_spec.tasks.parts.f1 import pairs_with_gold, tally, tally_of
from act_spec.tasks.parts.marks import Mark

MOST_LABELS = 50
Marks = Callable[[str], Sequence[Mark]]


def partial_figures(rows: Iterable[Labelled], marks: Marks, labels: Sequence[str]) -> Iterator[Metric]:
    """
    Rows `machine_partial_f1` and `final_partial_f1`, and an F1 for each label where they are few.

    A passage counts as much as it shares with one of the same label: the
    characters of both over those of either. Each is matched once, the best
    matches first. The definition is ours.
    """
    for name, pairs in pairs_with_gold(rows).items():
        sides = [(marks(label) if label is not None else (), marks(gold)) for label, gold in pairs]
        shared = tally_of((_shared(given, known), len(given), len(known)) for given, known in sides)
        note = "passages count by the share of characters that they have in common (our definition)"
        yield from shared.metrics(f"{name}_partial", note, apart=False)
        for label in labels if len(labels) <= MOST_LABELS else ():
            own = [
                (
                    [mark for mark in given if mark.label == label],
                    [mark for mark in known if mark.label == label],
                )
                for given, known in sides
            ]
            if any(given or known for given, known in own):
                [found] = tally(own).metrics(name, "passages with this label", apart=False)
                yield Metric(f"{found.name}:{label}", found.value, found.low, found.high, found.note)


def _shared(given: Sequence[Mark], known: Sequence[Mark]) -> float:
    """What the best matches of two lists sum to."""
    matches = sorted(
        (
            (_overlap(one, other), number, place)
            for number, one in enumerate(given)
            for place, other in enumerate(known)
            if one.label == other.label and one.place.overlaps(other.place)
        ),
        reverse=True,
    )
    total, used, met = 0.0, set(), set()
    for score, number, place in matches:
        if number not in used and place not in met:
            total += score
            used.add(number)
            met.add(place)
    return total


def _overlap(one: Mark, other: Mark) -> float:
    both = min(one.end, other.end) - max(one.start, other.start)
    return both / (max(one.end, other.end) - min(one.start, other.start))
