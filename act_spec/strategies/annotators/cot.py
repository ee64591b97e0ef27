"""Chain of thought: reason first, then label."""

from __future__ import annotations

from act_spec.records import Annotation, Item, Prompts, Request, Steps, Task
from act_spec.registry import register
from act_spec.strategies.answers import annotation_from, annotation_schema


@register(
    "annotator",
    "cot.v1",
    calls=1,
    confidence="confidence",
    prompts=("annotate_cot.v1",),
    reply_tokens=(60, 150, 500),
)
def cot(item: Item, task: Task, prompts: Prompts, *, confidence: bool = False) -> Steps[Annotation]:
    """
    Reason first, then label; the reasoning is kept as the rationale.

    Args:
        item: What is labelled.
        task: Gives the form of a label.
        prompts: Holds `annotate_cot.v1`.
        confidence: Ask as well how likely the label is right, in [0, 1].

    Returns:
        The annotation; without a label, and with the reply's status, if the
        call failed.

    Source: the CoT annotator of ACT (arXiv:2511.09833); the prompt is ours.
    """
    messages = prompts.messages("annotate_cot.v1", item, confidence=confidence)
    [reply] = yield [Request(messages, annotation_schema(task, reasoning=True, confidence=confidence))]
    return annotation_from(reply, task)
