"""The spend ledger: money is set aside before a call goes out, so that no concurrency can overshoot the cap."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from act_spec.errors import StoppedEarly


class CapReached(StoppedEarly):
    """The next call could cost more than is left under the cap."""


class Closed(StoppedEarly):
    """The run is ending, for the reason that is its cause; of its own for each call, so that none carries all tracebacks."""


@dataclass(frozen=True, eq=False)
class Reservation:
    """Money set aside, in USD; 0 where the price is unknown. `in_flight` where calls may soon give some of it back."""

    usd: float
    in_flight: bool = True


class Ledger:
    """
    What was spent, what is set aside, and what the cap leaves.

    One event loop uses it. A call whose price is unknown reserves nothing;
    with a cap that is refused before the run starts.
    """

    def __init__(self, cap_usd: float | None, spent_usd: float) -> None:
        """
        Open the books.

        Args:
            cap_usd: Most that may ever be spent by this run; None for no cap.
            spent_usd: What earlier sessions of the run spent.
        """
        self._cap = cap_usd
        self.spent_usd = spent_usd
        self.in_flight = 0
        self._reserved = 0.0
        self._closed: Exception | None = None
        self._waiting: list[asyncio.Future[None]] = []

    async def reserve(self, usd: float | None) -> Reservation:
        """
        Set money aside for one attempt; waits while calls in flight may still give some back.

        Args:
            usd: The most that the attempt can cost; None if unknown.

        Raises:
            CapReached: If it does not fit and nothing in flight can change that.
            Closed: If the books are closed.
        """
        while True:
            if self._closed is not None:
                raise Closed(str(self._closed)) from self._closed
            if self._cap is None or usd is None or self.spent_usd + self._reserved + usd <= self._cap:
                break
            if not self.in_flight:
                raise CapReached(self._refusal(usd))
            changed = asyncio.get_running_loop().create_future()
            self._waiting.append(changed)
            await changed
        self._reserved += usd or 0.0
        self.in_flight += 1
        return Reservation(usd or 0.0)

    @property
    def room_usd(self) -> float | None:
        """What the cap leaves now; None without one."""
        return None if self._cap is None else self._cap - self.spent_usd - self._reserved

    def hold(self, usd: float) -> Reservation:
        """Set money aside for a batch that is out, or fits; no call waits for it to come back."""
        self._reserved += usd
        return Reservation(usd, in_flight=False)

    def close(self, reason: Exception) -> None:
        """No further attempt goes out: every later `reserve` raises `Closed`, and says why."""
        self._closed = self._closed or reason
        self._wake()

    def settle(self, reservation: Reservation, usd: float | None) -> None:
        """Book what an attempt did cost; None is unknown and books nothing."""
        self.spent_usd += usd or 0.0
        self._give_back(reservation)

    def release(self, reservation: Reservation) -> None:
        """The attempt was not billed."""
        self._give_back(reservation)

    def keep(self, reservation: Reservation) -> None:
        """The attempt may have been billed: book all that was set aside for it."""
        self.spent_usd += reservation.usd
        self._give_back(reservation)

    def _give_back(self, reservation: Reservation) -> None:
        self._reserved -= reservation.usd
        self.in_flight -= reservation.in_flight
        self._wake()

    def _wake(self) -> None:
        waiting, self._waiting = self._waiting, []
        for changed in waiting:
            if not changed.done():
                changed.set_result(None)

    def _refusal(self, usd: float) -> str:
        return (
            f"The cap of ${self._cap:.2f} is reached: ${self.spent_usd:.4f} spent, and the next call could cost "
            f"${usd:.4f}. Raise budget.spend_usd to go on; nothing is paid twice."
        )
