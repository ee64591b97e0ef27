"""Ask for the error probability, and nothing else."""

from __future__ import annotations

from act_spec.records import Annotation, Item, Judgment, Prompts, Request, Steps, Task
from act_spec.registry import register
from act_spec.strategies.answers import judgment_from, judgment_schema


@register("judge", "direct.v1", calls=1, prompts=("judge_direct.v1",), reply_tokens=(12, 20, 60))
def direct(item: Item, annotation: Annotation, task: Task, prompts: Prompts) -> Steps[Judgment]:
    """
    Ask how likely the annotation is wrong, and which label would be right.

    The judge sees the item and the label, never the annotator's rationale.

    Args:
        item: What was labelled.
        annotation: One that did not fail.
        task: Gives the form of a label.
        prompts: Holds `judge_direct.v1`.

    Returns:
        The judgment; without an error probability, and with the reply's
        status, if the call failed.

    Source: the naive critic of ACT (arXiv:2511.09833); the prompt is ours.
    """
    shown = task.show(annotation.label or "")
    messages = prompts.messages("judge_direct.v1", item, annotation=shown)
    [reply] = yield [Request(messages, judgment_schema(task))]
    return judgment_from(reply, task)
