"""What a discussion did to the labels that its members began with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from act_spec.records import Vote

Same = Callable[[str, str], bool]


@dataclass(frozen=True)
class Changed:
    """
    What a member made of its first labels.

    Attributes:
        member: Its name.
        items: Items for which it has a first and a last label.
        changed: Those for which they differ.
    """

    member: str
    items: int
    changed: int


@dataclass(frozen=True)
class Discussed:
    """
    A discussion over many items; answers are those of members to items.

    Attributes:
        members: Each member's changes, by name.
        items: Items with a vote.
        unanimous: Those that were unanimous in round 0.
        known: Items whose right label is known; the rest is of these.
        right_to_wrong: Answers that were right in round 0 and wrong in the end.
        wrong_to_right: The other way round.
        any_right: Items for which some first label is right: what members
            who only take over labels cannot pass.
    """

    members: tuple[Changed, ...]
    items: int
    unanimous: int
    known: int
    right_to_wrong: int
    wrong_to_right: int
    any_right: int


def discussed(rows: Iterable[tuple[Sequence[Vote], str | None]], same: Same) -> Discussed:
    """
    Count changes between round 0 and the last round of each item.

    Args:
        rows: Votes of an item, `sample` being the round, and its right label; None where it is not known.
        same: Whether two labels are the same answer.

    Source: the figures of arXiv:2508.07827; their form is ours.
    """
    changes: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    items = unanimous = known = lost = won = any_right = 0
    for votes, truth in rows:
        if not votes:
            continue
        last = max(vote.sample for vote in votes)
        first, final = (
            {vote.member: vote.label for vote in votes if vote.sample == number and vote.label is not None}
            for number in (0, last)
        )
        items += 1
        unanimous += len(set(first.values())) == 1 and len(first) == sum(vote.sample == 0 for vote in votes)
        for member in first.keys() & final.keys():
            changes[member][0] += 1
            changes[member][1] += not same(first[member], final[member])
        if truth is None:
            continue
        known += 1
        any_right += any(same(label, truth) for label in first.values())
        for member in first.keys() & final.keys():
            before, after = same(first[member], truth), same(final[member], truth)
            lost += before and not after
            won += after and not before
    members = tuple(Changed(name, *changes[name]) for name in sorted(changes))
    return Discussed(members, items, unanimous, known, lost, won, any_right)
