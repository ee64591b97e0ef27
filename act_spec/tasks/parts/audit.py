"""What reviewers made of labels that existed before: kept, flipped, or called ambiguous."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from act_spec.records import Labelled, Metric

OUTCOMES = {"keep": "keep", "change": "flip", "ambiguous": "ambiguous"}
"""A review's outcome to its name in figures."""


def audit_figures(rows: Iterable[Labelled], sources: str | None) -> Iterator[Metric]:
    """
    Rows `audited:keep`, `audited:flip` and `audited:ambiguous`, and the same for each source.

    Args:
        rows: Items; those that nobody reviewed, or that were skipped, are not counted.
        sources: Column that names where an item comes from; None for none.
    """
    reviewed = [row for row in rows if row.outcome in OUTCOMES]
    if not reviewed:
        return
    yield from _counts("audited", reviewed)
    if sources is None:
        return
    for source in sorted({row.columns.get(sources) or "" for row in reviewed}):
        own = [row for row in reviewed if (row.columns.get(sources) or "") == source]
        for metric in _counts("audited", own):
            yield Metric(f"{metric.name}:{source}", metric.value, note=metric.note)


def _counts(name: str, rows: list[Labelled]) -> Iterator[Metric]:
    counts = Counter(OUTCOMES[row.outcome or ""] for row in rows)
    for outcome in OUTCOMES.values():
        yield Metric(f"{name}:{outcome}", float(counts[outcome]), note=f"of {len(rows):,} reviewed items")
