"""Labels that exist already, taken from columns of the data or of another file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from act_spec.records import Annotation, Lookup, Task
from act_spec.registry import register
from act_spec.strategies.recorded_values import recorded_label, recorded_probability


@register(
    "annotator", "recorded.v1", calls=0, prompts=(), lookup=True, confidence="confidence", files=("source",)
)
def recorded(
    *,
    label: str,
    source: str | None = None,
    where: Mapping[str, str] | None = None,
    confidence: str | None = None,
    id: str = "",  # noqa: A002 - the recipe's word for it
) -> Lookup[Annotation]:
    """
    Take labels that were made elsewhere; no model is called.

    An item without a row, or whose cell holds no label of the task, gets a
    failed annotation with status `invalid`. A confidence that is missing or
    outside [0, 1] is dropped; the label stands without it.

    Args:
        label: Column of the label.
        source: File beside the recipe; without it, the data itself.
        where: Column to the value that a row must have. One row an item must be left.
        confidence: Column of the annotator's confidence in its label, in [0, 1].
        id: The source's column of item ids; empty means the name that `data.id` gives.
    """
    columns = {"label": label} if confidence is None else {"label": label, "confidence": confidence}
    return Lookup(_settle, columns, source=source, where=dict(where or {}), id=id)


def _settle(rows: Sequence[Mapping[str, Any]], task: Task, annotation: Annotation | None) -> Annotation:  # noqa: ARG001 - the seam of judges as well
    label = recorded_label(rows[0]["label"], task) if rows else None
    if label is None:
        return Annotation(None, status="invalid")
    return Annotation(label, confidence=recorded_probability(rows[0].get("confidence")))
