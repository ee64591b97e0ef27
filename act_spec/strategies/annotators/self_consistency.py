"""Ask the same model several times, and take the vote."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from act_spec.records import Annotation, Item, Prompts, Request, Steps, Task
from act_spec.registry import register
from act_spec.strategies.annotators.cot import cot
from act_spec.strategies.annotators.direct import direct
from act_spec.strategies.answers import annotation_schema
from act_spec.strategies.votes import ballot, settled


@register(
    "annotator",
    "self_consistency.v1",
    calls=lambda parameters, _: parameters["n"],
    prompts=lambda parameters: (_template(reasoning=parameters["reasoning"]),),
    reply_tokens=lambda parameters: (60, 150, 500) if parameters["reasoning"] else (6, 12, 40),
    votes=True,
    confidence=True,
)
def self_consistency(
    item: Item,
    task: Task,
    prompts: Prompts,
    *,
    n: Annotated[int, Field(ge=1, le=100)] = 5,
    reasoning: bool = False,
) -> Steps[Annotation]:
    """
    Ask the same model several times, and take the vote.

    The confidence is the share of samples with the label. One sample is
    `direct` (with reasoning, `cot`) and states no confidence. At temperature
    0 all samples agree, which says nothing.

    Args:
        item: What is labelled.
        task: Gives the form of a label, and settles votes.
        prompts: Holds `annotate_direct.v1`, or with reasoning `annotate_cot.v1`.
        n: Number of samples.
        reasoning: Reason before each answer, as in the source.

    Returns:
        The annotation with a vote a sample; see `votes.settled`.

    Source: Wang et al., Self-Consistency (arXiv:2203.11171), unweighted vote.
    """
    if n == 1:
        return (yield from (cot if reasoning else direct)(item, task, prompts))
    messages = prompts.messages(_template(reasoning=reasoning), item, confidence=False)
    schema = annotation_schema(task, reasoning=reasoning)
    replies = yield [Request(messages, schema, sample=sample) for sample in range(n)]
    return settled([ballot(reply, task, sample=sample) for sample, reply in enumerate(replies)], task)


def _template(*, reasoning: bool) -> str:
    return "annotate_cot.v1" if reasoning else "annotate_direct.v1"
