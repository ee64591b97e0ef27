"""Several strategies at work on one item, side by side."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import TypeVar

from act_spec.records import Reply, Request, Steps

Settled = TypeVar("Settled")


def in_step(several: Sequence[Steps[Settled]]) -> Generator[list[Request], list[Reply], list[Settled]]:
    """
    Run strategies at once: what they ask at the same step goes out together.

    Args:
        several: Not yet started.

    Returns:
        Their records, in the same order. It asks at least once, even nothing.
    """
    settled: dict[int, Settled] = {}
    asking = {at: _next(steps, None, at, settled) for at, steps in enumerate(several)}
    while True:
        replies = iter((yield [request for requests in asking.values() for request in requests]))
        given = {at: [next(replies) for _ in requests] for at, requests in asking.items()}
        asking = {at: _next(several[at], own, at, settled) for at, own in given.items() if at not in settled}
        if len(settled) == len(several):
            return [settled[at] for at in range(len(several))]


def _next(
    steps: Steps[Settled], replies: list[Reply] | None, at: int, settled: dict[int, Settled]
) -> list[Request]:
    """What a strategy asks next; nothing once it has settled."""
    try:
        return next(steps) if replies is None else steps.send(replies)
    except StopIteration as end:
        settled[at] = end.value
        return []
