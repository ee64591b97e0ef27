"""How fast a provider may be called: calls in flight, requests and tokens a minute, and its own wish to wait."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Callable

from aiolimiter import AsyncLimiter

from act_spec.llm.adapting import Level
from act_spec.llm.model import Model

Clock = Callable[[], float]


class Gate:
    """Shuts for all calls to a provider when it asks one of them to wait."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until = 0.0

    def shut(self, seconds: float) -> None:
        """Stay shut for that long from now, if not longer already."""
        self._until = max(self._until, self._clock() + seconds)

    async def wait(self) -> None:
        """Return once the gate is open; callers come through spread a little, so that they do not rush."""
        while (left := self._until - self._clock()) > 0:  # noqa: ASYNC110 - it may shut again meanwhile
            await asyncio.sleep(left + random.uniform(0, min(left / 10, 1.0)))  # noqa: S311 - no secret


class TokenPace:
    """
    Spreads tokens evenly over the minute.

    A call books its likely tokens when it goes out and is corrected when the
    true number is known.
    """

    def __init__(self, per_minute: float, clock: Clock) -> None:
        self._seconds_each = 60 / per_minute
        self._clock = clock
        self._free_at = 0.0

    async def take(self, tokens: int) -> None:
        """Wait for the turn, and book that many tokens."""
        start = max(self._clock(), self._free_at)
        self._free_at = start + tokens * self._seconds_each
        await asyncio.sleep(max(0.0, start - self._clock()))

    def correct(self, difference: int) -> None:
        """Book the tokens that a call had beyond its estimate; fewer if negative."""
        self._free_at += difference * self._seconds_each


class Slots:
    """Places for calls in flight, as many as the level says now; first come, first served, in one event loop."""

    def __init__(self, level: Level) -> None:
        self.level = level
        self._taken = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def __aenter__(self) -> None:
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        self._hand_out()
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():
                # Handed out in the moment in which the call was cancelled.
                await self.__aexit__()
            raise

    async def __aexit__(self, *_: object) -> None:
        self._taken -= 1
        self._hand_out()

    def _hand_out(self) -> None:
        while self._waiting and self._taken < self.level.now:
            turn = self._waiting.popleft()
            if not turn.done():
                self._taken += 1
                turn.set_result(None)


class Limits:
    """A model's own limits; belongs to one event loop."""

    def __init__(self, model: Model, slots: Slots, clock: Clock) -> None:
        self.slots = slots
        self._requests = _request_pace(model.requests_per_minute)
        self._tokens = TokenPace(model.tokens_per_minute, clock) if model.tokens_per_minute else None
        self.paced = self._requests is not None or self._tokens is not None

    async def turn(self, tokens: int) -> None:
        """Wait until one more request of about that many tokens may go out."""
        if self._requests is not None:
            await self._requests.acquire()
        if self._tokens is not None:
            await self._tokens.take(tokens)

    def correct(self, difference: int) -> None:
        """See `TokenPace.correct`."""
        if self._tokens is not None:
            self._tokens.correct(difference)


def _request_pace(per_minute: float | None) -> AsyncLimiter | None:
    # The limiter lets its whole capacity out at once, so it is given a second's worth, not a minute's.
    if per_minute is None:
        return None
    burst = max(1.0, per_minute / 60)
    return AsyncLimiter(burst, burst * 60 / per_minute)
