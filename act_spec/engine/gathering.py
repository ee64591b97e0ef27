"""
The requests of a stage that a batch is still to answer, gathered before any of them goes out.

Strategies run side by side over what is recorded, up to the first reply that
is not. What a batch did not answer, or answered so that it cannot be used, is
left to live calls; so are the later steps of such an item.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from act_spec.engine.job import Batched, Job
from act_spec.engine.replies import asked_again, call_key, recorded_reply
from act_spec.llm.model import Model
from act_spec.records import Message, Reply, Request, Steps
from act_spec.store import batches
from act_spec.store.calls import Recorded, recorded_calls
from act_spec.store.database import Store

_CHUNK = 256


@dataclass(frozen=True, slots=True)
class Wanted:
    """A request that no call and no batch answers."""

    key: str
    item_id: str
    model: Model
    messages: tuple[Message, ...]
    request: Request


@dataclass
class Gathering:
    """
    One look at all items of a stage; may be looked through once.

    Attributes:
        out: Requests that are part of a batch which has not ended, as far as was looked.
    """

    job: Job
    batched: Batched
    reader: Store
    out: int = 0
    _seen: set[str] = field(default_factory=set)

    def wanted(self) -> Iterator[Wanted]:
        """Requests to send, each once, in the order of the items."""
        steps = self.batched.anew()
        any_batch = batches.is_any(self.reader)
        while chunk := list(islice(steps, _CHUNK)):
            yield from self._of(chunk, any_batch=any_batch)

    def _of(self, chunk: Sequence[tuple[str, Steps[Any]]], *, any_batch: bool) -> Iterator[Wanted]:
        waiting = [(item_id, steps, next(steps)) for item_id, steps in chunk]
        while waiting:
            asked = [
                (item_id, request, self.job.sent(request))
                for item_id, _, requests in waiting
                for request in requests
            ]
            keys = [call_key(self.job.asks(request), messages, request) for _, request, messages in asked]
            known = recorded_calls(self.reader, keys)
            tried = batches.outcomes(self.reader, self.batched.key, keys) if any_batch else {}
            yield from self._missing(asked, keys, known, tried)
            replies = iter([self._reply(*one, known, tried) for one in zip(asked, keys, strict=True)])
            waiting = _gone_on(waiting, replies)

    def _missing(
        self,
        asked: Sequence[tuple[str, Request, tuple[Message, ...]]],
        keys: Sequence[str],
        known: dict[str, Recorded],
        tried: dict[str, str | None],
    ) -> Iterator[Wanted]:
        for (item_id, request, messages), key in zip(asked, keys, strict=True):
            if (key in known and known[key].status == "ok") or key in self._seen:
                continue
            if key in tried:
                self.out += tried[key] is None
                continue
            self._seen.add(key)
            yield Wanted(key, item_id, self.job.asks(request), messages, request)

    def _reply(
        self,
        asked: tuple[str, Request, tuple[Message, ...]],
        key: str,
        known: dict[str, Recorded],
        tried: dict[str, str | None],
    ) -> Reply | None:
        """The reply that stands; None where none does so far."""
        _, request, messages = asked
        if key not in known:
            return None
        reply = recorded_reply(key, request, known[key])
        if reply.status == "ok":
            return reply
        if key not in tried:
            return None
        if reply.status == "invalid":
            second = asked_again(messages, reply)
            again = call_key(self.job.asks(request), second, request)
            found = recorded_calls(self.reader, [again]).get(again)
            return (
                recorded_reply(again, request, found) if found is not None and found.status == "ok" else None
            )
        return reply if reply.status in ("refused", "truncated") else None


_Waiting = list[tuple[str, Steps[Any], list[Request]]]


def _gone_on(waiting: _Waiting, replies: Iterator[Reply | None]) -> _Waiting:
    """The items that ask for more, with what they ask; those that lack a reply, or are at their end, are let go."""
    going_on: _Waiting = []
    for item_id, steps, requests in waiting:
        got = list(islice(replies, len(requests)))
        if any(reply is None for reply in got):
            steps.close()
            continue
        try:
            going_on.append((item_id, steps, steps.send([reply for reply in got if reply is not None])))
        except StopIteration:
            continue
    return going_on
