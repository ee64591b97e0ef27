"""How much votes differ: the one place where entropy is computed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import log2

from act_spec.records import Task


def entropy(votes: Sequence[str | None]) -> float:
    """
    Base-2 entropy of the shares of the votes, -sum of share * log2(share).

    Args:
        votes: At least one. None, an answer that is no label, is a class of its own.

    Returns:
        0 where all are equal, at most log2 of their number.

    Source: CoAnnotating (arXiv:2310.15638), where replies that cannot be read
    count as a class.
    """
    shares = [count / len(votes) for count in Counter(votes).values()]
    # Added to 0, since nothing disagrees by -0.0.
    return 0.0 - sum(share * log2(share) for share in shares)


def scaled_entropy(votes: Sequence[str | None], task: Task) -> float | None:
    """
    Entropy of the votes over the most that so many votes can have, in [0, 1].

    That is log2 of the smaller of their number and the number of possible
    answers. A vote that is no label is none of the possible answers, so the
    quotient can pass 1 and is cut there.

    Returns:
        None if no vote is a label. A single vote does not disagree: 0.
    """
    if all(vote is None for vote in votes):
        return None
    if len(votes) == 1:
        return 0.0
    answers = len(task.answer_schema().get("enum", votes))
    return min(1.0, entropy(votes) / log2(max(2, min(len(votes), answers))))
