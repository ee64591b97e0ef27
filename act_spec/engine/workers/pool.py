"""
The run's side of its workers: who makes which attempt, and what happens when one of them is gone.

A pool takes the place of `llm.provider` below the client. Limits, money,
retries and stored replies stay above it, in one process, so that they hold
for all workers together; and one process writes, as ever.

    client ── ask ──▶ pool ── batches ──▶ worker ──▶ provider
    (limits, money,   (who)               (connections)
     retries)

The attempts in flight of a worker that ends are failed ones that may have
been billed, and the client makes them again; another worker takes its place.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from act_spec.engine.workers.parcels import Asked, Gathered, Said
from act_spec.errors import StoppedEarly
from act_spec.llm.answer import Answer
from act_spec.llm.model import Model
from act_spec.llm.retry import AttemptFailed
from act_spec.records import Message

WATCH_S = 5.0
_GRACE_S = 60.0
_MOST_FAILED_STARTS = 3


class WorkersGone(StoppedEarly):
    """No worker can be started."""


class LineLostError(Exception):
    """A worker is gone; the text is a clause that says how."""


class Line(Protocol):
    """The way to one worker. Its first batch is empty and says that it is ready."""

    @property
    def pid(self) -> int:
        """The number of its process, on its machine."""

    def send(self, batch: list[Asked]) -> None:
        """Hand requests over."""

    async def receive(self) -> list[Said]:
        """
        What came back, several answers at a time.

        Raises:
            LineLostError: If the worker is gone.
        """

    def kill(self) -> None:
        """End the worker at once; `receive` then raises."""

    async def close(self) -> None:
        """End the worker, and wait until it is gone."""


@dataclass
class _Waiting:
    """An attempt in flight: whom it asks, and the time (monotonic) by which it must have ended."""

    answered: asyncio.Future[Answer]
    model: str
    until: float


@dataclass
class _Seat:
    """A worker's place: it stays when the worker goes."""

    line: Line | None = None
    in_flight: dict[int, _Waiting] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.out: Gathered[Asked] = Gathered(self._send)

    def _send(self, batch: list[Asked]) -> None:
        if self.line is not None:
            self.line.send(batch)

    def hear(self, said: Said) -> None:
        """Pass an answer on to who waits for it."""
        waiting = self.in_flight.pop(said.number, None)
        if waiting is None or waiting.answered.done():
            return
        try:
            waiting.answered.set_result(said.result())
        except (AttemptFailed, RuntimeError) as error:
            waiting.answered.set_exception(error)

    def lose(self, reason: str) -> None:
        """Fail all attempts in flight; they may have been billed."""
        self.line = None
        lost, self.in_flight = self.in_flight, {}
        for waiting in lost.values():
            if not waiting.answered.done():
                said = f"{waiting.model}: the worker that made the call is gone: {reason}"
                waiting.answered.set_exception(AttemptFailed("lost", said))


class Pool:
    """Several workers as one transport; see the module and `llm.client.Transport`."""

    def __init__(
        self,
        count: int,
        start: Callable[[], Awaitable[Line]],
        *,
        end: Callable[[], None] | None = None,
        watch_s: float = WATCH_S,
    ) -> None:
        """
        Prepare; no worker is started yet.

        Args:
            count: Of workers, from 1.
            start: Starts one.
            end: Called when all of them are gone.
            watch_s: How often to look for a worker that hangs.
        """
        self._seats = [_Seat() for _ in range(count)]
        self._start = start
        self._end = end
        self._watch_s = watch_s
        self._numbers = itertools.count(1)
        self._changed = asyncio.Event()
        self._keeping: list[asyncio.Task[None]] = []
        self._broken: BaseException | None = None
        self._failed_starts = 0
        self._ever_ready = False
        self.lost = 0
        """Workers that were ready and are gone."""

    @property
    def lines(self) -> list[Line]:
        """Those to workers that are ready."""
        return [seat.line for seat in self._seats if seat.line is not None]

    async def start(self) -> None:
        """Start all workers, once, before the first attempt; returns before they are ready."""
        if self._keeping:
            return
        lines = await asyncio.gather(*(self._start() for _ in self._seats))
        for seat, line in zip(self._seats, lines, strict=True):
            self._keeping.append(asyncio.create_task(self._keep(seat, line)))
        self._keeping.append(asyncio.create_task(self._watch()))
        for task in self._keeping:
            task.add_done_callback(self._note_end)

    async def ask(
        self,
        model: Model,
        messages: Sequence[Message],
        reply_schema: Mapping[str, Any],
        *,
        sample: int,
        logprobs: bool,
    ) -> Answer:
        """
        Make one attempt, in the worker that has the fewest in flight.

        Raises:
            AttemptFailed: As `llm.provider` raises it, and where the worker is lost meanwhile.
            WorkersGone: If no worker can be started.
        """
        seat = await self._seat()
        number = next(self._numbers)
        answered: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        until = time.monotonic() + model.timeout_s + _GRACE_S
        seat.in_flight[number] = _Waiting(answered, model.name, until)
        seat.out.add(Asked(number, model, messages, reply_schema, sample, logprobs))
        return await answered

    async def close(self) -> None:
        """End all workers, and wait until they are gone."""
        for task in self._keeping:
            task.cancel()
        await asyncio.gather(*self._keeping, return_exceptions=True)
        self._keeping.clear()
        if self._end is not None:
            self._end()

    async def _seat(self) -> _Seat:
        while True:
            if self._broken is not None:
                raise self._broken
            ready = [seat for seat in self._seats if seat.line is not None]
            if ready:
                return min(ready, key=lambda seat: len(seat.in_flight))
            self._changed.clear()
            await self._changed.wait()

    async def _keep(self, seat: _Seat, line: Line) -> None:
        """Hear a worker, and start another when it is gone."""
        while True:
            try:
                await line.receive()
                seat.line = line
                self._failed_starts, self._ever_ready = 0, True
                self._changed.set()
                while True:
                    for said in await line.receive():
                        seat.hear(said)
            except LineLostError as lost:
                if seat.line is None and self._gives_up(str(lost)):
                    return
                self.lost += seat.line is not None
                seat.lose(str(lost))
            finally:
                await line.close()
            line = await self._start()

    def _gives_up(self, reason: str) -> bool:
        """
        Whether to go on with the workers that there are, after several in a row did not get ready.

        Raises:
            WorkersGone: If there are none.
        """
        self._failed_starts += 1
        most = _MOST_FAILED_STARTS if self._ever_ready else 1
        if self._failed_starts < most * len(self._seats):
            return False
        if self.lines:
            return True
        raise WorkersGone(
            f"No worker gets ready; of the last one: {reason} Mend that, or run without workers; nothing is paid twice."
        )

    async def _watch(self) -> None:
        """End workers that hang: they hold attempts for longer than the model's `timeout_s` allows."""
        late: set[int] = set()
        while True:
            await asyncio.sleep(self._watch_s)
            now = time.monotonic()
            found: set[int] = set()
            for seat in self._seats:
                overdue = {number for number, one in seat.in_flight.items() if one.until < now}
                # Seen late twice, so that a run that was itself held up first hears what has come.
                if overdue & late and seat.line is not None:
                    seat.line.kill()
                found |= overdue
            late = found

    def _note_end(self, task: asyncio.Task[None]) -> None:
        """An end that nobody asked for ends the run."""
        if task.cancelled() or task.exception() is None:
            return
        self._broken = task.exception()
        for seat in self._seats:
            seat.lose("no other can be started.")
        self._changed.set()
