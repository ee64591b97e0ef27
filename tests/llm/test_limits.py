from __future__ import annotations

import asyncio
import selectors
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from act_spec.llm.adapting import Level
from act_spec.llm.limits import Clock, Gate, Limits, Slots, TokenPace
from act_spec.llm.model import Model


class _NeverWaiting(selectors.DefaultSelector):
    """Adds up what it would have waited."""

    waited_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self.waited_s += timeout or 0.0
        return super().select(0)


class QuickLoop(asyncio.SelectorEventLoop):
    """An event loop whose clock jumps over its waits, so that they take no time and are told exactly."""

    def __init__(self) -> None:
        self._waits = _NeverWaiting()
        super().__init__(self._waits)

    def time(self) -> float:
        return self._waits.waited_s


def elapsed_s(waiting: Callable[[Clock], Awaitable[object]]) -> float:
    """How long it waits, given the clock by which it does."""

    async def timed() -> float:
        clock = asyncio.get_running_loop().time
        started = clock()
        await waiting(clock)
        return clock() - started

    with asyncio.Runner(loop_factory=QuickLoop) as runner:
        return runner.run(timed())


def test_a_shut_gate_holds_everyone_back_until_it_opens_and_lets_them_through_one_after_the_other():
    async def passages(clock: Clock) -> None:
        gate = Gate(clock)
        gate.shut(100)
        passed: list[float] = []

        async def passing() -> None:
            await gate.wait()
            passed.append(clock())

        await asyncio.gather(*(passing() for _ in range(20)))
        assert len(set(passed)) == 20
        assert 100 <= min(passed) < max(passed) <= 101

    elapsed_s(passages)


def test_a_shorter_wish_does_not_open_a_gate_early():
    async def passage(clock: Clock) -> None:
        gate = Gate(clock)
        gate.shut(300)
        gate.shut(1)
        await gate.wait()

    assert elapsed_s(passage) >= 300


def test_an_open_gate_lets_through_at_once():
    assert elapsed_s(lambda clock: Gate(clock).wait()) == 0


def turns(count: int, tokens: int, **settings: Any) -> float:
    """Seconds that so many turns take, one after the other."""

    async def taken(clock: Clock) -> None:
        limits = Limits(Model("openai/x", **settings), Slots(Level(16)), clock)
        for _ in range(count):
            await limits.turn(tokens)

    return elapsed_s(taken)


def test_requests_are_spread_over_the_minute():
    """20 a second: one second's worth at once, then one every 50 ms."""
    assert turns(26, 1, requests_per_minute=1200) == pytest.approx(0.3)


def test_tokens_are_spread_over_the_minute_and_corrected():
    async def taken(clock: Clock) -> None:
        pace = TokenPace(60_000, clock)
        await pace.take(50)
        pace.correct(+100)
        await pace.take(50)

    assert elapsed_s(taken) == pytest.approx(0.15)


def test_without_limits_nothing_waits():
    assert turns(1000, 1_000_000) == 0


def test_places_are_as_many_as_the_level_says_now_and_go_to_who_waits_longest():
    async def visits(_: Clock) -> None:
        level = Level(4)
        slots, inside, leave = Slots(level), [], asyncio.Event()

        async def visit(name: int) -> None:
            async with slots:
                inside.append(name)
                await leave.wait()
                inside.remove(name)
                await asyncio.sleep(0)

        level.now = 2
        visitors = [asyncio.create_task(visit(name)) for name in range(6)]
        await asyncio.sleep(1)
        assert inside == [0, 1]

        level.now = 3
        late = asyncio.create_task(visit(6))
        await asyncio.sleep(1)
        assert inside == [0, 1, 2]

        level.now = 1
        visitors[0].cancel()
        visitors[3].cancel()
        await asyncio.sleep(1)
        assert inside[1:] == [1, 2]

        leave.set()
        await asyncio.gather(*visitors, late, return_exceptions=True)
        async with slots:
            assert slots._taken == 1

    elapsed_s(visits)


def test_a_place_handed_to_a_call_that_was_cancelled_meanwhile_goes_on_to_the_next():
    async def visits(_: Clock) -> None:
        slots = Slots(Level(1))

        async def visit() -> str:
            async with slots:
                return "was in"

        async with slots:
            first, second = asyncio.create_task(visit()), asyncio.create_task(visit())
            await asyncio.sleep(1)
        # The place is the first one's already, which has not yet been told.
        first.cancel()
        assert await second == "was in"

    elapsed_s(visits)
