"""
How many calls to one place may be in flight: found by trying, and lowered where the provider has too many.

Two signs decide. Refusals (429, 503, no reply in time), if they are more than
chance, lower the level before the round is over, as a loss does in TCP.
Throughput tells whether more is worth it: by Little's law it is the level
over the mean latency, and of two levels the higher is taken only where
replies a second grow by a third of what the calls in flight do. That is where
a server with its hands full, or one that shares itself among all calls, stops
gaining; latency by itself would stop a model server, whose every call is
slower beside others, far too early.

Latency is compared only between calls that are alike, as a mean of logarithms
over enough of them: replies differ in length, and one level's calls are as
mixed as another's, because items are walked in random order.

Source: slow start and one fall for one flight of calls, Jacobson, Congestion
Avoidance and Control (SIGCOMM 1988); fall by 0.9, the AIMD limit of Netflix's
concurrency-limits; the way back by halves to where the refusal was, Xu et
al., Binary Increase Congestion Control (INFOCOM 2004); climbing by
throughput, Heiss & Wagner, Adaptive Load Control in Transaction Processing
Systems (VLDB 1991); a doubling must bring a quarter more, and probes between
longer phases at rest, Cardwell et al., BBR (2016). Shares and lengths that
have no source here are ours, tried on servers in simulated time
(`tests/llm/test_adapting.py`).
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from math import log, sqrt

from act_spec.llm.latencies import Latencies

START = 8
"""Calls in flight at first, where the number is found by trying."""
MOST = 256
"""The most that are tried."""

_FALL = 0.9
_BY_CHANCE = 0.1
_WORTH = 1 / 3
_FULL = 0.9
_AT_REST = 8
_COARSE, _FINE = 2.0, sqrt(2)
_FEWEST, _LONGEST = 16, 500
# A round's error is a seventh of the step then, and a third of the step is what decides.
_TELLING = 48


@dataclass(frozen=True, slots=True)
class Sent:
    """
    A call as it went out.

    Attributes:
        in_flight: Calls, itself among them.
        changes: Of the level before.
        falls: Of the level before.
        filled: How often the level had been filled since its last change.
    """

    in_flight: int
    changes: int
    falls: int
    filled: int


@dataclass(slots=True)
class _Round:
    """
    What is seen of one level.

    Attributes:
        needed: Replies that end the round.
        latencies: Of calls that found the level filled before, and filled again in their time.
        calls: That went out of late.
        refusals: Of those.
        filled: How often a call went out that filled the level.
    """

    needed: float
    latencies: Latencies = field(default_factory=Latencies)
    calls: int = 0
    refusals: int = 0
    filled: int = 0


class Level:
    """
    The calls that may be in flight, told of every call that goes out and how it ended.

    It knows no clock: rounds are counted in calls.

    Attributes:
        now: From 1 to `most`.
        in_flight: Calls that went out and have not come back.
    """

    def __init__(self, most: int, *, seeks: bool = False) -> None:
        """
        Begin.

        Args:
            most: Never more than that.
            seeks: Start with few, and go only as far as is worth it, down to one. Else begin with the
                most, go down to a quarter of it where calls are refused, and come back.
        """
        self.most = most
        self.seeks = seeks
        self.in_flight = 0
        self._least = 1 if seeks else max(1, most // 4)
        self._step, self._up = _COARSE, True
        self._refused: int | None = None
        self._falls = self._changes = 0
        # The last level that stood its round, and what was seen of it; beside it one is tried at a time.
        self._stood = min(START, most) if seeks else most
        self._base = _Round(0)
        self._rests = 1
        self._begin(self._stood)

    def sent(self) -> Sent:
        """A call goes out."""
        self.in_flight += 1
        seen = self._round
        seen.calls += 1
        if seen.calls > _AT_REST * max(self.now, _FEWEST):
            # Where the level is seldom filled a round is long, and its share of refusals is to be that of late.
            seen.calls, seen.refusals = seen.calls // 2, seen.refusals // 2
        filled = seen.filled
        seen.filled += self.in_flight >= _FULL * self.now
        return Sent(self.in_flight, self._changes, self._falls, filled)

    def back(self) -> None:
        """A call that went out has ended, however it did."""
        self.in_flight -= 1

    def refused(self, call: Sent) -> None:
        """The provider had too many calls to take this one, or to answer it in time."""
        # What went out before the last fall, or had its place before, was answered by it.
        if call.falls == self._falls and call.in_flight <= self.now:
            self._round.refusals += 1
            if self._round.refusals > self._by_chance():
                self._fall(call.in_flight)

    def answered(self, call: Sent, sort: Hashable, latency_s: float) -> None:
        """
        A call has its reply.

        Args:
            call: As it went out.
            sort: Equal for calls that take equally long but for their items.
            latency_s: From sending to the whole reply.
        """
        # Where it is not filled, it is not the level that holds calls back, and nothing is learnt about it.
        if call.changes == self._changes and 0 < call.filled < self._round.filled:
            self._round.latencies.add(sort, latency_s)
            if self._round.latencies.count >= self._round.needed:
                self._end_round()

    def _by_chance(self) -> float:
        """Refusals of a round that do not count: few, or, where more calls are tried, as many as before."""
        if self.now <= self._stood:
            return max(1.0, _BY_CHANCE * self._round.calls)
        expected = (self._base.refusals + 1) / max(1, self._base.calls) * self._round.calls
        return 1 + expected + 2 * sqrt(expected)

    def _fall(self, too_many: int) -> None:
        self._falls += 1
        self._refused = max(too_many, 2)
        self._step, self._up = _FINE, True
        if self._stood < too_many:
            self._rest(self._stood, _AT_REST)
        else:
            # By half at most: one that was refused beside few others need not have been refused for their number.
            self._rest(max(self._least, int(too_many * _FALL), self.now // 2), 1)

    def _end_round(self) -> None:
        if self.now == self._stood:
            self._end_rest()
            return
        taken = self._is_taken()
        if taken is None:
            self._rest(self._stood, 1)
        elif taken:
            self._stood, self._base = self.now, self._round
            if self._refused is not None and self._stood >= self._refused:
                self._refused = None
            self._try()
        elif self._step > _FINE:
            # A finer step up may still be worth it, or it was chance.
            self._step = _FINE
            self._rest(self._stood, 1)
        else:
            self._up = not self._up
            self._rest(self._stood, _AT_REST)

    def _end_rest(self) -> None:
        self._rests -= 1
        if self._rests > 0:
            self._round.needed += self.now
            return
        # What is compared with must be known as well as what is tried.
        self._round.needed = max(self._round.needed, self._telling(self._round.latencies, self._step) / 2)
        if self._round.latencies.count >= self._round.needed:
            self._base = self._round
            self._try()

    def _is_judged(self, step: float) -> bool:
        """Whether throughput decides on a step; those too small to tell are for refusals alone."""
        return self.seeks and abs(log(step)) > log(_FINE) / 2

    def _is_taken(self) -> bool | None:
        """Whether the level that was tried is better; None where that cannot be told."""
        if not self._is_judged(self.now / self._stood):
            return True
        more = log(self.now / self._stood)
        longer, compared = self._round.latencies.growth(self._base.latencies)
        if compared < _FEWEST / 2:
            return None
        # Both are negative where fewer were tried: those will do if less is lost than is worth it.
        gained = more - longer
        return gained >= _WORTH * more if more > 0 else gained > _WORTH * more

    def _try(self) -> None:
        """Go a step from the level that stood; where there is none to go, rest there."""
        level = self._higher() if self._up else max(1, min(self._stood - 1, round(self._stood / self._step)))
        if level != self._stood:
            self._begin(level)
            return
        self._up = not (self._up and self.seeks)
        self._rest(self._stood, _AT_REST)

    def _higher(self) -> int:
        level = max(self._stood + 1, round(self._stood * self._step))
        if self._refused is not None and self._refused > self._stood:
            half = (self._stood + self._refused) // 2
            level = min(level, half if half > self._stood else self._refused)
        return min(level, self.most)

    def _rest(self, level: int, rounds: int) -> None:
        """Stay at a level for some rounds before another is tried."""
        self._stood, self._rests = level, rounds
        self._begin(level)

    def _begin(self, level: int) -> None:
        """Begin a round: as many calls as are in flight, and enough to tell the step from chance."""
        step = level / self._stood if level != self._stood else self._step
        needed = max(level, _FEWEST if self.seeks else 1, self._telling(self._base.latencies, step))
        self.now, self._round = level, _Round(needed)
        self._changes += 1

    def _telling(self, known: Latencies, step: float) -> float:
        """Calls that tell throughput at two levels a step apart from chance; none where it does not decide."""
        return min(_LONGEST, _TELLING * known.variance / log(step) ** 2) if self._is_judged(step) else 0.0
