"""How probable `yes` was, to the question whether the annotation is wrong."""

from __future__ import annotations

from act_spec.records import FREE_TEXT, Annotation, Item, Judgment, Prompts, Request, Steps, Task
from act_spec.registry import register
from act_spec.strategies.verdicts import first_probability_of_yes


@register(
    "judge",
    "logit.v1",
    calls=1,
    prompts=("judge_logit.v1",),
    reply_tokens=(1, 2, 6),
    white_box=True,
    logprobs=True,
)
def logit(item: Item, annotation: Annotation, task: Task, prompts: Prompts) -> Steps[Judgment]:
    """
    Ask whether the annotation is wrong, and read how probable `yes` was.

    The error probability is P(yes) / (P(yes) + P(no)) at the first token that
    could have been either; see `verdicts.probability_of_yes`. A reply without
    such a token, or without scores, is a failed judgment.

    Args:
        item: What was labelled.
        annotation: One that did not fail; the judge sees its label alone.
        task: Gives the form of a label.
        prompts: Holds `judge_logit.v1`.

    Source: the naive-logit critic of ACT (arXiv:2511.09833); the prompt is ours.
    """
    shown = task.show(annotation.label or "")
    messages = prompts.messages("judge_logit.v1", item, annotation=shown)
    [reply] = yield [Request(messages, FREE_TEXT, logprobs=True)]
    if reply.status != "ok":
        return Judgment(None, status=reply.status)
    wrong = first_probability_of_yes(reply.tokens)
    return Judgment(wrong, status="invalid" if wrong is None else "ok")
