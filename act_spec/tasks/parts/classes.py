"""Figures of labels that exclude one another, each class counting as much as any other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from act_spec.records import Labelled, Metric
from act_spec.tasks.parts.f1 import f1_of, pairs_with_gold
from act_spec.tasks.parts.resampling import resampled_counts


def class_figures(rows: Iterable[Labelled], labels: Sequence[str]) -> Iterator[Metric]:
    """
    Macro F1 and balanced accuracy of the machine's and the delivered labels against the known ones.

    Means over the labels that occur among the known ones; an item without a
    label is wrong. Intervals by resampling items.
    """
    for who, pairs in pairs_with_gold(rows).items():
        if not pairs:
            for figure in ("macro_f1", "balanced_accuracy"):
                yield Metric(f"{who}_{figure}", None, note="there is no gold")
            continue
        place = {label: number for number, label in enumerate(labels)}
        known = np.array([place[gold] for _, gold in pairs])
        given = np.array([-1 if label is None else place[label] for label, _ in pairs])
        used = [number for number in range(len(labels)) if (known == number).any()]
        note = f"over {known.size:,} items and {len(used)} labels; 95% interval by resampling items"
        counts = np.vstack([np.ones(known.size), resampled_counts(known.size)])
        for figure, values in _figures(given, known, used, counts).items():
            low, high = np.percentile(values[1:], [2.5, 97.5])
            yield Metric(f"{who}_{figure}", float(values[0]), float(low), float(high), note)


def class_scores(
    pairs: Sequence[tuple[str | None, str]], labels: Sequence[str]
) -> tuple[float, float] | None:
    """
    Macro F1 and balanced accuracy, without intervals.

    Args:
        pairs: Answer, None where there is none, and known label; both of the labels.
        labels: All there are.

    Returns:
        Means over the labels that occur among the known ones; None without any pair.
    """
    if not pairs:
        return None
    place = {label: number for number, label in enumerate(labels)}
    known = np.array([place[label] for _, label in pairs])
    given = np.array([-1 if answer is None else place[answer] for answer, _ in pairs])
    used = [number for number in range(len(labels)) if (known == number).any()]
    found = _figures(given, known, used, np.ones((1, known.size)))
    return float(found["macro_f1"][0]), float(found["balanced_accuracy"][0])


def _figures(
    given: NDArray[np.int64], known: NDArray[np.int64], used: Sequence[int], counts: NDArray[np.float64]
) -> dict[str, NDArray[np.float64]]:
    """Each figure for all items, and for every resample."""
    scores, recalls = [], []
    for label in used:
        found = counts @ ((given == label) & (known == label))
        wanted = counts @ (known == label)
        scores.append(f1_of(found, counts @ (given == label), wanted))
        recalls.append(np.where(wanted > 0, found / np.where(wanted > 0, wanted, 1), np.nan))
    return {"macro_f1": np.mean(scores, axis=0), "balanced_accuracy": np.nanmean(recalls, axis=0)}
