"""
Many items beside a tenth of them, against a server that takes its time: the pace, the memory and the file.

A run annotates and judges every item. `python many_calls.py ITEMS LATENCY_MS
CONCURRENCY ROUNDS` takes ITEMS and a tenth of ITEMS in turn. Where 100,000
items at 50 ms and 128 at once would take too long, a smaller number says the
same of the pace and of the memory's growth, and is named in the result.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys

from calls import HERE, RECIPE, run_alone

MOST_APART = 0.1
_RUN = """
import json, resource
from pathlib import Path
from act_spec.llm import provider
from act_spec.plan.compile import compile_plan, run_folder
from act_spec.recipe.load import load_recipe
from act_spec.run.session import open_session
from act_spec.run.walk import walk
provider.warm_up()
plan = compile_plan(load_recipe(Path("calls.act.yaml")))
with open_session(plan, run_folder(plan), lambda _: None) as (store, session, place):
    walk(plan, store, session, place)
    seconds = store.one("SELECT epoch(max(finished_at) - min(finished_at)) FROM calls")[0]
used = resource.getrusage(resource.RUSAGE_SELF)
size = (run_folder(plan) / "run.duckdb").stat().st_size
print(json.dumps({"s": seconds, "cpu_s": used.ru_utime + used.ru_stime, "mb": used.ru_maxrss / 1024, "bytes": size}))
"""


def one_run(port: int, items: int, concurrency: int) -> dict[str, float]:
    """A run in a process of its own: seconds from the first reply to the last, its peak of memory, its file."""
    return run_alone(_RUN, RECIPE.format(port=port, concurrency=concurrency), items)


def main(items: int = 10_000, latency_ms: float = 50, concurrency: int = 128, rounds: int = 3) -> bool:
    """Whether many items go as fast as few, in as much memory."""
    server = subprocess.Popen(
        [sys.executable, HERE / "fast_server.py", str(latency_ms / 1000)], stdout=subprocess.PIPE, text=True
    )
    port = int((server.stdout or sys.stdin).readline())
    few = items // 10
    found: dict[int, list[dict[str, float]]] = {few: [], items: []}
    try:
        for _ in range(rounds):
            for size, each in found.items():
                each.append(one_run(port, size, concurrency))
    finally:
        server.kill()
    middle = {
        size: {key: statistics.median(one[key] for one in each) for key in each[0]}
        for size, each in found.items()
    }
    print(
        f"{latency_ms:g} ms, {concurrency} at once, two calls an item, medians of {rounds}; {os.cpu_count()} processors, "
        f"load {os.getloadavg()[0]:.1f}"
    )
    for size, one in middle.items():
        print(
            f"  {size:9,} items   {size / one['s']:7.0f} items/s   {one['mb']:5.0f} MB at the peak   "
            f"{one['bytes'] / size:5.0f} bytes an item   {one['cpu_s'] / size * 1000:5.2f} CPU s per 1,000 items, start-up included"
        )
    pace = (items / middle[items]["s"]) / (few / middle[few]["s"])
    memory = middle[items]["mb"] / middle[few]["mb"]
    print(f"  pace {pace:.2f} x, memory {memory:.2f} x; wanted within {MOST_APART:.0%}")
    return pace >= 1 - MOST_APART and memory <= 1 + MOST_APART


if __name__ == "__main__":
    sys.exit(not main(*(int(one) for one in sys.argv[1:])))
