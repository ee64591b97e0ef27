"""How many calls are in flight, against servers in simulated time: every order of events is the seed's."""

from __future__ import annotations

import heapq
import math
import random
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from itertools import count

import pytest

from act_spec.llm.adapting import MOST, START, Level


@dataclass
class Server:
    """
    Answers in simulated time.

    Attributes:
        at_once: Calls that it works at; a further one waits for its turn.
        takes: Calls that it takes; a further one is refused at once.
        shared: Calls beside which each takes twice as long, as where one device does the work of all.
        spread: Of the logarithm of the time that an answer takes.
        refuses: Share of the calls that it refuses for reasons of its own.
    """

    at_once: float = math.inf
    takes: float = math.inf
    shared: float = math.inf
    spread: float = 0.0
    refuses: float = 0.0
    dice: random.Random = field(default_factory=lambda: random.Random(1))
    now: float = 0.0
    taken: int = 0
    free: list[float] = field(default_factory=list)

    def ends(self, length: float) -> float | None:
        """When a call that comes now has its answer; None where it is refused."""
        if self.taken >= self.takes or self.dice.random() < self.refuses:
            return None
        self.taken += 1
        takes = length * self.dice.lognormvariate(-(self.spread**2) / 2, self.spread)
        if self.at_once == math.inf:
            return self.now + takes * (1 + self.taken / self.shared)
        while len(self.free) < self.at_once:
            heapq.heappush(self.free, 0.0)
        ends = max(self.now, heapq.heappop(self.free)) + takes
        heapq.heappush(self.free, ends)
        return ends


