"""One item asked in several ways, such as a pair in both orders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from act_spec.records import Annotation, Steps, Task, Vote
from act_spec.strategies.together import in_step
from act_spec.strategies.votes import Ballot, settled


def in_every_way(ways: Mapping[str, Steps[Annotation]], task: Task) -> Steps[Annotation]:
    """
    Ask in each way at once, and settle the answers.

    Args:
        ways: Name of the way to the annotator at work on it, not yet started.
        task: Settles, and measures distances.

    Returns:
        With a vote for each way, its name in front of the member's, so that the
        record tells how each answer was asked for. Several ways settle like
        several votes; a confidence that was stated counts 1 - c against an
        answer that did not become the label.
    """
    answers = dict(zip(ways, (yield from in_step(list(ways.values()))), strict=True))
    if len(answers) == 1:
        [(name, only)] = answers.items()
        return replace(only, votes=_named(name, only))
    ballots = [
        Ballot(Vote(name, 0, one.label, one.confidence), one.status, one.rationale, one.repairs)
        for name, one in answers.items()
    ]
    inner = [Ballot(vote, "ok") for name, one in answers.items() if one.votes for vote in _named(name, one)]
    made = settled(ballots, task, inner)
    return replace(made, confidence=_confidence(made, list(answers.values()), task))


def _named(way: str, answer: Annotation) -> tuple[Vote, ...]:
    """The votes of an answer, each under the way's name; the answer itself where it had none."""
    votes = answer.votes or (Vote("", 0, answer.label, answer.confidence),)
    return tuple(replace(vote, member=f"{way} {vote.member}".strip()) for vote in votes)


def _confidence(made: Annotation, answers: Sequence[Annotation], task: Task) -> float | None:
    stated = [(one.label, one.confidence) for one in answers if one.label and one.confidence is not None]
    if made.label is None or len(stated) < len(answers):
        return made.confidence
    agreed = [(confidence, task.distance(made.label, label)) for label, confidence in stated if label]
    return sum(c * (1 - d) + (1 - c) * d for c, d in agreed) / len(agreed)
