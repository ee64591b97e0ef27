"""From one job to the next: items go on while others are still being settled."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator
from itertools import islice
from typing import Any

from act_spec.records import Steps

_GATHER_S = 0.1

Begun = tuple[str, Steps[Any]]


class Relay:
    """
    Items that one job has settled and the next has not taken up, oldest first.

    There is room for so many: a job that is ahead of the next by as much waits
    for it, so memory does not grow with the number of items.
    """

    def __init__(self, room: int) -> None:
        self._room = asyncio.Semaphore(room)
        self._waiting: deque[Begun] = deque()
        self._ended = False
        self._stirred = asyncio.Event()

    def __len__(self) -> int:
        return len(self._waiting)

    async def put(self, one: Begun) -> None:
        """Hand an item on, once there is room."""
        await self._room.acquire()
        self._waiting.append(one)
        self._stirred.set()

    def end(self) -> None:
        """Nothing more comes, or is wanted."""
        self._ended = True
        self._stirred.set()

    async def take(self, most: int) -> list[Begun]:
        """
        What has come, as soon as something has; nothing once no more will.

        Stored replies are looked up for all of it at once, so what comes right
        behind the first is waited for.
        """
        while not self._waiting and not self._ended:
            self._stirred.clear()
            await self._stirred.wait()
        if len(self._waiting) < most and not self._ended:
            await asyncio.sleep(_GATHER_S)
        taken = [self._waiting.popleft() for _ in range(min(most, len(self._waiting)))]
        for _ in taken:
            self._room.release()
        return taken


class Source:
    """The items of a job, some at a time: those that another hands on first, then its own."""

    def __init__(self, own: Iterator[Begun], relay: Relay | None) -> None:
        self._own = own
        self._relay = relay

    async def some(self, most: int) -> list[Begun]:
        """The next items; none where all are through."""
        if not self._relay:
            found = list(islice(self._own, most))
            if found or self._relay is None:
                return found
        return await self._relay.take(most)
