"""
Fixed numbers of calls in flight beside `concurrency: auto`, against a server that works on so many at a time.

A run annotates and judges every item. Further requests than the server works
on wait there for their turn, or are refused. `python at_once.py ITEMS
LATENCY_MS AT_ONCE ROUNDS` takes all in turn; beside calls a second stands the
ratio to the fixed number that the server works on, which nobody could know.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys

from calls import HERE, RECIPE, run_alone

_RUN = """
import json
from pathlib import Path
from act_spec.llm import provider
from act_spec.plan.compile import compile_plan, run_folder
from act_spec.recipe.load import load_recipe
from act_spec.run.session import open_session
from act_spec.run.walk import walk
provider.warm_up()
plan = compile_plan(load_recipe(Path("calls.act.yaml")))
ticks = []
with open_session(plan, run_folder(plan), ticks.append) as (store, session, place):
    walk(plan, store, session, place)
    took = "SELECT count(*), epoch(max(finished_at) - min(finished_at)), sum(attempts), median(latency_s) FROM calls"
    calls, seconds, attempts, latency_s = store.one(took)
levels = [tick.at_most for tick in ticks if tick.at_most is not None]
last = levels[-1] if levels else None
print(json.dumps({"calls_s": calls / seconds, "refused": attempts - calls, "ms": latency_s * 1000, "level": last}))
"""


def one_run(port: int, items: int, concurrency: str) -> dict[str, float | None]:
    """A run in a process of its own: calls a second from the first reply to the last, refusals, latency, level."""
    return run_alone(_RUN, RECIPE.format(port=port, concurrency=concurrency), items)


def main(items: int = 2000, latency_ms: float = 50, at_once: int = 64, rounds: int = 3) -> None:
    """Each number against each server in turn; the medians and their ratios."""
    numbers = ["16", str(at_once), str(4 * at_once), "auto"]
    print(
        f"{items} items, {latency_ms:g} ms, {at_once} at a time, medians of {rounds}; load {os.getloadavg()[0]:.1f}"
    )
    for beyond in ("queue", "refuse"):
        command = [sys.executable, HERE / "fast_server.py", str(latency_ms / 1000), str(at_once), beyond]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        found: dict[str, list[dict[str, float | None]]] = {number: [] for number in numbers}
        try:
            port = int((server.stdout or sys.stdin).readline())
            for _ in range(rounds):
                for number in numbers:
                    found[number].append(one_run(port, items, number))
        finally:
            server.kill()
        best = _middle(found[str(at_once)], "calls_s")
        for number, each in found.items():
            pace, level = _middle(each, "calls_s"), _middle(each, "level")
            print(
                f"  {beyond:7} concurrency: {number:5} {pace:6.0f} calls/s  {pace / best:5.2f} x  "
                f"a reply in {_middle(each, 'ms'):4.0f} ms  {_middle(each, 'refused'):6.0f} refused"
                + (f"  at most {level:.0f} in flight at the end" if level else "")
            )


def _middle(each: list[dict[str, float | None]], name: str) -> float:
    return statistics.median(one[name] or 0.0 for one in each)


if __name__ == "__main__":
    main(*(int(one) for one in sys.argv[1:]))
