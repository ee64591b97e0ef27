"""
The one writer: replies go into the journal as they come, and into the tables together with what follows from them.

Only what is in the tables counts as done; what is in the journal is paid for
once. See `store.journal`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from act_spec.store.calls import Call, write_calls
from act_spec.store.database import Store
from act_spec.store.journal import Journal

FULL = 1000
"""Rows that are committed at once, however soon they come."""

MOST = 4 * FULL
"""Rows that may wait; whoever brings more waits with them."""

_EVERY_S = 0.25
Settled = tuple[str, Any]


@dataclass(frozen=True, eq=False)
class Table:
    """
    Where a stage's records go.

    Attributes:
        write: Writes (item id, record) pairs.
        written: Told of them once they are in the file.
    """

    write: Callable[[Store, Sequence[Settled]], None]
    written: Callable[[Sequence[Settled]], None]


@dataclass
class _Batch:
    """What goes into the file together."""

    calls: list[Call] = field(default_factory=list)
    settled: dict[Table, list[Settled]] = field(default_factory=dict)
    size: int = 0


class Writer:
    """
    Gathers calls and settled records, and commits them in a thread of its own, four times a second.

    Once a commit has failed none is tried again: nothing is asked for any
    more, and replies that still come are kept in the journal.
    """

    def __init__(self, store: Store, failed: Callable[[Exception], None]) -> None:
        """
        Start writing.

        Args:
            store: The writer's own handle on the run's database.
            failed: Told of a commit that failed.

        Raises:
            StoreError: If there can be no journal.
        """
        self._store = store
        self._failed = failed
        self._journal = Journal(store.path) if store.path else None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="act-spec-writer")
        self._batch = _Batch()
        self._full = asyncio.Event()
        self._emptied = asyncio.Event()
        self._broken = False
        self._closing = False
        self._flushing: asyncio.Task[None] | None = None

    def keep_call(self, call: Call) -> None:
        """
        Keep a call: from now on nothing but a loss of power can lose it.

        Raises:
            StoreError: If it cannot be kept.
        """
        if self._journal is not None:
            self._journal.keep(call)
        self._batch.calls.append(call)
        self._grown()

    async def keep_settled(self, table: Table, item_id: str, record: Any) -> None:
        """Hand an item's record in, to be written with all calls that were kept before; waits where very much waits."""
        self._batch.settled.setdefault(table, []).append((item_id, record))
        self._grown()
        while self._batch.size > MOST and not self._broken:
            self._emptied.clear()
            await self._emptied.wait()

    async def close(self) -> None:
        """Commit what is left."""
        self._closing = True
        self._full.set()
        while (flushing := self._flushing) is not None:
            # Whoever is cancelled while it waits leaves the commit alone.
            await asyncio.wait([flushing])
            flushing.result()
        self._thread.shutdown()
        if self._journal is not None:
            self._journal.close()

    def _grown(self) -> None:
        self._batch.size += 1
        if self._batch.size >= FULL:
            self._full.set()
        if self._flushing is None and not self._broken:
            self._flushing = asyncio.get_running_loop().create_task(self._flush())

    async def _flush(self) -> None:
        """Commit what waits until nothing does."""
        try:
            while self._batch.size and not self._broken:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._full.wait(), _EVERY_S)
                if not self._closing:
                    self._full.clear()
                await self._commit()
                self._emptied.set()
        finally:
            self._flushing = None

    async def _commit(self) -> None:
        batch, self._batch = self._batch, _Batch()
        try:
            if self._journal is not None:
                self._journal.turn()
            await asyncio.get_running_loop().run_in_executor(self._thread, self._write, batch)
            if self._journal is not None:
                self._journal.committed()
        except Exception as error:  # noqa: BLE001 - the reason of the stop, raised by the engine
            self._broken = True
            self._failed(error)
            return
        for table, settled in batch.settled.items():
            table.written(settled)

    def _write(self, batch: _Batch) -> None:
        def write() -> None:
            write_calls(self._store, batch.calls)
            for table, settled in batch.settled.items():
                table.write(self._store, settled)

        self._store.write_new(write)
