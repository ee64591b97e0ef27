"""What one job hands on to the next: in order, as it comes, and no more than there is room for."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from act_spec.engine.relay import Begun, Relay, Source


def items(*names: str) -> Iterator[Begun]:
    return ((name, (_ for _ in ())) for name in names)


def names(begun: list[Begun]) -> str:
    return "".join(name for name, _ in begun)


def test_who_hands_on_waits_while_there_is_no_room():
    async def hand_on() -> None:
        relay = Relay(2)
        giving = [asyncio.create_task(relay.put(one)) for one in items("a", "b", "c", "d")]
        await asyncio.wait(giving, return_when=asyncio.FIRST_COMPLETED)

        assert [one.done() for one in giving] == [True, True, False, False]
        assert names(await relay.take(1)) == "a"
        await giving[2]
        assert not giving[3].done()
        assert names(await relay.take(9)) == "bc"
        await giving[3]
        relay.end()
        assert names(await relay.take(9)) == "d"
        assert not await relay.take(9)

    asyncio.run(hand_on())


def test_who_takes_waits_until_something_comes():
    async def wait() -> None:
        relay = Relay(2)
        taking = asyncio.create_task(relay.take(9))
        await asyncio.sleep(0)
        for one in items("a"):
            await relay.put(one)

        assert names(await taking) == "a"
        taking = asyncio.create_task(relay.take(9))
        await asyncio.sleep(0)
        relay.end()
        assert not await taking

    asyncio.run(wait())


def test_what_is_handed_on_goes_before_what_waited_already():
    """Else a judge with much left to do would keep the annotator waiting."""

    async def draw() -> str:
        relay = Relay(2)
        source = Source(items(*"123"), relay)
        drawn = names(await source.some(2))
        for one in items("a"):
            await relay.put(one)
        relay.end()
        while some := await source.some(2):
            drawn += names(some)
        return drawn

    assert asyncio.run(draw()) == "12a3"
