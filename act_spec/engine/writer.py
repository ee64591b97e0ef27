"""
The one writer: results are gathered and committed together, at least every second.

Whoever hands a result in waits until it is in the file; only then does a
reply count, or an item as done.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from typing import Any

from act_spec.store.calls import Call, write_calls
from act_spec.store.database import Store

FLUSH_S = 0.005
FULL = 1000
Settled = tuple[str, Any]


class Writer:
    """
    Gathers calls and settled records, and commits them in a thread of its own.

    A failed commit is raised to everyone who waits for it, and to everyone
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
        self._calls: list[Call] = []
        self._settled: list[Settled] = []
        self._committed: asyncio.Future[None] | None = None
        self._full = asyncio.Event()
        self._broken: Exception | None = None
        self._flushing: asyncio.Task[None] | None = None

    async def keep_call(self, call: Call) -> None:
        """Return once the call is in the file."""
        self._calls.append(call)
        await self._commit()

    async def keep_settled(self, item_id: str, record: Any) -> None:
        """Return once the item's record is in the file."""
        self._settled.append((item_id, record))
        await self._commit()

    async def close(self) -> None:
        """Commit what is left."""
        while self._flushing is not None:
            self._full.set()
            await asyncio.wait([self._flushing])
        self._thread.shutdown()

    async def _commit(self) -> None:
        if self._broken is not None:
            raise self._broken
        if self._committed is None:
            self._committed = asyncio.get_running_loop().create_future()
        if self._flushing is None:
            self._flushing = asyncio.get_running_loop().create_task(self._flush())
        if len(self._calls) + len(self._settled) >= FULL:
            self._full.set()
        await asyncio.shield(self._committed)

    async def _flush(self) -> None:
        """Write batches until nothing waits."""
        loop = asyncio.get_running_loop()
        while self._committed is not None:
            with suppress(TimeoutError):  # time is up: write what there is
                await asyncio.wait_for(self._full.wait(), FLUSH_S)
            self._full.clear()
            calls, self._calls = self._calls, []
            settled, self._settled = self._settled, []
            committed, self._committed = self._committed, None
            try:
                await loop.run_in_executor(self._thread, self._write, calls, settled)
            except Exception as error:  # noqa: BLE001 - handed to everyone who waits
                self._broken = error
                committed.set_exception(error)
                committed.exception()
            else:
                committed.set_result(None)
        self._flushing = None

    def _write(self, calls: Sequence[Call], settled: Sequence[Settled]) -> None:
        with self._store.transaction():
            write_calls(self._store, _one_of_each_key(calls))
            self._write_settled(self._store, settled)


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
