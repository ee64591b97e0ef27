"""How surely the judge found its words, on the way to its verdict."""

from __future__ import annotations

from act_spec.records import FREE_TEXT, Annotation, Item, Judgment, Prompts, Reply, Request, Steps, Task
from act_spec.registry import register
from act_spec.strategies.verdicts import before_verdict, perplexity, verdict, verdict_at


@register(
    "judge",
    "cot_perplexity.v1",
    calls=1,
    prompts=("judge_verdict.v1",),
    reply_tokens=(70, 170, 500),
    white_box=True,
    logprobs=True,
    rank=True,
)
def cot_perplexity(item: Item, annotation: Annotation, task: Task, prompts: Prompts) -> Steps[Judgment]:
    """
    Suspect an annotation that the judge clears, but in words that it was unsure of.

    With P the perplexity of the argument, exp of the mean negative
    log-probability of its tokens: where the verdict is that the annotation is
    right, (1 - 1/P)/2, from 0 (sure) to 1/2; where it is wrong, (1 + 1/P)/2,
    from 1 (sure) down to 1/2. P can be read off it, and it orders as P does
    within each verdict. It is a score and no probability: the registration
    says `rank`, so its percentile rank over the run (`ranks.percentile_ranks`)
    takes its place where items are compared; calibrate it before more.

    Args:
        item: What was labelled.
        annotation: One that did not fail; the judge sees its label alone.
        task: Gives the form of a label.
        prompts: Holds `judge_verdict.v1`, the same that `cot_logit` asks.

    Returns:
        The judgment; failed if the reply does not end in yes or no, has no
        argument before it, or comes without scores.

    Source: the CoT-perplexity critic of ACT (arXiv:2511.09833) for the signal
    where no error is found; putting both verdicts on one scale, the rank and
    the prompt are ours.
    """
    shown = task.show(annotation.label or "")
    messages = prompts.messages("judge_verdict.v1", item, annotation=shown)
    [reply] = yield [Request(messages, FREE_TEXT, logprobs=True)]
    if reply.status != "ok":
        return Judgment(None, status=reply.status)
    score = _score(reply)
    argument = before_verdict(reply)
    return Judgment(score, rationale=argument, status="invalid" if score is None else "ok")


def _score(reply: Reply) -> float | None:
    at = verdict_at(reply)
    if not at:
        return None
    sure = 1 / perplexity(reply.tokens[:at])
    return (1 + sure) / 2 if verdict(reply) == "yes" else (1 - sure) / 2
