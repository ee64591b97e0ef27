"""Ask several models, and take the vote."""

from __future__ import annotations

from collections.abc import Sequence

from act_spec.records import Annotation, Item, Prompts, Request, Steps, Task
from act_spec.registry import register
from act_spec.strategies.answers import annotation_schema
from act_spec.strategies.votes import ballot, settled


@register(
    "annotator",
    "panel.v1",
    calls=lambda _, members: members,
    prompts=lambda parameters: (_template(reasoning=parameters["reasoning"]),),
    reply_tokens=lambda parameters: (60, 150, 500) if parameters["reasoning"] else (6, 12, 40),
    needs=("members",),
    votes=True,
    confidence=True,
)
def panel(
    item: Item,
    task: Task,
    prompts: Prompts,
    members: Sequence[str],
    *,
    reasoning: bool = False,
    confidence: bool = False,
) -> Steps[Annotation]:
    """
    Ask several models the same question, and take the vote.

    Args:
        item: What is labelled.
        task: Gives the form of a label, and settles votes.
        prompts: Holds `annotate_direct.v1`, or with reasoning `annotate_cot.v1`.
        members: The models; one request each.
        reasoning: Reason before each answer.
        confidence: Ask each how likely its label is right; kept with its vote.

    Returns:
        The annotation with a vote a member; its confidence is the share of
        votes for the label. See `votes.settled`.
    """
    messages = prompts.messages(_template(reasoning=reasoning), item, confidence=confidence)
    schema = annotation_schema(task, reasoning=reasoning, confidence=confidence)
    replies = yield [Request(messages, schema, member=member) for member in members]
    ballots = [ballot(reply, task, member) for member, reply in zip(members, replies, strict=True)]
    return settled(ballots, task)


def _template(*, reasoning: bool) -> str:
    return "annotate_cot.v1" if reasoning else "annotate_direct.v1"
