"""Workers under a client: one set of limits for all, and a worker that ends costs what it had in flight."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from model_server import ModelServer

from act_spec.engine.ledger import CapReached, Ledger
from act_spec.engine.workers.pool import Pool, WorkersGone
from act_spec.engine.workers.process import start_process
from act_spec.llm.client import Client, Completion
from act_spec.llm.model import Model
from act_spec.llm.prices import Price

QUICK = partial(start_process, "quick_transport")
SCHEMA = {"type": "object", "properties": {"label": {"enum": ["a", "b"]}}}
PRICE = Price(0.0, 1e-4)
MOST_USD = 100 * PRICE.output_usd_per_token
Ask = Callable[[int], Coroutine[Any, Any, Completion]]


def with_workers(
    url: str, work: Callable[[Ask, Pool, Ledger], Awaitable[None]], cap_usd: float | None = None, **settings
) -> None:
    """Two workers for as long as the work takes; the model costs at most a cent a call."""
    model = Model("openai/tested", api_base=url, max_tokens=100, price=PRICE, **settings)

    async def working() -> None:
        ledger = Ledger(cap_usd, 0.0)
        pool = Pool(2, QUICK, watch_s=0.05)
        await pool.start()
        client = Client(ledger=ledger, backoff_s=0.001, transport=pool)
        try:
            await work(
                lambda number: client.complete(
                    model, ({"role": "user", "content": f"question {number}"},), SCHEMA
                ),
                pool,
                ledger,
            )
        finally:
            await pool.close()

    asyncio.run(working())


async def until(so: Callable[[], bool]) -> None:
    """Return when it is so, after however many seconds a busy machine takes for it."""
    async with asyncio.timeout(120):
        while not so():  # noqa: ASYNC110 - what is waited for is in other processes and threads
            await asyncio.sleep(0.005)


def is_there(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_limits_and_money_hold_for_all_workers_together():
    """Both workers call, never more at once than the model allows, and never beyond the cap."""
    with ModelServer() as server:

        async def work(ask: Ask, pool: Pool, ledger: Ledger) -> None:
            await until(lambda: len(pool.lines) == 2)
            server.hold(together=5)
            answers = await asyncio.gather(*(ask(number) for number in range(40)))
            by_worker = Counter(answer.fingerprint for answer in answers)
            assert len(by_worker) == 2
            assert min(by_worker.values()) >= 2
            with pytest.raises(CapReached):
                await asyncio.gather(*(ask(number) for number in range(100, 200)))
            await until(lambda: not ledger.in_flight)
            assert ledger.spent_usd == pytest.approx(server.completion_tokens * PRICE.output_usd_per_token)

        with_workers(server.url, work, cap_usd=0.05, concurrency=5)
        assert server.max_in_flight == 5
        assert server.completion_tokens * PRICE.output_usd_per_token <= 0.05


def test_a_provider_that_asks_one_worker_to_wait_is_spared_by_the_other():
    with ModelServer(script=["limited"], retry_after="0.6") as server:

        async def work(ask: Ask, pool: Pool, ledger: Ledger) -> None:
            await until(lambda: len(pool.lines) == 2)
            first = asyncio.create_task(ask(0))
            await until(lambda: server.met["limited"] == 1 and not ledger.in_flight)
            server.hold(together=8)
            answers = await asyncio.gather(first, *(ask(number) for number in range(1, 9)))
            assert len({answer.fingerprint for answer in answers}) == 2

        with_workers(server.url, work)

    assert server.started_at[1] - server.started_at[0] > 0.5


def test_what_a_killed_worker_had_in_flight_is_asked_again_and_counted_as_perhaps_paid():
    with ModelServer() as server:

        async def work(ask: Ask, pool: Pool, ledger: Ledger) -> None:
            await until(lambda: len(pool.lines) == 2)
            first = await ask(0)
            server.hold()
            calls = [asyncio.create_task(ask(number)) for number in range(1, 9)]
            await until(lambda: server.held == 8)
            os.kill(int(first.fingerprint or 0), signal.SIGKILL)
            await until(lambda: pool.lost == 1)
            server.release()
            answers = await asyncio.gather(*calls)
            again = [answer for answer in answers if answer.attempts == 2]
            assert 0 < len(again) < 8
            assert all(answer.possible_usd == pytest.approx(MOST_USD) for answer in again)
            assert first.fingerprint not in {answer.fingerprint for answer in answers}
            await until(lambda: len(pool.lines) == 2)
            assert len({(await ask(number)).fingerprint for number in (20, 21)}) == 1
            assert first.fingerprint not in {str(line.pid) for line in pool.lines}

        with_workers(server.url, work, concurrency=8)


def test_a_worker_that_hangs_is_ended_and_its_calls_are_asked_again(monkeypatch):
    monkeypatch.setattr("act_spec.engine.workers.pool._GRACE_S", 0.0)
    with ModelServer() as server:

        async def work(ask: Ask, pool: Pool, ledger: Ledger) -> None:
            stopped = (await ask(0)).fingerprint
            os.kill(int(stopped or 0), signal.SIGSTOP)
            answers = await asyncio.gather(*(ask(number) for number in range(1, 5)))
            assert stopped not in {answer.fingerprint for answer in answers}
            assert not is_there(int(stopped or 0))

        with_workers(server.url, work, timeout_s=1.0)


def test_workers_leave_with_a_run_that_is_killed(tmp_path):
    program = tmp_path / "run.py"
    program.write_text(
        "import asyncio, sys\n"
        f"sys.path.append({str(Path(__file__).parents[1])!r})\n"
        "from functools import partial\n"
        "from act_spec.engine.workers.pool import Pool\n"
        "from act_spec.engine.workers.process import start_process\n"
        "async def run():\n"
        "    pool = Pool(2, partial(start_process, 'quick_transport'))\n"
        "    await pool.start()\n"
        "    while len(pool.lines) < 2: await asyncio.sleep(0.01)\n"
        "    print(*(line.pid for line in pool.lines), flush=True)\n"
        "    await asyncio.sleep(60)\n"
        "asyncio.run(run())\n"
    )
    with subprocess.Popen([sys.executable, program], stdout=subprocess.PIPE, text=True) as run:
        pids = [int(pid) for pid in run.stdout.readline().split()]
        assert [is_there(pid) for pid in pids] == [True, True]
        run.kill()
    deadline = time.monotonic() + 60
    while any(map(is_there, pids)) and time.monotonic() < deadline:
        time.sleep(0.02)

    assert [is_there(pid) for pid in pids] == [False, False]


def test_workers_that_never_get_ready_end_the_run_with_the_reason(capfd):
    async def starting() -> None:
        pool = Pool(2, partial(start_process, "no_such_module"))
        await pool.start()
        client = Client(ledger=Ledger(None, 0.0), transport=pool)
        try:
            await client.complete(Model("openai/tested"), ({"role": "user", "content": "?"},), SCHEMA)
        finally:
            await pool.close()

    with pytest.raises(WorkersGone, match=r"exit code 1.*nothing is paid twice"):
        asyncio.run(starting())
    assert "no_such_module" in capfd.readouterr().err
