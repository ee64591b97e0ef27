"""A worker's desk: attempts come in, are made side by side, and what became of them goes back."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable, Sequence

from act_spec.engine.workers.parcels import Asked, Gathered, Said
from act_spec.llm.client import Transport
from act_spec.llm.keys import redact
from act_spec.llm.retry import AttemptFailed


class Desk:
    """Makes attempts; belongs to one event loop."""

    def __init__(self, transport: Transport, hand_back: Callable[[list[Said]], None]) -> None:
        """
        Prepare.

        Args:
            transport: Makes one attempt, such as `llm.provider`.
            hand_back: Takes what became of them, several at a time.
        """
        self._transport = transport
        self._back = Gathered(hand_back)
        self._under_way: set[asyncio.Task[None]] = set()

    def take(self, batch: Sequence[Asked]) -> None:
        """Begin to make these attempts."""
        for one in batch:
            task = asyncio.create_task(self._make(one))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

    async def _make(self, one: Asked) -> None:
        try:
            answer = await self._transport.ask(
                one.model, one.messages, one.reply_schema, sample=one.sample, logprobs=one.logprobs
            )
            said = Said(one.number, answer)
        except AttemptFailed as failure:
            said = Said(one.number, failed=(failure.kind, failure.reason, failure.retry_after_s))
        except Exception:  # noqa: BLE001 - told to the run, which ends with it
            said = Said(one.number, fault=redact(traceback.format_exc()))
        self._back.add(said)
