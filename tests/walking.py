"""Walks for tests: a recipe against a server, walked in this process or in a child that may be killed."""

from __future__ import annotations

import csv
import json
import multiprocessing
import os
import pkgutil
import resource
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import canary

import act_spec
from act_spec.cli import main
from act_spec.documents.ticks import Tick
from act_spec.engine.batch_terms import BatchTerms, Pace
from act_spec.engine.workers.pool import Pool
from act_spec.engine.workers.process import start_process
from act_spec.errors import StoppedEarly
from act_spec.plan.compile import compile_plan, run_folder
from act_spec.plan.model import Plan
from act_spec.plan.spend import with_cap
from act_spec.recipe.load import load_recipe
from act_spec.run.session import open_session
from act_spec.run.walk import WalkReport, preview, walk

BACKOFF_S = 0.005
QUICK = BatchTerms(Pace(first_look_s=0.01, longest_s=0.05, unseen_s=0.1, cancel_s=0.1, spare_s=0.1))
# Whatever a command imports, too, so that a child starts at once. Names of the tests' own modules would be
# passed over: the process that children are forked from does not know where those are.
SLOW_TO_IMPORT = [
    *("jsonschema", "openai.resources", "scipy.optimize", "scipy.stats", "uvicorn"),
    *(module.name for module in pkgutil.walk_packages(act_spec.__path__, "act_spec.")),
]
_ROLE = """\
  model: openai/tested
  api_base: {url}
  api_key_env: {key}
  price: {{input_usd_per_million: {input_usd}, output_usd_per_million: 2}}
  concurrency: {concurrency}
  max_tokens: {max_tokens}
{more}"""
_RECIPE = """\
act: 1
name: walked
task:
  kind: classification
  question: {question}
  labels: {{good: {definition}, bad: It is not.}}
data: {{source: data.csv, id: id, show: [text], gold: gold}}
annotator:
{role}  strategy: direct
judge:
{role}  strategy: {judge}
budget: {{reviews: {reviews}, rule: sqrt}}
review: {review}
seed: 3
"""


def write_data(folder: Path, texts: Sequence[str]) -> None:
    """The data of `write_recipe`, one text an item; every third is bad."""
    with (folder / "data.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "text", "gold"])
        writer.writerows(
            [f"i{number}", text, "good" if number % 3 else "bad"] for number, text in enumerate(texts)
        )


def write_recipe(folder: Path, url: str, items: int = 0, **changed: Any) -> Path:
    """
    A recipe whose annotator and judge are asked at `url`, with that many items of their own text.

    `changed` replaces `question`, `definition`, `judge`, `reviews`, `review`,
    `concurrency`, `max_tokens`, `input_usd` (price of a million tokens) or `key` (the variable that holds it), and
    `more` is further lines of both roles.
    """
    if items:
        write_data(folder, [f"text number {number}" for number in range(items)])
    said: Mapping[str, Any] = {
        "question": "Is it good?",
        "definition": "It is.",
        "judge": "direct",
        "reviews": "10%",
        "review": "{simulate: gold}",
        "concurrency": 16,
        "max_tokens": 100,
        "input_usd": 1,
        "more": "",
        "key": canary.VARIABLE,
    } | changed
    recipe = folder / "walked.act.yaml"
    role = _ROLE.format(url=url, **said)
    recipe.write_text(_RECIPE.format(role=role, **said), encoding="utf-8")
    return recipe


def plan_of(recipe: Path, spend_usd: float | None = None) -> Plan:
    """The recipe's plan, under a cap."""
    return with_cap(compile_plan(load_recipe(recipe)), spend_usd)


def database(recipe: Path) -> Path:
    """The run's file."""
    return recipe.parent / "runs" / "walked" / "run.duckdb"


def walk_recipe(
    recipe: Path,
    *,
    spend_usd: float | None = None,
    limit: int | None = None,
    batches: BatchTerms | None = None,
    pool: Pool | None = None,
) -> WalkReport:
    """What `act-spec run` does, with short waits between attempts; `pool` are workers that call."""
    plan = plan_of(recipe, spend_usd)
    opened = open_session(
        plan, run_folder(plan), _ignore, backoff_s=BACKOFF_S, batches=batches or QUICK, pool=pool
    )
    with opened as (store, session, folder):
        if limit is not None:
            return preview(plan, store, session, limit)
        return walk(plan, store, session, folder)


def quick_workers(count: int = 2) -> Pool:
    """Worker processes that ask the test server without LiteLLM."""
    return Pool(count, partial(start_process, "quick_transport"))


def start_walk_with_workers(recipe: Path) -> ForkServerProcess:
    """A walk with `quick_workers` in a process of its own, which exits as the command line would."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(SLOW_TO_IMPORT)
    process = context.Process(target=_walk_with_workers, args=(recipe,), daemon=True)
    process.start()
    return process


def _walk_with_workers(recipe: Path) -> None:
    try:
        walk_recipe(recipe, pool=quick_workers())
    except StoppedEarly as stopped:
        sys.exit(stopped.exit_code)


def start_walk(recipe: Path) -> ForkServerProcess:
    """`act-spec run` in a process of its own; see `command_child`."""
    return command_child(recipe.parent, "run", str(recipe), "--yes")


def command_child(folder: Path, *words: str, most_bytes: int | None = None) -> ForkServerProcess:
    """
    A command in a process of its own; what it says goes to `said.txt` in the folder.

    With `most_bytes`, no file can grow beyond that: it stands in for a full disk.

    It is forked from a process that has imported LiteLLM already, which takes
    seconds.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(SLOW_TO_IMPORT)
    process = context.Process(target=_run_command, args=(folder, words, most_bytes), daemon=True)
    process.start()
    return process


def _run_command(folder: Path, words: Sequence[str], most_bytes: int | None) -> None:
    if most_bytes is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it
    sys.argv = ["act-spec", *words]
    with (folder / "said.txt").open("a", encoding="utf-8") as said:
        said.write(f"$ act-spec {words[0]}\n")
        said.flush()
        os.dup2(said.fileno(), 1)
        os.dup2(said.fileno(), 2)
        main()


def wait_for(reached: Callable[[], bool], process: ForkServerProcess | None = None) -> None:
    """Return when it is so, after however many seconds a busy machine takes for it, or when the process has ended."""
    deadline = time.monotonic() + 300
    while not reached() and (process is None or process.is_alive()):
        assert time.monotonic() < deadline
        time.sleep(0.002)


def is_stopping(recipe: Path) -> bool:
    """Whether the run has heard Ctrl-C and waits for what is in flight."""
    try:
        said = (database(recipe).parent / "progress.json").read_text(encoding="utf-8")
    except FileNotFoundError:
        return False
    return str(json.loads(said)["note"]).startswith("stopping")


def _ignore(_: Tick) -> None:
    """Nobody looks at the progress."""
