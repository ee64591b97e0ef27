"""Error probabilities from what was recorded elsewhere: confidences, second opinions, votes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from act_spec.records import Annotation, Cells, Judgment, Lookup, Settle, SettleAll, Task
from act_spec.registry import register
from act_spec.strategies.entropy import scaled_entropy
from act_spec.strategies.opinions import doubt
from act_spec.strategies.recorded_values import (
    each_once,
    recorded_label,
    recorded_probability,
    why_no_label,
    why_no_probability,
)

Reading = Literal["own_confidence", "error_probability", "second_opinion", "disagreement"]
Rows = Sequence[Mapping[str, Any]]

NO_CONFIDENCE = Judgment(None, rationale="the annotation has no confidence", status="invalid")
_NO_ANNOTATION = "there is no annotation to compare with"


@register("judge", "recorded.v1", calls=0, prompts=(), lookup=True, files=("source",))
def recorded(
    *,
    as_: Reading,
    source: str | None = None,
    where: Mapping[str, str] | None = None,
    label: str | None = None,
    confidence: str | None = None,
    error_probability: str | None = None,
    id: str = "",  # noqa: A002 - the recipe's word for it
) -> Lookup[Judgment]:
    """
    Judge by what was recorded elsewhere; no model is called.

    A value that is missing, not a number or outside [0, 1] makes a failed
    judgment with status `invalid` and the reason, and so does a second
    opinion without a label of the task.

    Args:
        as_: How the columns are read:
            `own_confidence`: 1 - the annotator's confidence, from a column or,
            where none is named, as the annotation recorded it.
            `error_probability`: the column itself.
            `second_opinion`: d*c + (1 - d)*(1 - c), with d the distance of the
            other label from the annotation and c the other's confidence, 1
            where no column is named. For kinds whose distance is graded this
            is a score, not a probability.
            `disagreement`: entropy of the votes in several rows, in bits, over
            log2 of the smaller of their number and the number of possible
            answers. A vote that is no label counts as a class of its own, so
            the quotient can pass 1 and is cut there; if no vote is a label,
            the judgment failed.
        source: File beside the recipe; without it, the data itself.
        where: Column to the value that a row must have.
        label: Column of the other's label (second_opinion, disagreement).
        confidence: Column of a confidence (own_confidence, second_opinion).
        error_probability: Column of the error probability.
        id: The source's column of item ids; empty means the name that `data.id` gives.

    Raises:
        ValueError: If a column that this reading needs is not named, or one is named that it ignores.

    Source: vote entropy: CoAnnotating (arXiv:2310.15638); the scaling and the
    second opinion's formula are ours.
    """
    named = {"label": label, "confidence": confidence, "error_probability": error_probability}
    columns = {ours: theirs for ours, theirs in named.items() if theirs is not None}
    _check_columns(as_, columns, source)
    settle, settle_all, of_annotation = _SETTLE[as_]
    if as_ == "own_confidence" and not columns:
        settle, settle_all, of_annotation = _as_annotated, all_as_annotated, ("confidence",)
    return Lookup(
        settle,
        columns,
        settle_all,
        of_annotation,
        source=source,
        where=dict(where or {}),
        id=id,
        many=as_ == "disagreement",
    )


_COLUMNS: Mapping[Reading, tuple[frozenset[str], frozenset[str]]] = {
    "own_confidence": (frozenset(), frozenset({"confidence"})),
    "error_probability": (frozenset({"error_probability"}), frozenset()),
    "second_opinion": (frozenset({"label"}), frozenset({"confidence"})),
    "disagreement": (frozenset({"label"}), frozenset()),
}
"""Per reading: the columns that it needs, and those that it can use besides."""


def _check_columns(reading: Reading, columns: Mapping[str, str], source: str | None) -> None:
    needed, optional = _COLUMNS[reading]
    if reading == "own_confidence" and source is not None:
        needed = optional
    missing = [f"`{name}: COLUMN`" for name in sorted(needed - columns.keys())]
    if missing:
        raise ValueError(f"`as: {reading}` needs a column: add {', '.join(missing)}.")
    idle = [f"`{name}`" for name in sorted(columns.keys() - needed - optional)]
    if idle:
        raise ValueError(f"`as: {reading}` makes no use of {', '.join(idle)}; leave that out.")


def _own_confidence(rows: Rows, task: Task, annotation: Annotation | None) -> Judgment:  # noqa: ARG001 - the seam
    cell = rows[0]["confidence"] if rows else None
    return _judged(_complement(recorded_probability(cell)), why_no_probability(cell))


def _as_annotated(rows: Rows, task: Task, annotation: Annotation | None) -> Judgment:  # noqa: ARG001 - the seam
    if annotation is None or annotation.confidence is None:
        return NO_CONFIDENCE
    return Judgment(1 - annotation.confidence)


def _error_probability(rows: Rows, task: Task, annotation: Annotation | None) -> Judgment:  # noqa: ARG001 - the seam
    cell = rows[0]["error_probability"] if rows else None
    return _judged(recorded_probability(cell), why_no_probability(cell))


def _second_opinion(rows: Rows, task: Task, annotation: Annotation | None) -> Judgment:
    cell = rows[0]["label"] if rows else None
    other = recorded_label(cell, task)
    if other is None:
        return _judged(None, why_no_label(cell))
    if annotation is None or annotation.label is None:
        return _judged(None, _NO_ANNOTATION)
    said = rows[0].get("confidence", 1.0)
    confidence = recorded_probability(said)
    if confidence is None:
        return _judged(None, why_no_probability(said), other)
    return _judged(doubt(task.distance(annotation.label, other), confidence), None, other)


def _disagreement(rows: Rows, task: Task, annotation: Annotation | None) -> Judgment:  # noqa: ARG001 - the seam
    votes = [recorded_label(row["label"], task) for row in rows]
    score = scaled_entropy(votes, task) if votes else None
    readable = [vote for vote in votes if vote is not None]
    if score is None:
        return _judged(None, "no vote is a label of the task" if rows else "no vote is recorded")
    return _judged(score, None, task.settle(readable))


def _all_own_confidence(cells: Cells, task: Task, annotations: Cells) -> Cells:  # noqa: ARG001 - the seam
    scores = each_once(cells["confidence"], lambda cell: _complement(recorded_probability(cell)))
    return _all_judged(scores, each_once(cells["confidence"], why_no_probability))


def all_as_annotated(cells: Cells, task: Task, annotations: Cells) -> Cells:  # noqa: ARG001 - the seam
    """One minus the annotation's own confidence, for many items at once."""
    scores = [_complement(confidence) for confidence in annotations["confidence"]]
    return _all_judged(scores, [NO_CONFIDENCE.rationale if one is None else None for one in scores])


