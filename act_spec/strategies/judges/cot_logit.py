"""Reason first, then read how probable the verdict `yes, it is wrong` was."""

from __future__ import annotations

from act_spec.records import FREE_TEXT, Annotation, Item, Judgment, Prompts, Request, Steps, Task
from act_spec.registry import register
from act_spec.strategies.verdicts import before_verdict, probability_of_yes, verdict_at


@register(
    "judge",
    "cot_logit.v1",
    calls=1,
    prompts=("judge_verdict.v1",),
    reply_tokens=(70, 170, 500),
    white_box=True,
    logprobs=True,
)
def cot_logit(item: Item, annotation: Annotation, task: Task, prompts: Prompts) -> Steps[Judgment]:
    """
    Let the judge argue and end in a verdict, and read how probable `yes` was there.

    The error probability is P(yes) / (P(yes) + P(no)) at the verdict's token;
    see `verdicts.probability_of_yes`. After an argument it is mostly near 0
    or 1, so calibrate it. A reply that does not end in yes or no, or that
    comes without scores, is a failed judgment.

    Args:
        item: What was labelled.
        annotation: One that did not fail; the judge sees its label alone.
        task: Gives the form of a label.
        prompts: Holds `judge_verdict.v1`, the same that `cot_perplexity` asks.

    Source: the CoT-logit critic of ACT (arXiv:2511.09833); the prompt is ours.
    """
    shown = task.show(annotation.label or "")
    messages = prompts.messages("judge_verdict.v1", item, annotation=shown)
    [reply] = yield [Request(messages, FREE_TEXT, logprobs=True)]
    if reply.status != "ok":
        return Judgment(None, status=reply.status)
    at = verdict_at(reply)
    wrong = None if at is None else probability_of_yes(reply.tokens[at])
    argument = before_verdict(reply)
    return Judgment(wrong, rationale=argument, status="invalid" if wrong is None else "ok")
