"""Ask for the label, and nothing else."""

from __future__ import annotations

from act_spec.records import Annotation, Item, Prompts, Request, Steps, Task
from act_spec.registry import register
from act_spec.strategies.answers import annotation_from, annotation_schema


@register(
    "annotator",
    "direct.v1",
    calls=1,
    confidence="confidence",
    prompts=("annotate_direct.v1",),
    reply_tokens=(6, 12, 40),
)
def direct(item: Item, task: Task, prompts: Prompts, *, confidence: bool = False) -> Steps[Annotation]:
    """
    Ask for the label, and nothing else.

    Args:
        item: What is labelled.
        task: Gives the form of a label.
        prompts: Holds `annotate_direct.v1`.
        confidence: Ask as well how likely the label is right, in [0, 1].

    Returns:
        The annotation; without a label, and with the reply's status, if the
        call failed.
    """
    messages = prompts.messages("annotate_direct.v1", item, confidence=confidence)
    [reply] = yield [Request(messages, annotation_schema(task, confidence=confidence))]
    return annotation_from(reply, task)
