"""
Requests answered from the calls table alone: nothing is sent, and a missing reply is an error.

With it a run is rebuilt, or a recipe tested, on a machine without keys or a
network. What failed when it was asked fails again, in the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from itertools import islice
from typing import Any

from act_spec.engine.job import Job, Progress
from act_spec.engine.replies import asked_again, call_key, recorded_reply
from act_spec.errors import ModelCallError
from act_spec.records import Message, Reply, Request, Steps
from act_spec.store.calls import recorded_calls
from act_spec.store.database import Store

_CHUNK = 256
_KEPT = 500

Settles = Callable[[str], Collection[str] | None]
"""Stage to the items that it settles; None for all of them."""


class MissingReply(ModelCallError):  # noqa: N818 - named for what is missing
    """A request that no recorded call answers."""


class RecordedEngine:
    """Drives jobs over one store that holds their calls; see the module and `run.stage.Engine`."""

    side_by_side = False

    def __init__(self, store: Store, settles: Settles = lambda _: None) -> None:
        """
        Prepare to answer.

        Args:
            store: Holds the calls; stages write to it.
            settles: Items that a stage is to settle. A run that ended early has
                no replies for the others, and they stay as they are.
        """
        self._writer = store.cursor()
        self._reader = store.cursor()
        self._settles = settles

    def tell(self, stage: str, done: int, total: int) -> None:
        """Nobody waits for it."""

    def execute(self, job: Job, total: int) -> Progress:  # noqa: ARG002 - part of what an engine is given
        """
        Settle every item of a job.

        Raises:
            MissingReply: If a request has no recorded reply; what was settled before is kept.
        """
        progress = Progress()
        only = self._settles(job.stage)
        wanted = (one for one in job.steps if only is None or one[0] in only)
        while chunk := list(islice(wanted, _CHUNK)):
            settled = self._settle(job, chunk)
            for start in range(0, len(settled), _KEPT):
                with self._writer.transaction():
                    job.write(self._writer, settled[start : start + _KEPT])
            for _, record in settled:
                progress.count(record.status)
        return progress

    def _settle(self, job: Job, chunk: Sequence[tuple[str, Steps[Any]]]) -> list[tuple[str, Any]]:
        """Drive the strategies side by side, so that each of their steps is one look at the table."""
        waiting = [(item_id, steps, next(steps)) for item_id, steps in chunk]
        settled: dict[str, Any] = {}
        while waiting:
            replies = iter(
                self._replies(job, [(item_id, one) for item_id, _, asked in waiting for one in asked])
            )
            going_on = []
            for item_id, steps, asked in waiting:
                try:
                    going_on.append((item_id, steps, steps.send(list(islice(replies, len(asked))))))
                except StopIteration as end:
                    settled[item_id] = end.value
            waiting = going_on
        return [(item_id, settled[item_id]) for item_id, _ in chunk]

    def _replies(self, job: Job, asked: Sequence[tuple[str, Request]]) -> list[Reply]:
        """The recorded reply to each request, the second one where the first could not be used."""
        first = [(item_id, request, job.sent(request)) for item_id, request in asked]
        replies = self._look_up(job, first)
        again = [
            (place, (item_id, request, asked_again(messages, reply)))
            for place, ((item_id, request, messages), reply) in enumerate(zip(first, replies, strict=True))
            if reply.status == "invalid"
        ]
        second = self._look_up(job, [one for _, one in again])
        for (place, _), reply in zip(again, second, strict=True):
            replies[place] = reply
        return replies

    def _look_up(self, job: Job, asked: Sequence[tuple[str, Request, Sequence[Message]]]) -> list[Reply]:
        keys = [call_key(job.asks(request), messages, request) for _, request, messages in asked]
        found = recorded_calls(self._reader, keys) if keys else {}
        for key, (item_id, request, _) in zip(keys, asked, strict=True):
            if key not in found:
                raise MissingReply(
                    f"{job.stage}: no reply of {job.asks(request).name} is recorded for item '{item_id}', and "
                    "nothing may be called here. Go on with `act-spec run` first."
                )
        return [
            recorded_reply(key, request, found[key]) for key, (_, request, _) in zip(keys, asked, strict=True)
        ]