def _all_error_probabilities(cells: Cells, task: Task, annotations: Cells) -> Cells:  # noqa: ARG001 - the seam
    scores = each_once(cells["error_probability"], recorded_probability)
    return _all_judged(scores, each_once(cells["error_probability"], why_no_probability))


def _all_second_opinions(cells: Cells, task: Task, annotations: Cells) -> Cells:
    others = each_once(cells["label"], lambda cell: recorded_label(cell, task))
    said = cells.get("confidence", [1.0] * len(others))
    confidences = each_once(said, recorded_probability)
    apart = each_once(
        zip(annotations["label"], others, strict=True),
        lambda pair: None if None in pair else task.distance(*pair),
    )
    scores = [
        None if distance is None or confidence is None else doubt(distance, confidence)
        for distance, confidence in zip(apart, confidences, strict=True)
    ]
    reasons = [
        why_no_label(cell) if other is None else _NO_ANNOTATION if distance is None else why
        for cell, other, distance, why in zip(
            cells["label"], others, apart, each_once(said, why_no_probability), strict=True
        )
    ]
    named = [None if distance is None else other for distance, other in zip(apart, others, strict=True)]
    return {**_all_judged(scores, reasons), "suggested_label": named}


_SETTLE: Mapping[Reading, tuple[Settle[Judgment], SettleAll | None, tuple[str, ...]]] = {
    "own_confidence": (_own_confidence, _all_own_confidence, ()),
    "error_probability": (_error_probability, _all_error_probabilities, ()),
    "second_opinion": (_second_opinion, _all_second_opinions, ("label",)),
    "disagreement": (_disagreement, None, ()),
}
"""Per reading: for one item, for many, and what the latter reads of the annotations."""


def _all_judged(scores: Sequence[float | None], reasons: Sequence[str | None]) -> Cells:
    """Columns of judgments from error probabilities; without one a judgment failed, for its reason."""
    return {
        "error_probability": scores,
        "rationale": reasons,
        "status": ["invalid" if one is None else "ok" for one in scores],
    }


def _complement(confidence: float | None) -> float | None:
    return None if confidence is None else 1 - confidence


def _judged(
    error_probability: float | None, reason: str | None = None, suggested: str | None = None
) -> Judgment:
    """A judgment, or without a probability a failed one with its reason."""
    if error_probability is None:
        return Judgment(None, suggested, reason, status="invalid")
    return Judgment(error_probability, suggested)
