from __future__ import annotations

import asyncio

from act_spec.engine.ledger import Closed, Ledger


def test_all_that_wait_for_money_are_told_why_the_run_ends_each_by_an_error_of_its_own():
    reason = RuntimeError("the disk is full")

    async def ended() -> list[object]:
        ledger = Ledger(1.0, 0.0)
        await ledger.reserve(0.9)
        waiting = [asyncio.create_task(ledger.reserve(0.5)) for _ in range(20)]
        await asyncio.sleep(0)
        ledger.close(reason)
        return await asyncio.gather(*waiting, return_exceptions=True)

    told = asyncio.run(ended())

    assert len({id(error) for error in told}) == 20
    assert all(isinstance(error, Closed) and error.__cause__ is reason for error in told)
    assert {str(error) for error in told} == {"the disk is full"}
    assert reason.__traceback__ is None
