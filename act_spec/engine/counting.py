"""
Requests counted instead of sent: which of them the calls table would answer, and how many it would not.

Strategies run as they would in a walk, up to the first reply that is not
recorded; items that reach their end are settled from what is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from act_spec.engine.job import Job, Progress
from act_spec.engine.replies import call_key, stored_reply
from act_spec.records import Request, Steps
from act_spec.store.calls import known_replies
from act_spec.store.database import Store

_CHUNK = 256


@dataclass
class Count:
    """
    What one stage would ask.

    Attributes:
        missing: Keys of the calls that would be made; equal requests are one call.
        found: Keys of the calls that the table answers.
        open: Items that are not settled, to the requests that were counted for them.
    """

    missing: set[str] = field(default_factory=set)
    found: set[str] = field(default_factory=set)
    open: dict[str, int] = field(default_factory=dict)


class CountingEngine:
    """Stands in the place of an engine that calls; see the module and `run.stage.Engine`."""

    side_by_side = False

    def __init__(self, store: Store) -> None:
        """
        Prepare to count.

        Args:
            store: Holds the calls; stages write what they settle to it.
        """
        self._writer = store.cursor()
        self._reader = store.cursor()
        self.counts: dict[str, Count] = {}

    def tell(self, stage: str, done: int, total: int) -> None:
        """Nobody waits for it."""

    def execute(self, job: Job, total: int) -> Progress:  # noqa: ARG002 - part of what an engine is given
        """Settle what recorded replies settle, and count the rest."""
        progress = Progress()
        count = self.counts.setdefault(job.stage, Count())
        while chunk := list(islice(job.steps, _CHUNK)):
            settled = self._settle(job, count, chunk)
            with self._writer.transaction():
                job.write(self._writer, settled)
            progress.settled += len(settled)
        return progress

    def _settle(
        self, job: Job, count: Count, chunk: Sequence[tuple[str, Steps[Any]]]
    ) -> list[tuple[str, Any]]:
        waiting = [(item_id, steps, next(steps), 0) for item_id, steps in chunk]
        settled: list[tuple[str, Any]] = []
        while waiting:
            keys = [[key_of(job, one) for one in asked] for _, _, asked, _ in waiting]
            known = known_replies(self._reader, [key for each in keys for key in each])
            going_on = []
            for (item_id, steps, asked, before), own in zip(waiting, keys, strict=True):
                count.found |= known.keys() & set(own)
                count.missing |= set(own) - known.keys()
                if any(key not in known for key in own):
                    count.open[item_id] = before + len(own)
                    steps.close()
                    continue
                replies = [stored_reply(key, one, *known[key]) for key, one in zip(own, asked, strict=True)]
                try:
                    going_on.append((item_id, steps, steps.send(replies), before + len(own)))
                except StopIteration as end:
                    settled.append((item_id, end.value))
            waiting = going_on
        return settled


def key_of(job: Job, request: Request) -> str:
    """Key of the call that a request would be."""
    return call_key(job.asks(request), job.sent(request), request)
