"""
Allocating reviews over 10 million items, as multiples of one DuckDB `ORDER BY` of the same scores.

Each measurement is a process of its own: its time on the clock and on all
processors (steadier where others are at work), and how far memory rose above
what data and imports take. Allocation is everything from scores to
drawn items: the rule, the audit, exact probabilities and the draw.
"""

from __future__ import annotations

import resource
import subprocess
import sys
from threading import Event, Thread
from time import perf_counter, process_time, sleep

import numpy as np
from numpy.typing import NDArray

_ITEMS = 10**7
_REVIEWS = 10**6
_TIMES = 3
_MOST = 3.0
_ORDER_BY = "ORDER BY"


def scores() -> NDArray[np.float64]:
    """What a judge may say: continuous, mostly small."""
    return np.random.default_rng(0).beta(0.6, 4, size=_ITEMS)


def order_by(column: NDArray[np.float64]) -> None:
    """Sort the column from one table of DuckDB into another."""
    import duckdb

    with duckdb.connect() as connection:
        connection.register("given", {"score": column})
        connection.execute("CREATE TABLE scores AS SELECT score FROM given")
        with Measured():
            connection.execute("CREATE TABLE sorted AS SELECT score FROM scores ORDER BY score")


def allocate(column: NDArray[np.float64], name: str) -> None:
    """Spend the budget by a rule of that name."""
    from act_spec.registry import find
    from act_spec.strategies.sampling import audit_size, design, draw

    entry = find("allocator", name)
    audit = audit_size(_REVIEWS, 0.2) if entry.traits.get("audit", True) else 0
    with Measured():
        draw(design(column, _REVIEWS, audit, entry.build), 17)


class Measured:
    """Prints the seconds on the clock and on processors, and the megabytes, that its block took."""

    def __enter__(self) -> None:
        """Note the start; watch memory from a thread, since what was once used counts otherwise."""
        self._stop, self._peak, self._before = Event(), 0, resident()
        self._watch = Thread(target=self._follow, daemon=True)
        self._watch.start()
        self._start = perf_counter(), process_time()

    def __exit__(self, *_: object) -> None:
        """Print what it took."""
        seconds, on_processors = perf_counter() - self._start[0], process_time() - self._start[1]
        self._stop.set()
        self._watch.join()
        print(seconds, on_processors, (max(self._peak, resident()) - self._before) / 2**20)

    def _follow(self) -> None:
        while not self._stop.is_set():
            self._peak = max(self._peak, resident())
            sleep(0.01)


def resident() -> int:
    """Bytes of memory that this process holds now."""
    with open("/proc/self/statm", encoding="ascii") as statm:  # noqa: PTH123 - read thousands of times
        return int(statm.read().split()[1]) * resource.getpagesize()


def measure(name: str) -> NDArray[np.float64]:
    """Least seconds on the clock, seconds on processors and megabytes of several processes, shape (3,)."""
    command = [sys.executable, __file__, name]
    runs = [subprocess.run(command, capture_output=True, text=True, check=True) for _ in range(_TIMES)]
    least: NDArray[np.float64] = np.array([run.stdout.split() for run in runs], dtype=float).min(axis=0)
    return least


def compare() -> int:
    """Print the table; 1 if a rule takes more than is allowed."""
    from act_spec.registry import names

    sort, worst = measure(_ORDER_BY), 0.0
    print(f"{_ORDER_BY:14} {sort[0]:5.2f} s {sort[1]:5.2f} s on processors {sort[2]:5.0f} MB")
    for name in names("allocator"):
        took = measure(name)
        times, on_processors, memory = took / sort
        worst = max(worst, times, memory)
        print(
            f"{name:14} {took[0]:5.2f} s {took[1]:5.2f} s on processors {took[2]:5.0f} MB"
            f" = {times:.1f} x, {on_processors:.1f} x, {memory:.1f} x; wanted at most {_MOST:.0f} x"
        )
    return int(worst > _MOST)


if __name__ == "__main__":
    if len(sys.argv) == 1:
        sys.exit(compare())
    order_by(scores()) if sys.argv[1] == _ORDER_BY else allocate(scores(), sys.argv[1])
