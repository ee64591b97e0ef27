"""Several answers for one item, and the label that they settle on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from act_spec.records import Annotation, Reply, Status, Task, Vote
from act_spec.strategies.answers import annotation_from


@dataclass(frozen=True)
class Ballot:
    """A vote, with the reply's status and the reason that came with the answer."""

    vote: Vote
    status: Status
    rationale: str | None = None
    repairs: Mapping[str, int] = field(default_factory=dict)


def ballot(reply: Reply, task: Task, member: str = "", sample: int = 0) -> Ballot:
    """The vote that a reply to `answers.annotation_schema` amounts to; one without a label if it failed."""
    return cast(annotation_from(reply, task), reply, member, sample)


def cast(answer: Annotation, reply: Reply, member: str = "", sample: int = 0) -> Ballot:
    """A reply, read as this answer, as a vote."""
    vote = Vote(member, sample, answer.label, answer.confidence, reply.call_key or None)
    return Ballot(vote, answer.status, answer.rationale, answer.repairs)


def settled(ballots: Sequence[Ballot], task: Task, earlier: Sequence[Ballot] = ()) -> Annotation:
    """
    The annotation that votes amount to.

    The label is `task.settle` of those votes that have one. The confidence is
    the share of votes for it: over all votes, the mean of 1 - distance from
    it, where one without a label counts 0. If a call brought no reply, the
    annotation fails as `provider_error`, so that the same command asks again;
    what came is kept and not paid twice.

    Args:
        ballots: At least one.
        task: Settles, and measures distances.
        earlier: Of earlier rounds: kept among the votes, without a say.
    """
    votes = tuple(one.vote for one in (*earlier, *ballots) if one.status != "provider_error")
    if any(one.status == "provider_error" for one in ballots):
        return Annotation(None, status="provider_error", votes=votes)
    labels = [one.vote.label for one in ballots if one.vote.label is not None]
    if not labels:
        return Annotation(None, status=ballots[0].status, votes=votes)
    label = task.settle(labels)
    return Annotation(
        label,
        confidence=_share(label, labels, len(ballots), task),
        rationale=_why(label, ballots),
        votes=votes,
        repairs=sum((Counter(one.repairs) for one in ballots), Counter()),
    )


def _share(label: str, labels: Sequence[str], votes: int, task: Task) -> float:
    return sum(1 - task.distance(label, vote) for vote in labels) / votes


def _why(label: str, ballots: Sequence[Ballot]) -> str | None:
    """The reason of the first who voted for the label and gave one."""
    return next((one.rationale for one in ballots if one.vote.label == label and one.rationale), None)
