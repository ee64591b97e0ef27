"""A wish to stop, heard wherever something waits."""

from __future__ import annotations

import asyncio


class Stopping:
    """Belongs to one event loop; the first reason stands."""

    def __init__(self) -> None:
        self._reason: Exception | None = None
        self._wished = asyncio.Event()

    def wish(self, reason: Exception) -> None:
        """Stop: whoever waits raises the reason."""
        self._reason = self._reason or reason
        self._wished.set()

    async def breathe(self) -> None:
        """Let the event loop have its turn, and Ctrl-C be heard."""
        await asyncio.sleep(0)
        if self._reason is not None:
            raise self._reason

    async def sleep(self, seconds: float) -> None:
        """Wait that long, or until it is time to stop."""
        try:
            async with asyncio.timeout(seconds):
                await self._wished.wait()
        except TimeoutError:
            return
        await self.breathe()
