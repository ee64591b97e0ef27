"""Criticism with a chain of thought: argue first, then give the error probability."""

from __future__ import annotations

from act_spec.records import Annotation, Item, Judgment, Prompts, Request, Steps, Task
from act_spec.registry import register
from act_spec.strategies.answers import judgment_from, judgment_schema


@register("judge", "cot.v1", calls=1, prompts=("judge_cot.v1",), reply_tokens=(70, 170, 500))
def cot(item: Item, annotation: Annotation, task: Task, prompts: Prompts) -> Steps[Judgment]:
    """
    Argue first, then say how likely the annotation is wrong.

    The judge sees the item and the label, never the annotator's rationale;
    its own argument is kept as the judgment's rationale.

    Args:
        item: What was labelled.
        annotation: One that did not fail.
        task: Gives the form of a label.
        prompts: Holds `judge_cot.v1`.

    Returns:
        The judgment; without an error probability, and with the reply's
        status, if the call failed.

    Source: the CoT critic of ACT (arXiv:2511.09833); the prompt is ours.
    """
    shown = task.show(annotation.label or "")
    messages = prompts.messages("judge_cot.v1", item, annotation=shown)
    [reply] = yield [Request(messages, judgment_schema(task, reasoning=True))]
    return judgment_from(reply, task)
