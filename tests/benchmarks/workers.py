"""
Calls a second of a whole run with worker processes, as a ratio to the same run without, at 0 ms.

The run, its workers and the server each want a core, so the figure means
something where at least four are free; it says so where they are not. Taken in
turn; getting ready is left out. `python workers.py WORKERS ITEMS ROUNDS`.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from act_spec.engine.workers.pool import Pool
from act_spec.engine.workers.process import start_process
from act_spec.llm import provider
from act_spec.plan.compile import compile_plan
from act_spec.plan.model import Plan
from act_spec.recipe.load import load_recipe
from act_spec.run.session import open_session
from act_spec.run.walk import walk

HERE = Path(__file__).parent
WANTED_CORES = 4
RECIPE = """\
act: 1
name: workers
task: {{kind: classification, question: Is it good?, labels: {{good: It is., bad: It is not.}}}}
data: {{source: data.csv, id: id, show: [text]}}
annotator:
  model: openai/stand-in
  api_base: http://127.0.0.1:{port}/v1
  price: {{input_usd_per_million: 0, output_usd_per_million: 0}}
  concurrency: 128
  strategy: direct
judge: {{model: openai/stand-in, api_base: "http://127.0.0.1:{port}/v1", concurrency: 128, strategy: cot}}
budget: {{reviews: 1%, rule: threshold}}
seed: 1
"""


def free_cores() -> float:
    """Cores that this process may use and nothing else does, by the load of the last minute."""
    return len(os.sched_getaffinity(0)) - os.getloadavg()[0]


def calls_s(plan: Plan, items: int, workers: int) -> float:
    """Two calls an item, from the plan to the file."""
    pool = Pool(workers, start_process) if workers > 1 else None
    with (
        tempfile.TemporaryDirectory() as where,
        open_session(plan, Path(where) / "run", lambda _: None, pool=pool) as (store, session, place),
    ):
        if pool is not None:
            session._runner.run(ready(pool, workers))
        started = time.perf_counter()
        walk(plan, store, session, place)
        return 2 * items / (time.perf_counter() - started)


async def ready(pool: Pool, workers: int) -> None:
    """Return when all workers are."""
    while len(pool.lines) < workers:  # noqa: ASYNC110 - other processes
        await asyncio.sleep(0.01)


def main(workers: int = 2, items: int = 1000, rounds: int = 5) -> None:
    """Without and with workers in turn; medians and their ratio."""
    free = free_cores()
    server = subprocess.Popen(
        [sys.executable, HERE / "fast_server.py", "0"], stdout=subprocess.PIPE, text=True
    )
    port = int((server.stdout or sys.stdin).readline())
    provider.warm_up()
    alone, with_workers = [], []
    try:
        with tempfile.TemporaryDirectory() as made:
            folder = Path(made)
            (folder / "workers.act.yaml").write_text(RECIPE.format(port=port))
            text = "the parcel came late and the box was torn and nobody answered. " * 6
            rows = [f"r{number},{number} {text}\n" for number in range(items)]
            (folder / "data.csv").write_text("id,text\n" + "".join(rows))
            plan = compile_plan(load_recipe(folder / "workers.act.yaml"))
            for _ in range(rounds):
                alone.append(calls_s(plan, items, 1))
                with_workers.append(calls_s(plan, items, workers))
    finally:
        server.kill()
    one, several = statistics.median(alone), statistics.median(with_workers)
    print(f"{items} items, 0 ms, medians of {rounds}: {one:.0f} calls/s in one process, {several:.0f} with")
    print(f"{workers} worker processes: {several / one:.2f} x")
    if free < WANTED_CORES:
        print(f"Not meaningful: {WANTED_CORES} free cores are wanted, and here were {max(0.0, free):.1f}.")


if __name__ == "__main__":
    main(*(int(one) for one in sys.argv[1:]))
