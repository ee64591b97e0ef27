"""Doubt where the annotator's answers differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Literal

from act_spec.records import Annotation, Judgment, Lookup, Task
from act_spec.registry import register
from act_spec.strategies.entropy import scaled_entropy


@register("judge", "disagreement.v1", calls=0, prompts=(), lookup=True, votes=True)
def disagreement(*, unreadable: Literal["class", "left_out"] = "class") -> Lookup[Judgment]:
    """
    Judge by how much the annotation's votes differ. No model is called.

    The error probability is the entropy of the votes in bits over the most
    that so many votes can have; see `entropy.scaled_entropy`. Votes are those
    of samples, members or variants, and of a discussion all those of all its
    rounds. It is a score: calibrate it before reading it as a probability.
    An annotation without votes is a failed judgment.

    Args:
        unreadable: What votes without a label count as: a class of their own,
            as in the source, or nothing.

    Source: CoAnnotating (arXiv:2310.15638); the scaling is ours.
    """
    return Lookup(partial(_settle, unreadable), {})


def _settle(
    unreadable: str,
    rows: Sequence[Mapping[str, Any]],  # noqa: ARG001 - the seam
    task: Task,
    annotation: Annotation | None,
) -> Judgment:
    votes = [vote.label for vote in annotation.votes] if annotation is not None else []
    if unreadable == "left_out":
        votes = [label for label in votes if label is not None]
    score = scaled_entropy(votes, task) if votes else None
    return Judgment(score, status="invalid" if score is None else "ok")
