from __future__ import annotations

import asyncio
import time

import pytest

from act_spec.llm.limits import Gate, Limits, TokenPace
from act_spec.llm.model import Model


def test_a_shut_gate_holds_everyone_back_until_it_opens():
    async def passages():
        gate = Gate(time.monotonic)
        gate.shut(0.1)
        started = time.monotonic()
        await asyncio.gather(*(gate.wait() for _ in range(20)))
        return time.monotonic() - started

    assert 0.1 <= asyncio.run(passages()) < 0.5


def test_a_shorter_wish_does_not_open_a_gate_early():
    now = [0.0]
    gate = Gate(lambda: now[0])
    gate.shut(300)
    gate.shut(1)
    now[0] = 299.0

    with pytest.raises(TimeoutError):
        asyncio.run(asyncio.wait_for(gate.wait(), 0.01))


def test_an_open_gate_lets_through_at_once():
    asyncio.run(asyncio.wait_for(Gate(time.monotonic).wait(), 0.1))


def test_requests_are_spread_over_the_minute():
    async def elapsed():
        limits = Limits(Model("openai/x", requests_per_minute=1200), time.monotonic)
        started = time.monotonic()
        for _ in range(26):
            await limits.turn(1)
        return time.monotonic() - started

    # 20 a second: one second's worth at once, then one every 50 ms.
    assert 0.25 <= asyncio.run(elapsed()) < 1.0


def test_tokens_are_spread_over_the_minute_and_corrected():
    async def elapsed():
        pace = TokenPace(60_000, time.monotonic)
        started = time.monotonic()
        await pace.take(50)
        pace.correct(+100)
        await pace.take(50)
        return time.monotonic() - started

    assert 0.15 <= asyncio.run(elapsed()) < 0.5


def test_without_limits_nothing_waits():
    async def elapsed():
        limits = Limits(Model("openai/x"), time.monotonic)
        started = time.monotonic()
        for _ in range(1000):
            await limits.turn(1_000_000)
        return time.monotonic() - started

    assert asyncio.run(elapsed()) < 0.5
