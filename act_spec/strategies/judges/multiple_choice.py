"""Ask for a grade of doubt out of five."""

from __future__ import annotations

from act_spec.records import Annotation, Item, Judgment, Prompts, Request, Steps, Task
from act_spec.registry import register
from act_spec.strategies.answers import judgment_from, judgment_schema

_GRADES = {"A": 0.05, "B": 0.25, "C": 0.5, "D": 0.75, "E": 0.95}


@register(
    "judge",
    "multiple_choice.v1",
    calls=1,
    prompts=("judge_multiple_choice.v1",),
    reply_tokens=(12, 20, 60),
)
def multiple_choice(item: Item, annotation: Annotation, task: Task, prompts: Prompts) -> Steps[Judgment]:
    """
    Ask for one of five grades, from surely right to surely wrong.

    They count as error probabilities of 0.05, 0.25, 0.5, 0.75 and 0.95.

    Args:
        item: What was labelled.
        annotation: One that did not fail; the judge sees its label alone.
        task: Gives the form of a label.
        prompts: Holds `judge_multiple_choice.v1`.

    Returns:
        The judgment; without an error probability, and with the reply's
        status, if the call failed.

    Source: the multiple-choice critic of ACT (arXiv:2511.09833); grades,
    their values and the prompt are ours.
    """
    shown = task.show(annotation.label or "")
    messages = prompts.messages("judge_multiple_choice.v1", item, annotation=shown)
    [reply] = yield [Request(messages, judgment_schema(task, grades=tuple(_GRADES)))]
    return judgment_from(reply, task, _GRADES)
