"""
The one writer: results are gathered and committed together, at least every second.

Whoever hands a result in is told once it is in the file; only then does a
reply count, or an item as done.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

from act_spec.store.calls import Call, write_calls
from act_spec.store.database import Store

FULL = 1000
Settled = tuple[str, Any]
Then = Callable[[Exception | None], None]
"""Told once that what was handed in is in the file, or why it cannot be."""

_LINGER_S = 0.002
_LONGEST_S = 0.02


@dataclass
class _Batch:
    """What goes into the file together, and who is told."""

    calls: list[Call] = field(default_factory=list)
    settled: list[Settled] = field(default_factory=list)
    then: list[Then] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.calls) + len(self.settled)


class Writer:
    """
    Gathers calls and settled records, and commits them in a thread of its own.

    A failed commit is told to everyone who waits for it, and to everyone
    who comes later: nothing is called again when nothing can be kept.
    """

    def __init__(self, store: Store, write_settled: Callable[[Store, Sequence[Settled]], None]) -> None:
        """
        Start writing.

        Args:
            store: The writer's own handle on the run's database.
            write_settled: Writes (item id, record) pairs to the stage's table.
        """
        self._store = store
        self._write_settled = write_settled
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="act-spec-writer")
        self._batch = _Batch()
        self._broken: Exception | None = None
        self._flushing: asyncio.Task[None] | None = None

    def keep_call(self, call: Call, then: Then) -> None:
        """Hand a call in."""
        self._batch.calls.append(call)
        self._tell(then)

    async def keep_settled(self, item_id: str, record: Any) -> None:
        """Return once the item's record is in the file, with all calls that were handed in before it."""
        self._batch.settled.append((item_id, record))
        await self.kept()

    async def kept(self) -> None:
        """
        Return once all that was handed in is in the file.

        Raises:
            StoreError: If it cannot be written.
        """
        told: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._tell(lambda error: _resolve(told, error))
        await told

    async def close(self) -> None:
        """Commit what is left."""
        while self._flushing is not None:
            await asyncio.wait([self._flushing])
        self._thread.shutdown()

    def _tell(self, then: Then) -> None:
        if self._broken is not None:
            then(self._broken)
            return
        self._batch.then.append(then)
        if self._flushing is None:
            self._flushing = asyncio.get_running_loop().create_task(self._flush())

    async def _flush(self) -> None:
        """Write batches until nothing waits."""
        loop = asyncio.get_running_loop()
        while self._batch.then:
            await self._gather()
            batch, self._batch = self._batch, _Batch()
            try:
                await loop.run_in_executor(self._thread, self._write, batch)
            except Exception as error:  # noqa: BLE001 - handed to everyone who waits
                self._broken = error
            for then in batch.then:
                then(self._broken)
            if self._broken is not None:
                self._refuse(self._broken)
        self._flushing = None

    async def _gather(self) -> None:
        """
        Wait for more to write with it, as long as that holds nothing up.

        A commit takes milliseconds, whatever it holds. Where the event loop
        has time to spare, calls in flight wait for this one; where it is
        busy, with calls that came back, a larger one costs nobody anything.
        """
        began = time.monotonic()
        while len(self._batch) < FULL and time.monotonic() - began < _LONGEST_S:
            worked = time.thread_time()
            turn = time.monotonic()
            await asyncio.sleep(_LINGER_S)
            if time.thread_time() - worked < (time.monotonic() - turn) / 2:
                return

    def _refuse(self, error: Exception) -> None:
        """Tell those who came while the commit failed."""
        batch, self._batch = self._batch, _Batch()
        for then in batch.then:
            then(error)

    def _write(self, batch: _Batch) -> None:
        calls = _one_of_each_key(batch.calls)

        def write() -> None:
            write_calls(self._store, calls)
            self._write_settled(self._store, batch.settled)

        self._store.write_new(write)


def _resolve(told: asyncio.Future[None], error: Exception | None) -> None:
    if told.done():
        return
    if error is None:
        told.set_result(None)
    else:
        told.set_exception(error)


def _one_of_each_key(calls: Sequence[Call]) -> list[Call]:
    """One statement cannot touch a key twice: the last answer stands, and all that was paid for it."""
    merged: dict[str, Call] = {}
    for call in calls:
        before = merged.get(call.call_key)
        merged[call.call_key] = call if before is None else _added(before, call)
    return list(merged.values())


def _added(before: Call, call: Call) -> Call:
    unknown = before.cost_usd is None or call.cost_usd is None
    return replace(
        call,
        cost_usd=None if unknown else (before.cost_usd or 0.0) + (call.cost_usd or 0.0),
        possible_usd=before.possible_usd + call.possible_usd,
        attempts=before.attempts + call.attempts,
    )
