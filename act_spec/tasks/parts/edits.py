"""How far one text is from another, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from act_spec.records import Labelled, Metric
from act_spec.tasks.parts.f1 import pairs_with_gold
from act_spec.tasks.parts.resampling import percentile_interval

_LONGEST = 5_000
"""Of longer texts only so many words are compared, and their distance is a bound from these."""


def word_distance(one: str, other: str) -> float:
    """
    Levenshtein's distance in words, over the words of the longer text; in [0, 1].

    White space does not count; case and punctuation do.
    """
    first, second = one.split()[:_LONGEST], other.split()[:_LONGEST]
    if not first or not second:
        return float(first != second)
    codes: dict[str, int] = {}
    left = np.array([codes.setdefault(word, len(codes)) for word in first])
    right = np.array([codes.setdefault(word, len(codes)) for word in second])
    steps = np.arange(right.size + 1)
    row = steps.copy()
    for number, word in enumerate(left, start=1):
        # Replace or delete at once; then insertions, each a step to the right, as a running minimum.
        made = np.concatenate(([number], np.minimum(row[:-1] + (right != word), row[1:] + 1)))
        row = np.minimum.accumulate(made - steps) + steps
    return float(row[-1]) / max(left.size, right.size)


def edit_figures(rows: Iterable[Labelled]) -> Iterator[Metric]:
    """
    `edited_share` and `edit_distance` of reviewed texts, and `machine_` and `final_edit_distance` from known ones.

    Distances are those of `word_distance`; intervals by resampling items.
    """
    listed = list(rows)
    reviewed = [
        word_distance(row.machine, row.final)
        for row in listed
        if row.outcome in {"keep", "change"} and row.machine is not None and row.final is not None
    ]
    if reviewed:
        note = f"of {len(reviewed):,} reviewed texts"
        yield Metric("edited_share", float(np.mean([distance > 0 for distance in reviewed])), note=note)
        yield _mean("edit_distance", reviewed, f"between the machine's and the reviewer's text, {note}")
    for who, pairs in pairs_with_gold(listed).items():
        apart = [1.0 if label is None else word_distance(label, gold) for label, gold in pairs]
        if apart:
            yield _mean(f"{who}_edit_distance", apart, f"from the known text, over {len(apart):,} items")


def _mean(name: str, values: list[float], note: str) -> Metric:
    found = np.array(values)
    low, high = percentile_interval(found)
    words = f"mean share of words {note}; 95% interval by resampling items"
    return Metric(name, float(found.mean()), low, high, words)
