"""
What a worker process runs: it reads requests from its standard input, and writes answers to its output.

It leaves when its input ends, and so with the run that started it, however
that ends. Ctrl-C and SIGTERM are for the run to hear, which decides what
becomes of the calls in flight.
"""

from __future__ import annotations

import asyncio
import importlib
import os
import signal
import threading
from typing import IO

from act_spec.engine.workers.desk import Desk
from act_spec.engine.workers.parcels import Said, packed, unpacked

HEAD = 8
"""Bytes of a batch's length, which go before it."""


def main(transport: str) -> None:
    """Answer until the input ends; `transport` is a module with `ask`, as `llm.provider` has it."""
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, signal.SIG_IGN)
    # Whatever a package prints goes to standard error; the output is for answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    # Without a buffer, whose lock the reading thread would hold while the interpreter ends.
    asyncio.run(_answer(transport, os.fdopen(0, "rb", buffering=0), answers))


async def _answer(transport: str, requests: IO[bytes], answers: IO[bytes]) -> None:
    batches: asyncio.Queue[bytes] = asyncio.Queue()
    reading = threading.Thread(
        target=_read, args=(requests, asyncio.get_running_loop(), batches), name="requests", daemon=True
    )
    # From the start, so that a run that ends while LiteLLM is imported is noticed.
    reading.start()
    module = importlib.import_module(transport)
    warm_up = getattr(module, "warm_up", None)
    if warm_up is not None:
        warm_up()

    def hand_back(said: list[Said]) -> None:
        answers.write(framed(packed(said)))
        answers.flush()

    desk = Desk(module, hand_back)
    hand_back([])
    while True:
        desk.take(unpacked(await batches.get()))


def framed(batch: bytes) -> bytes:
    """A batch with its length before it."""
    return len(batch).to_bytes(HEAD, "big") + batch


def _read(requests: IO[bytes], loop: asyncio.AbstractEventLoop, batches: asyncio.Queue[bytes]) -> None:
    while len(head := _exactly(requests, HEAD)) == HEAD:
        batch = _exactly(requests, int.from_bytes(head, "big"))
        loop.call_soon_threadsafe(batches.put_nowait, batch)
    # The run is over. Nobody wants the calls in flight, and nothing here must keep the process.
    os._exit(0)


def _exactly(requests: IO[bytes], size: int) -> bytes:
    """So many bytes; fewer where the input ends before."""
    parts = []
    while size and (part := requests.read(size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
