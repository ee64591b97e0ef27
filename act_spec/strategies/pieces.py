"""
One long item asked in pieces, and what their answers amount to.

The task's kind says how labels are joined: what `any` piece has (a set of
labels), or what `most` have (a single one). Each piece's answer is kept as a
vote. How likely the whole is wrong: for a set of labels, as likely as its most
doubtful piece, each judged by its own labels; for a single label, the mean
over the pieces. Both are ours and meant to order items.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean
from typing import Any

from act_spec.records import Annotation, Judgment, Steps, Task, Vote
from act_spec.strategies.together import in_step

_PIECE = "piece"


def in_pieces(several: Sequence[Steps[Any]], task: Task) -> Steps[Any]:
    """
    Ask about every piece at once, and settle what they say.

    Args:
        several: A strategy at work on each piece, not yet started.
        task: Whose labels are put together.

    Returns:
        One record; the first failure, if a piece failed.
    """
    records = yield from in_step(several)
    failed = next((record for record in records if record.status != "ok"), None)
    if failed is not None:
        return failed
    if isinstance(records[0], Judgment):
        return _judgment(records, task)
    return _annotation(records, task)


def of_piece(annotation: Annotation, number: int, task: Task) -> Annotation:
    """What a judge is given with a piece, from 0: the piece's own labels where labels are a set, else the whole's."""
    if task.joins != "any":
        return annotation
    own = next((vote for vote in annotation.votes if vote.member == _member(number)), None)
    return annotation if own is None else Annotation(own.label, own.confidence)


def _member(number: int) -> str:
    return f"{_PIECE} {number + 1}"


def _annotation(records: Sequence[Annotation], task: Task) -> Annotation:
    labels = [str(record.label) for record in records]
    stated = [record.confidence for record in records if record.confidence is not None]
    return Annotation(
        _any_of(labels, task) if task.joins == "any" else task.settle(labels),
        fmean(stated) if len(stated) == len(records) else None,
        _told([record.rationale for record in records]),
        votes=tuple(
            Vote(_member(number), 0, record.label, record.confidence) for number, record in enumerate(records)
        ),
    )


def _any_of(labels: Sequence[str], task: Task) -> str:
    """All labels of all pieces; the one that means none only where no piece has another."""
    found = frozenset[str]().union(*(task.units(label) for label in labels))
    none = getattr(task, "none", None)
    if len(found) > 1:
        found -= {none}
    return task.parse([one.name for one in task.definitions if one.name in found])


def _judgment(records: Sequence[Judgment], task: Task) -> Judgment:
    wrong = [float(record.error_probability or 0.0) for record in records]
    return Judgment(
        max(wrong) if task.joins == "any" else fmean(wrong),
        rationale=_told([record.rationale for record in records]),
    )


def _told(reasons: Sequence[str | None]) -> str | None:
    said = [f"Piece {number}: {reason}" for number, reason in enumerate(reasons, start=1) if reason]
    return "\n".join(said) or None
