"""
Allocating reviews over 10 million items, as multiples of one DuckDB `ORDER BY` of the same scores.

Each measurement is a process of its own: its time and how far memory rose
above what data and imports take. Allocation is everything from scores to
drawn items: the rule, the audit, exact probabilities and the draw.
"""

from __future__ import annotations

import resource
import subprocess
import sys
from threading import Event, Thread
from time import perf_counter, sleep

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
    """Prints the seconds and the megabytes that its block took."""

    def __enter__(self) -> None:
        """Note the start; watch memory from a thread, since what was once used counts otherwise."""
        self._stop, self._peak, self._before = Event(), 0, resident()
        self._watch = Thread(target=self._follow, daemon=True)
        self._watch.start()
        self._start = perf_counter()

    def __exit__(self, *_: object) -> None:
        """Print what it took."""
        seconds = perf_counter() - self._start
        self._stop.set()
        self._watch.join()
        print(seconds, (max(self._peak, resident()) - self._before) / 2**20)

    def _follow(self) -> None:
        while not self._stop.is_set():
            self._peak = max(self._peak, resident())
            sleep(0.002)


def resident() -> int:
    """Bytes of memory that this process holds now."""
    with open("/proc/self/statm", encoding="ascii") as statm:  # noqa: PTH123 - read thousands of times
        return int(statm.read().split()[1]) * resource.getpagesize()


def measure(name: str) -> tuple[float, float]:
    """The fastest of several processes, in seconds, and the leanest, in megabytes."""
    command = [sys.executable, __file__, name]
    runs = [subprocess.run(command, capture_output=True, text=True, check=True) for _ in range(_TIMES)]
    figures = np.array([run.stdout.split() for run in runs], dtype=float)
    seconds, megabytes = figures.min(axis=0).tolist()
    return seconds, megabytes


def compare() -> int:
    """Print the table; 1 if a rule takes more than is allowed."""
    from act_spec.registry import names

    sort_seconds, sort_megabytes = measure(_ORDER_BY)
    print(f"{_ORDER_BY:14} {sort_seconds:5.2f} s {sort_megabytes:6.0f} MB; wanted at most {_MOST:.0f} x")
    worst = 0.0
    for name in names("allocator"):
        seconds, megabytes = measure(name)
        time, memory = seconds / sort_seconds, megabytes / sort_megabytes
        print(f"{name:14} {seconds:5.2f} s {megabytes:6.0f} MB = {time:.1f} x time, {memory:.1f} x memory")
        worst = max(worst, time, memory)
    return int(worst > _MOST)


if __name__ == "__main__":
    if len(sys.argv) == 1:
        sys.exit(compare())
    order_by(scores()) if sys.argv[1] == _ORDER_BY else allocate(scores(), sys.argv[1])
