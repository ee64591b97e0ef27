"""A worker process, as the run sees it: a pipe in, a pipe out."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from contextlib import suppress

from act_spec.engine.workers.child import HEAD, framed
from act_spec.engine.workers.parcels import Asked, Said, packed, unpacked
from act_spec.engine.workers.pool import LineLostError

_BUFFER = 2**20
_GRACE_S = 2.0


class ProcessLine:
    """The line to one process; see `pool.Line`."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    def send(self, batch: list[Asked]) -> None:
        """Hand requests over; a process that is gone is noticed by `receive`."""
        if self._process.stdin is not None and not self._process.stdin.is_closing():
            self._process.stdin.write(framed(packed(batch)))

    async def receive(self) -> list[Said]:
        """What came back, several answers at a time."""
        out = self._process.stdout
        try:
            if out is None:
                raise LineLostError("it has no output.")
            size = int.from_bytes(await out.readexactly(HEAD), "big")
            said: list[Said] = unpacked(await out.readexactly(size))
        except (asyncio.IncompleteReadError, ConnectionError):
            code = await self._process.wait()
            how = f"signal {-code}" if code < 0 else f"exit code {code}"
            raise LineLostError(f"process {self.pid} ended ({how}).") from None
        return said

    def kill(self) -> None:
        """End the process at once."""
        with suppress(ProcessLookupError):
            self._process.kill()

    async def close(self) -> None:
        """End the process, and wait until it is gone."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            async with asyncio.timeout(_GRACE_S):
                await self._process.wait()
        except TimeoutError:
            self.kill()
            await self._process.wait()
        # asyncio offers no other way to let go of pipes whose ends another process may hold.
        self._process._transport.close()  # type: ignore[attr-defined]  # noqa: SLF001


async def start_process(transport: str = "act_spec.llm.provider") -> ProcessLine:
    """
    Start a worker process; it inherits the environment, and with it the keys.

    Args:
        transport: The module that makes attempts there.
    """
    # It finds the same packages as this process, and nothing in the working directory besides.
    program = (
        f"import sys; sys.path[:] = {sys.path!r}\n"
        f"from act_spec.engine.workers.child import main; main({transport!r})"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",
        "-c",
        program,
        stdin=PIPE,
        stdout=PIPE,
        limit=_BUFFER,
        # A terminal's Ctrl-C reaches the run alone.
        start_new_session=True,
    )
    return ProcessLine(process)
