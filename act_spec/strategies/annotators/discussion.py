"""Let several models answer, see each other's reasons, and answer again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Literal

from pydantic import Field

from act_spec.records import Annotation, Item, Prompts, Request, Steps, Task
from act_spec.registry import register
from act_spec.strategies.answers import annotation_schema
from act_spec.strategies.quoting import quoted
from act_spec.strategies.votes import Ballot, ballot, settled

Tie = Literal["recipe", "first_round", "no_label"]


@register(
    "annotator",
    "discussion.v1",
    calls=lambda parameters, members: parameters["rounds"] * members,
    prompts=("annotate_discussion.v1",),
    reply_tokens=(40, 90, 300),
    needs=("members",),
    votes=True,
    confidence=True,
    discusses=True,
)
def discussion(
    item: Item,
    task: Task,
    prompts: Prompts,
    members: Sequence[str],
    *,
    rounds: Annotated[int, Field(ge=1, le=10)] = 2,
    stop: Literal["unanimous", "never"] = "unanimous",
    tie: Tie = "recipe",
) -> Steps[Annotation]:
    """
    Let several models answer, see each other's reasons, and answer again.

    In round 0 each gives a label and a justification. In every further round
    each sees all that was said in the round before, its own words marked, and
    answers again. The label is what the last round's votes settle on.

    Args:
        item: What is labelled.
        task: Gives the form of a label, and settles votes.
        prompts: Holds `annotate_discussion.v1`.
        members: The models; one request each a round.
        rounds: Most rounds, round 0 included.
        stop: `unanimous` ends it once all give the same label, so an item
            that is clear at once costs one round; `never` has all rounds.
        tie: Where labels tie in the last round: `recipe`, as the kind settles
            votes, which is the order of the recipe; `first_round`, the one of
            them with the most votes in round 0, then by the recipe;
            `no_label`, the annotation fails.

    Returns:
        The annotation with every vote of every round, `sample` being the
        round's number; its confidence is the share of the last round's votes
        for the label. See `votes.settled`.

    Source: the multi-agent discussion studied in arXiv:2508.07827; number of
    rounds, stopping rule, ties and prompts are ours.
    """
    schema = annotation_schema(task, reasoning=True)
    held: list[list[Ballot]] = []
    for number in range(rounds):
        last = held[-1] if held else []
        replies = yield [
            Request(
                prompts.messages("annotate_discussion.v1", item, said=_said(member, last, task)),
                schema,
                member=member,
            )
            for member in members
        ]
        held.append(
            [ballot(reply, task, member, number) for member, reply in zip(members, replies, strict=True)]
        )
        if _cut_short(held[-1]) or (stop == "unanimous" and _unanimous(held[-1])):
            break
    earlier = [one for ballots in held[:-1] for one in ballots]
    return _settled(held[0], held[-1], earlier, task, tie)


def _said(member: str, ballots: Sequence[Ballot], task: Task) -> list[Mapping[str, str]]:
    """What was said in a round, as a member is shown it; models are not named."""
    said: list[Mapping[str, str]] = []
    for number, one in enumerate(ballots, start=1):
        if one.vote.label is not None:
            who = "You" if one.vote.member == member else f"Annotator {number}"
            why = quoted(one.rationale or "")
            said.append({"who": who, "answer": task.show(one.vote.label), "why": why})
    return said


def _cut_short(ballots: Sequence[Ballot]) -> bool:
    """Whether a call brought no reply: the item is then tried again as a whole, from what was paid for."""
    return any(one.status == "provider_error" for one in ballots)


def _unanimous(ballots: Sequence[Ballot]) -> bool:
    labels = {one.vote.label for one in ballots}
    return len(labels) == 1 and None not in labels


def _settled(
    first: Sequence[Ballot], last: Sequence[Ballot], earlier: Sequence[Ballot], task: Task, tie: Tie
) -> Annotation:
    """The last round's vote, with ties broken as wanted."""
    made = settled(last, task, earlier)
    counts = Counter(one.vote.label for one in last if one.vote.label is not None)
    tied = {label for label, count in counts.items() if count == max(counts.values())}
    if made.label is None or tie == "recipe" or len(tied) == 1:
        return made
    if tie == "no_label":
        return Annotation(None, status="invalid", votes=made.votes)
    before = Counter(one.vote.label for one in first if one.vote.label in tied)
    most = max(before.values(), default=0)
    label = task.settle([label for label in tied if before[label] == most])
    rationale = next((one.rationale for one in last if one.vote.label == label), None)
    return replace(made, label=label, rationale=rationale)
