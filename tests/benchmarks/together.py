"""
A judge that goes along with the annotator beside one that waits for it: seconds for the same calls.

Both are asked at servers of their own, as two local models are. `python
together.py ITEMS LATENCY_MS CONCURRENCY ROUNDS`; every run is a process of its
own, and the two kinds take turns. A third row has one server for both.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys

from calls import HERE, RECIPE, run_alone

KINDS = {"one after the other": "False", "together": "True"}
_RUN = """
import json, time
from pathlib import Path
from act_spec.llm import provider
from act_spec.plan.compile import compile_plan, run_folder
from act_spec.recipe.load import load_recipe
from act_spec.run.session import Session, open_session
from act_spec.run.walk import preview
provider.warm_up()
Session.side_by_side = {beside}
plan = compile_plan(load_recipe(Path("calls.act.yaml")))
with open_session(plan, run_folder(plan), lambda _: None) as (store, session, _):
    started, cpu = time.perf_counter(), time.process_time()
    done = preview(plan, store, session, {items})
    print(json.dumps({{"s": time.perf_counter() - started, "cpu_s": time.process_time() - cpu}}))
assert [one.settled for one in done.stages] == [{items}] * 2
"""


def server(latency_ms: float) -> tuple[subprocess.Popen[str], int]:
    """A server that answers after that long, and its port."""
    started = subprocess.Popen(
        [sys.executable, HERE / "fast_server.py", str(latency_ms / 1000)], stdout=subprocess.PIPE, text=True
    )
    return started, int((started.stdout or sys.stdin).readline())


def one_run(annotator: int, judge: int, items: int, concurrency: int, beside: str) -> dict[str, float]:
    """Label and judge that many items in a process of its own."""
    head, tail = RECIPE.split("judge:\n")
    asked = [
        part.format(port=port, concurrency=concurrency) for part, port in ((head, annotator), (tail, judge))
    ]
    return run_alone(_RUN.format(beside=beside, items=items), "judge:\n".join(asked), items)


def main(items: int = 1000, latency_ms: float = 50, concurrency: int = 16, rounds: int = 3) -> None:
    """Both kinds in turn, at two servers and at one; medians."""
    started = [server(latency_ms), server(latency_ms)]
    (_, one), (_, other) = started
    found: dict[tuple[str, str], list[dict[str, float]]] = {}
    try:
        for _ in range(rounds):
            for where, judge in (("two servers", other), ("one server", one)):
                for kind, beside in KINDS.items():
                    found.setdefault((where, kind), []).append(
                        one_run(one, judge, items, concurrency, beside)
                    )
    finally:
        for process, _ in started:
            process.kill()
    print(
        f"{items} items, {latency_ms:g} ms, {concurrency} at once of each role, medians of {rounds}; "
        f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}"
    )
    for (where, kind), each in found.items():
        seconds = statistics.median(run["s"] for run in each)
        before = statistics.median(run["s"] for run in found[where, "one after the other"])
        cpu_s = statistics.median(run["cpu_s"] for run in each)
        print(f"  {where:12} {kind:20} {seconds:6.2f} s   {seconds / before:4.2f} x   {cpu_s:5.2f} CPU s")


if __name__ == "__main__":
    main(*(int(one) for one in sys.argv[1:]))
