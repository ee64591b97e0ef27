"""Labels that exist already, taken from columns of the data or of another file."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from act_spec.records import Annotation, Cells, Lookup, SettleAll, Task, Vote
from act_spec.registry import register
from act_spec.strategies.recorded_values import (
    each_once,
    recorded_label,
    recorded_probability,
    why_no_label,
)
from act_spec.strategies.votes import Ballot, settled


@register(
    "annotator", "recorded.v1", calls=0, prompts=(), lookup=True, confidence="confidence", files=("source",)
)
def recorded(
    *,
    label: str,
    source: str | None = None,
    where: Mapping[str, str] | None = None,
    confidence: str | None = None,
    member: str | None = None,
    id: str = "",  # noqa: A002 - the recipe's word for it
) -> Lookup[Annotation]:
    """
    Take labels that were made elsewhere; no model is called.

    An item without a row, or whose cell holds no label of the task, gets a
    failed annotation with status `invalid`, and the reason. A confidence that is missing or
    outside [0, 1] is dropped; the label stands without it.

    Args:
        label: Column of the label.
        source: File beside the recipe; without it, the data itself.
        where: Column to the value that a row must have. One row an item must be left.
        confidence: Column of the annotator's confidence in its label, in [0, 1].
        member: Column that tells several answers to an item apart: who gave
            them, or in which order a pair was shown (`as_given` or false,
            `swapped` or true). They are kept as votes, and settled.
        id: The source's column of item ids; empty means the name that `data.id` gives.
    """
    named = {"label": label, "confidence": confidence, "member": member}
    columns = {ours: theirs for ours, theirs in named.items() if theirs is not None}
    settle = _settle if member is None else _settle_votes
    settle_all: SettleAll | None = _settle_all if member is None else None
    return Lookup(
        settle, columns, settle_all, source=source, where=dict(where or {}), id=id, many=member is not None
    )


def _settle_votes(rows: Sequence[Mapping[str, Any]], task: Task, annotation: Annotation | None) -> Annotation:
    answers = [_settle([row], task, annotation) for row in rows]
    samples: Counter[str] = Counter()
    ballots = []
    for row, answer in zip(rows, answers, strict=True):
        name = str(row["member"] or "")
        vote = Vote(name, samples[name], answer.label, answer.confidence)
        ballots.append(Ballot(vote, answer.status, repairs=answer.repairs))
        samples[name] += 1
    return settled(ballots, task) if ballots else _failed(None)


def _settle(rows: Sequence[Mapping[str, Any]], task: Task, annotation: Annotation | None) -> Annotation:  # noqa: ARG001 - the seam of judges as well
    label = recorded_label(rows[0]["label"], task) if rows else None
    if label is None:
        return _failed(rows[0]["label"] if rows else None)
    return Annotation(
        label,
        confidence=recorded_probability(rows[0].get("confidence")),
        repairs=task.repairs(rows[0]["label"]),
    )


def _failed(cell: Any) -> Annotation:
    return Annotation(None, rationale=why_no_label(cell), status="invalid")


def _settle_all(cells: Cells, task: Task, annotations: Cells) -> Cells:  # noqa: ARG001 - the seam of judges as well
    labels = each_once(cells["label"], lambda cell: recorded_label(cell, task))
    said = each_once(cells.get("confidence", [None] * len(labels)), recorded_probability)
    return {
        "label": labels,
        "confidence": [None if label is None else number for label, number in zip(labels, said, strict=True)],
        "rationale": [
            why_no_label(cell) if label is None else None
            for cell, label in zip(cells["label"], labels, strict=True)
        ],
        "status": ["invalid" if label is None else "ok" for label in labels],
        "repairs": each_once(cells["label"], lambda cell: _repairs(cell, task)),
    }


def _repairs(cell: Any, task: Task) -> str | None:
    made = {} if recorded_label(cell, task) is None else task.repairs(cell)
    return json.dumps(dict(made)) if made else None
