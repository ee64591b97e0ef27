"""
Calls a second of a whole run, beside a bare HTTP client and beside LiteLLM alone.

A run annotates, judges, checks and writes every reply to its file; the others
only send and receive. One process each, on one processor, with the server on
another where there is one, taken in turn. On a machine that others use as
well, calls a second say as much of them as of us: the ratio of processor time
stands beside that of calls. `python calls.py ITEMS LATENCY_MS CONCURRENCY ROUNDS`.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
TEXT = "Row {number}: the parcel came late, the box was torn, and nobody answered the telephone. " * 6
RECIPE = """\
act: 1
name: calls
task: {{kind: classification, question: Is it good?, labels: {{good: It is., bad: It is not.}}}}
data: {{source: data.csv, id: id, show: [text]}}
annotator:
  model: openai/stand-in
  api_base: http://127.0.0.1:{port}/v1
  price: {{input_usd_per_million: 0, output_usd_per_million: 0}}
  concurrency: {concurrency}
  strategy: direct
judge:
  model: openai/stand-in
  api_base: http://127.0.0.1:{port}/v1
  price: {{input_usd_per_million: 0, output_usd_per_million: 0}}
  concurrency: {concurrency}
  strategy: cot
budget: {{reviews: 1%, rule: threshold}}
seed: 1
"""


def write_rows(folder: Path, items: int) -> None:
    """That many items, as the recipe reads them."""
    with (folder / "data.csv").open("w") as file:
        file.write("id,text\n")
        file.writelines(f'r{number},"{TEXT.format(number=number)}"\n' for number in range(items))


def run_alone(program: str, recipe: str, items: int) -> dict[str, Any]:
    """What a program prints last (JSON), in a process of its own, beside a recipe `calls.act.yaml` and that many items."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        (folder / "calls.act.yaml").write_text(recipe)
        write_rows(folder, items)
        done = subprocess.run(
            [sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=False
        )
    if done.returncode:
        raise SystemExit(done.stderr)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def figures(calls: int, started: float, cpu: float) -> None:
    """Print what one process did, for `timed`."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(
        json.dumps(
            {
                "calls_s": calls / (time.perf_counter() - started),
                "cpu_s": (used.ru_utime + used.ru_stime - cpu) * 1000 / calls,
                "mb": used.ru_maxrss / 1024,
            }
        )
    )


def cpu_now() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def bodies(folder: Path, calls: int) -> list[dict[str, object]]:
    """What the run sends, near enough: the same length."""
    long = (folder / "prompt.txt").read_text()
    schema = {"type": "object", "properties": {"label": {"enum": ["good", "bad"]}}, "required": ["label"]}
    wanted = {"type": "json_schema", "json_schema": {"name": "reply", "schema": schema}}
    return [
        {
            "model": "stand-in",
            "messages": [{"role": "user", "content": f"{number} {long}"}],
            "max_tokens": 1024,
            "response_format": wanted,
        }
        for number in range(calls)
    ]


def bare(folder: Path, port: int, concurrency: int, calls: int) -> None:
    """Only aiohttp: send, receive, parse."""
    import asyncio

    import aiohttp

    async def work() -> None:
        waiting = iter(bodies(folder, calls))

        async def one(session: aiohttp.ClientSession) -> None:
            for body in waiting:
                async with session.post(
                    f"http://127.0.0.1:{port}/v1/chat/completions", json=body
                ) as response:
                    json.loads((await response.json())["choices"][0]["message"]["content"])

        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
            started, cpu = time.perf_counter(), cpu_now()
            await asyncio.gather(*(one(session) for _ in range(concurrency)))
            figures(calls, started, cpu)

    asyncio.run(work())


def litellm_alone(folder: Path, port: int, concurrency: int, calls: int) -> None:
    """`litellm.acompletion` alone."""
    import asyncio

    from act_spec.llm import provider

    provider.warm_up()
    import litellm

    async def work() -> None:
        waiting = iter(bodies(folder, calls))

        async def one() -> None:
            for body in waiting:
                await litellm.acompletion(
                    **{**body, "model": "openai/stand-in"},
                    api_base=f"http://127.0.0.1:{port}/v1",
                    api_key="none",
                    max_retries=0,
                )

        started, cpu = time.perf_counter(), cpu_now()
        await asyncio.gather(*(one() for _ in range(concurrency)))
        figures(calls, started, cpu)
        await provider.close()

    asyncio.run(work())


def run(folder: Path, port: int, concurrency: int, calls: int) -> None:
    """A run from the plan until all is judged and in the file: two calls an item."""
    from act_spec.llm import provider
    from act_spec.plan.compile import compile_plan
    from act_spec.recipe.load import load_recipe
    from act_spec.run.session import open_session
    from act_spec.run.walk import preview

    provider.warm_up()
    (folder / "calls.act.yaml").write_text(RECIPE.format(port=port, concurrency=concurrency))
    write_rows(folder, calls // 2)
    plan = compile_plan(load_recipe(folder / "calls.act.yaml"))
    with tempfile.TemporaryDirectory(dir=folder) as where:
        started, cpu = time.perf_counter(), cpu_now()
        with open_session(plan, Path(where) / "run", lambda _: None) as (store, session, _):
            preview(plan, store, session, calls // 2)
        figures(calls, started, cpu)


def on_processor(number: int) -> list[str]:
    """What keeps a command on one processor, where it may use several."""
    mine = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    return ["taskset", "-c", str(mine[number])] if len(mine) > 1 and shutil.which("taskset") else []


def timed(kind: str, folder: Path, port: int, concurrency: int, calls: int, **env: str) -> dict[str, float]:
    """One process of a kind."""
    command = [*on_processor(0), sys.executable, __file__, kind, str(folder), str(port)]
    command += [str(concurrency), str(calls)]
    done = subprocess.run(command, env={**os.environ, **env}, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    made: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return made


def main(items: int = 1000, latency_ms: float = 0, concurrency: int = 128, rounds: int = 5) -> None:
    """Everything in turn; the medians and their ratios."""
    server = subprocess.Popen(
        [*on_processor(1), sys.executable, HERE / "fast_server.py", str(latency_ms / 1000)],
        stdout=subprocess.PIPE,
        text=True,
    )
    port = int((server.stdout or sys.stdin).readline())
    found: dict[str, list[dict[str, float]]] = {}
    try:
        with tempfile.TemporaryDirectory() as made:
            folder = Path(made)
            (folder / "prompt.txt").write_text("Label the item. " * 20 + TEXT.format(number=0))
            for _ in range(rounds):
                for name, kind, env in (
                    ("aiohttp alone", "bare", {}),
                    ("a run", "run", {}),
                    ("LiteLLM alone", "litellm_alone", {}),
                    ("a run through LiteLLM", "run", {"ACT_SPEC_FAST_PATH": "0"}),
                ):
                    found.setdefault(name, []).append(
                        timed(kind, folder, port, concurrency, 2 * items, **env)
                    )
    finally:
        server.kill()
    middle = {
        name: {key: statistics.median(one[key] for one in each) for key in each[0]}
        for name, each in found.items()
    }
    print(f"{items} items, {latency_ms:g} ms, {concurrency} at once, medians of {rounds}")
    for name, each in middle.items():
        of_bare = each["calls_s"] / middle["aiohttp alone"]["calls_s"]
        of_litellm = each["calls_s"] / middle["LiteLLM alone"]["calls_s"]
        by_cpu = [middle[other]["cpu_s"] / each["cpu_s"] for other in ("aiohttp alone", "LiteLLM alone")]
        print(
            f"  {name:22} {each['calls_s']:7.0f} calls/s   {of_bare:5.2f} x aiohttp   {of_litellm:5.2f} x LiteLLM   "
            f"{each['cpu_s']:5.2f} CPU s per 1,000: {by_cpu[0]:5.2f} x, {by_cpu[1]:5.2f} x   {each['mb']:4.0f} MB"
        )


if __name__ == "__main__":
    kinds = {"bare": bare, "run": run, "litellm_alone": litellm_alone}
    if len(sys.argv) > 1 and sys.argv[1] in kinds:
        kinds[sys.argv[1]](Path(sys.argv[2]), *(int(one) for one in sys.argv[3:]))
    else:
        main(*(int(one) for one in sys.argv[1:]))