@dataclass
class Went:
    """How it went: the level after every answer, the most calls in flight, refusals, and the seconds that it took."""

    levels: list[int] = field(default_factory=list)
    most: int = 0
    refusals: int = 0
    seconds: float = 0.0

    @property
    def settled(self) -> float:
        """The mean level over the later half."""
        later = self.levels[len(self.levels) // 2 :]
        return sum(later) / len(later)


def go(
    level: Level,
    server: Server,
    calls: int,
    *,
    wanted: float = math.inf,
    sort: Callable[[int], tuple[Hashable, float]] = lambda _: ("", 1.0),
) -> Went:
    """
    Make calls until so many have their answer, always as many at once as the level lets.

    Args:
        level: Told of every call.
        server: Answers them.
        calls: Answers that are waited for.
        wanted: The most calls that there are to make at once.
        sort: Of a call by its number, with the seconds that it takes on average.
    """
    went, numbers, began = Went(), count(), server.now
    events: list[tuple[float, int, bool]] = []
    out = {}
    while len(went.levels) < calls:
        while level.in_flight < min(level.now, wanted):
            number, call = next(numbers), level.sent()
            went.most = max(went.most, level.in_flight)
            ends = server.ends(sort(number)[1])
            out[number] = call, server.now
            heapq.heappush(events, (server.now + 0.01 if ends is None else ends, number, ends is not None))
        server.now, number, answered = heapq.heappop(events)
        call, sent_at = out.pop(number)
        if answered:
            server.taken -= 1
            level.answered(call, sort(number)[0], server.now - sent_at)
            went.levels.append(level.now)
        else:
            went.refusals += 1
            level.refused(call)
        level.back()
    went.seconds = server.now - began
    while events:
        # Whoever comes next finds no call of this one's in flight.
        server.now, _, answered = heapq.heappop(events)
        server.taken -= answered
        level.back()
    return went


@pytest.mark.parametrize("at_once", [5, 20, 64, 100])
@pytest.mark.parametrize("spread", [0.0, 0.5, 1.0])
def test_it_settles_near_what_a_server_works_at_however_much_replies_differ(at_once, spread):
    """A spread of 1 means that one reply in six takes 2.7 times as long as the middle one."""
    went = go(Level(MOST, seeks=True), Server(at_once=at_once, spread=spread), 6000)

    assert 0.75 * at_once <= went.settled <= 1.35 * at_once
    assert went.most <= 3.3 * at_once


@pytest.mark.parametrize(("at_once", "calls", "least"), [(20, 2000, 0.85), (64, 4000, 0.8)])
def test_finding_it_out_takes_little_of_a_run(at_once, calls, least):
    """Against as many calls at once as the server works at, from the first to the last."""
    went = go(Level(MOST, seeks=True), Server(at_once=at_once, spread=0.5), calls)

    assert calls / at_once / went.seconds >= least


@pytest.mark.parametrize("takes", [1, 5, 20, 64, 100])
def test_it_settles_just_below_what_is_refused_and_is_refused_little(takes):
    """At most two refusals for each time that one more is tried, after some while it was found out."""
    went = go(Level(MOST, seeks=True), Server(takes=takes, spread=0.5), 6000)

    assert 0.9 * takes <= went.settled <= 1.1 * takes
    assert went.refusals <= 0.03 * 6000


def test_it_falls_after_refusals_and_comes_back():
    level, server = Level(MOST, seeks=True), Server(takes=64, spread=0.5)
    before = go(level, server, 3000).settled
    server.takes = 10
    fewer = go(level, server, 2000)
    server.takes = 64
    after = go(level, server, 6000).settled

    assert before == pytest.approx(64, rel=0.1)
    assert fewer.settled == pytest.approx(10, abs=1)
    assert after == pytest.approx(64, rel=0.25)


def test_it_never_goes_beyond_its_most():
    went = go(Level(MOST, seeks=True), Server(spread=0.5), 8000)

    assert went.most == max(went.levels) == MOST


def test_it_is_raised_only_where_it_is_what_holds_calls_back():
    went = go(Level(MOST, seeks=True), Server(), 2000, wanted=START - 1)

    assert set(went.levels) == {START}


@pytest.mark.parametrize(("most", "seeks"), [(MOST, True), (64, False)])
def test_refusals_are_heard_however_long_there_was_none(most, seeks):
    """Five calls at once, far fewer than might be, ten thousand times; then the server takes one."""
    level, server = Level(most, seeks=seeks), Server()
    go(level, server, 10_000, wanted=5)
    before, server.takes = level.now, 1
    go(level, server, 1, wanted=5)

    assert level.now < before


def test_a_server_that_does_the_work_of_all_at_once_is_used_well_though_each_call_is_slower_there():
    """Two and a half times what 16 at once get, which is a fifth of what infinitely many could."""
    went = go(Level(MOST, seeks=True), Server(shared=64, spread=0.5), 6000)

    assert 6000 / 64 / went.seconds >= 2.5 * 0.2


def test_judgments_that_take_ten_times_as_long_as_labels_are_no_sign_of_too_many():
    level, server = Level(MOST, seeks=True), Server(at_once=64, spread=0.5)
    go(level, server, 3000, sort=lambda _: ("label", 1.0))
    judged = go(level, server, 3000, sort=lambda _: ("judgment", 10.0))
    both = go(level, server, 3000, sort=lambda number: [("label", 1.0), ("judgment", 10.0)][number % 2])

    assert min(judged.levels) >= 30
    assert judged.settled == pytest.approx(64, rel=0.3)
    assert both.settled == pytest.approx(64, rel=0.4)


@pytest.mark.parametrize(("most", "seeks", "least"), [(16, False, 14), (MOST, True, 64)])
def test_one_refusal_in_fifty_is_chance_at_any_level(most, seeks, least):
    assert go(Level(most, seeks=seeks), Server(spread=0.5, refuses=0.02), 6000).settled >= least


def test_a_number_stays_as_it_is_however_long_replies_take():
    went = go(Level(16), Server(at_once=2, spread=1.0), 2000)

    assert set(went.levels) == {16}
    assert went.most == 16


def test_a_number_goes_down_after_refusals_to_a_quarter_at_most_and_comes_back():
    level, server = Level(16), Server(takes=6, spread=0.5)
    assert go(level, server, 1000).settled == pytest.approx(6, abs=0.5)
    server.takes = 1
    assert go(level, server, 500).levels[-1] == 4
    server.takes = math.inf
    back = go(level, server, 2000)

    assert set(back.levels[1000:]) == {16}
    assert back.most == 16


def test_calls_that_went_out_before_a_fall_bring_no_other():
    level = Level(100)
    while level.in_flight < 99:
        level.sent()
    calls = [level.sent()]
    for _ in range(100):
        level.back()
        calls.append(level.sent())
    for call in calls:
        level.refused(call)

    assert level.now == 90
