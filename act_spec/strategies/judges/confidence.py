"""Doubt as the annotator states it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from act_spec.records import Annotation, Judgment, Lookup, Task
from act_spec.registry import register
from act_spec.strategies.judges.recorded import NO_CONFIDENCE, all_as_annotated


@register("judge", "confidence.v1", calls=0, prompts=(), lookup=True)
def confidence() -> Lookup[Judgment]:
    """
    Judge by the annotation's own confidence: 1 - confidence. No model is called.

    That is what the annotator stated, or where it took several answers the
    share of votes. An annotation without a confidence is a failed judgment.

    Source: self-reported confidence as in CoAnnotating (arXiv:2310.15638).
    """
    return Lookup(_settle, {}, all_as_annotated, of_annotation=("confidence",))


def _settle(rows: Sequence[Mapping[str, Any]], task: Task, annotation: Annotation | None) -> Judgment:  # noqa: ARG001 - the seam
    if annotation is None or annotation.confidence is None:
        return NO_CONFIDENCE
    return Judgment(1 - annotation.confidence)
