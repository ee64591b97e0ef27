"""The short form of recorded labels: one column of the data."""

from __future__ import annotations

from act_spec.records import Annotation, Lookup
from act_spec.registry import register
from act_spec.strategies.annotators.recorded import recorded


@register("annotator", "column.v1", calls=0, prompts=(), lookup=True)
def column(*, column: str) -> Lookup[Annotation]:
    """
    Take the labels from a column of the data; no model is called.

    Args:
        column: Its name. A cell that holds no label of the task is a failed annotation.
    """
    return recorded(label=column)
