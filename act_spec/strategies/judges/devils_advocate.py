"""Argue against the annotation, then judge it."""

from __future__ import annotations

from act_spec.records import Annotation, Item, Judgment, Prompts, Request, Steps, Task
from act_spec.registry import register
from act_spec.strategies.answers import judgment_from, judgment_schema
from act_spec.strategies.quoting import quoted


@register(
    "judge",
    "devils_advocate.v1",
    calls=1,
    prompts=("judge_devils_advocate.v1",),
    reply_tokens=(70, 170, 500),
    votes=True,
)
def devils_advocate(item: Item, annotation: Annotation, task: Task, prompts: Prompts) -> Steps[Judgment]:
    """
    Make the case against the annotation, then say how likely it is wrong.

    Other than most judges it is shown the annotator's reasons, where there
    are any, because it argues against them.

    Args:
        item: What was labelled.
        annotation: One that did not fail, with its rationale.
        task: Gives the form of a label.
        prompts: Holds `judge_devils_advocate.v1`.

    Returns:
        The judgment, its rationale being the case; without an error
        probability, and with the reply's status, if the call failed.

    Source: the devil's advocate of ACT (arXiv:2511.09833); the prompt is ours.
    """
    messages = prompts.messages(
        "judge_devils_advocate.v1",
        item,
        annotation=task.show(annotation.label or ""),
        reasons=quoted(annotation.rationale or ""),
    )
    [reply] = yield [Request(messages, judgment_schema(task, reasoning=True))]
    return judgment_from(reply, task)
