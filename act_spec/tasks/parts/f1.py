"""Precision, recall and F1 of answers that are sets, with intervals by resampling items."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from act_spec.records import Labelled, Metric
from act_spec.tasks.parts.resampling import resampled_counts

Parts = Callable[[str], Collection[Any]]
"""The hashable parts of a label."""


def f1(found: float, given: int, wanted: int) -> float:
    """
    2 * found / (given + wanted); two empty sets agree: 1.

    Args:
        found: Parts that both have, or what partial matches sum to.
        given: Parts of the answer.
        wanted: Parts of the reference.
    """
    return 2 * found / (given + wanted) if given + wanted else 1.0


def set_distance(one: Collection[Any], other: Collection[Any]) -> float:
    """1 - F1 of two sets, in [0, 1]; both empty: 0."""
    return 1 - f1(len(set(one) & set(other)), len(one), len(other))


@dataclass(frozen=True)
class Tally:
    """
    What answers have in common with the known ones, item by item.

    Attributes:
        found: Shape (n,), parts that both have; partial matches count less than 1.
        given: Shape (n,), parts of the answers.
        wanted: Shape (n,), parts of the known answers.
    """

    found: NDArray[np.float64]
    given: NDArray[np.float64]
    wanted: NDArray[np.float64]

    @property
    def totals(self) -> tuple[float, float, float]:
        """Found, given and wanted parts of all items."""
        return float(self.found.sum()), float(self.given.sum()), float(self.wanted.sum())

    def metrics(self, name: str, note: str, *, apart: bool = True) -> Iterator[Metric]:
        """
        Micro F1 with its interval, and precision and recall.

        Args:
            name: Such as `machine`; the rows are `machine_f1` and so on.
            note: What is compared.
            apart: Whether precision and recall are rows too.
        """
        if not self.wanted.size:
            yield Metric(f"{name}_f1", None, note="there is no gold")
            return
        total = self.totals
        counts = resampled_counts(self.wanted.size)
        drawn = f1_of(counts @ self.found, counts @ self.given, counts @ self.wanted)
        low, high = np.percentile(drawn, [2.5, 97.5])
        words = f"{note}; micro, over {self.wanted.size:,} items; 95% interval by resampling items"
        yield Metric(f"{name}_f1", float(f1_of(*total)), float(low), float(high), words)
        if apart:
            for kind, of, what in (("precision", total[1], "given"), ("recall", total[2], "known")):
                value = float(total[0] / of) if of else None
                yield Metric(f"{name}_{kind}", value, note=note if of else f"nothing is {what}")


def f1_of(found: Any, given: Any, wanted: Any) -> Any:
    """`f1` for arrays of one shape."""
    size = np.asarray(given + wanted, dtype=np.float64)
    return np.where(size > 0, 2 * found / np.where(size > 0, size, 1), 1.0)


def tally(answers: Iterable[tuple[Collection[Any], Collection[Any]]]) -> Tally:
    """The tally of pairs of an answer's and a known answer's parts, compared part by part."""
    rows = [(len(set(one) & set(known)), len(one), len(known)) for one, known in answers]
    return tally_of(rows)


def tally_of(rows: Iterable[tuple[float, float, float]]) -> Tally:
    """The tally of items' found, given and wanted parts."""
    table = np.array(list(rows), dtype=np.float64).reshape(-1, 3)
    return Tally(table[:, 0], table[:, 1], table[:, 2])


def pairs_with_gold(rows: Iterable[Labelled]) -> Mapping[str, list[tuple[str | None, str]]]:
    """`machine` and `final` labels beside the known ones, over the items that have one."""
    known = [row for row in rows if row.gold is not None]
    return {
        "machine": [(row.machine, row.gold) for row in known if row.gold is not None],
        "final": [(row.final, row.gold) for row in known if row.gold is not None],
    }


def set_figures(rows: Iterable[Labelled], parts: Parts, note: str) -> Iterator[Metric]:
    """
    Micro F1 of the machine's and the delivered labels against the known ones.

    An item without a label counts as an empty answer.

    Args:
        rows: Items with their labels.
        parts: What of a label is compared.
        note: Says so, in words.
    """
    for name, pairs in pairs_with_gold(rows).items():
        compared = tally((parts(label) if label is not None else (), parts(gold)) for label, gold in pairs)
        yield from compared.metrics(name, note)


MOST_LABELS = 50


def label_figures(rows: Iterable[Labelled], parts: Parts, labels: Sequence[str]) -> Iterator[Metric]:
    """
    Precision and recall of each label, where there are few; and how much of the gap review closes.

    `gap_closed` is (final F1 - machine F1) / (1 - machine F1), the share of
    the way from the machine's labels to the known ones. Our definition.
    """
    pairs = pairs_with_gold(rows)
    sides = {
        name: [
            (set(parts(label)) if label is not None else set(), set(parts(gold))) for label, gold in listed
        ]
        for name, listed in pairs.items()
    }
    for name, compared in sides.items():
        for label in labels if len(labels) <= MOST_LABELS else ():
            found = sum(label in given and label in known for given, known in compared)
            for figure, place, what in (("precision", 0, "given"), ("recall", 1, "known")):
                of = sum(label in pair[place] for pair in compared)
                value = found / of if of else None
                note = f"{found:,} of {of:,}" if of else f"the label is never {what}"
                yield Metric(f"{name}_{figure}:{label}", value, note=note)
    before, after = (float(f1_of(*tally(sides[name]).totals)) for name in ("machine", "final"))
    if not sides["final"] or before == 1:
        yield Metric("gap_closed", None, note="there is no gold" if not sides["final"] else "there is no gap")
    else:
        note = "share of the way from the machine's F1 to 1 that review has gone (our definition)"
        yield Metric("gap_closed", (after - before) / (1 - before), note=note)
