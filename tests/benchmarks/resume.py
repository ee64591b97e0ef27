"""
How soon a run goes on of which nine tenths are done: from the command to its first new call, beside LiteLLM's import.

What is done was not called for: rows of annotations and calls are written to
the run's file as a run writes them. `python resume.py ITEMS ROUNDS`; for the
memory, a tenth of that many items is measured too, and as many with a tenth done.
"""

from __future__ import annotations

import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

MOST_SECONDS_BEYOND = 3.0
RECIPE = """\
act: 1
name: many
task: {{kind: classification, question: Is it good?, labels: {{good: It is., bad: It is not.}}}}
data: {{source: data.parquet, id: id, show: [text]}}
annotator:
  model: openai/stand-in
  api_base: http://127.0.0.1:{port}/v1
  price: {{input_usd_per_million: 0, output_usd_per_million: 0}}
  strategy: direct
judge:
  model: openai/stand-in
  api_base: http://127.0.0.1:{port}/v1
  price: {{input_usd_per_million: 0, output_usd_per_million: 0}}
  strategy: cot
budget: {{reviews: 1%, rule: exponential}}
seed: 17
"""
_COMMAND = (
    "import sys; sys.argv = ['act-spec', 'run', 'many.act.yaml']; from act_spec.cli import main; main()"
)
_IMPORT = "import act_spec.llm.provider"


def make(folder: Path, items: int, tenths: int, port: int) -> None:
    """Data, recipe, and a run of which so many tenths are annotated."""
    import duckdb

    from act_spec.plan.compile import compile_plan, run_folder
    from act_spec.recipe.load import load_recipe
    from act_spec.run.stage import Folder
    from act_spec.run.walk import open_run
    from act_spec.store.database import Store

    with duckdb.connect() as database:
        database.execute(
            f"COPY (SELECT printf('r-%08d', i) AS id, 'Review ' || i || ': ' || repeat('the parcel came late and "
            f"the box was torn; ', 3) AS text FROM range({items}) t(i)) TO '{folder / 'data.parquet'}'"
        )
    (folder / "many.act.yaml").write_text(RECIPE.format(port=port))
    plan = compile_plan(load_recipe(folder / "many.act.yaml"))
    place = Folder(run_folder(plan))
    place.make()
    with Store.open(place.database) as store:
        open_run(plan, store)
        done = "FROM history.items WHERE position < ?"
        store.run(
            "INSERT INTO calls SELECT sha256(item_id), 'annotate', 1, item_id, 'openai/stand-in', 'stand-in-1', 'fp_1', "
            "sha256(content::VARCHAR), '{\"label\": \"good\"}', NULL, 200, 10, 0, 0, 0.05, 1, 'ok', NULL, "
            f"TIMESTAMP '2026-01-01' + INTERVAL (position) MILLISECOND {done}",
            [items * tenths // 10],
        )
        store.run(
            "INSERT INTO history.annotations (stage_key, item_id, round, annotator, label, status) "
            f"SELECT ?, item_id, 1, 'openai/stand-in', 'good', 'ok' {done}",
            [plan.annotate.key, items * tenths // 10],
        )


def first_call(folder: Path, listening: socket.socket) -> tuple[float, float, float]:
    """Until its first request: seconds, seconds of processor time, and the peak of memory in MB."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", _COMMAND], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    listening.settimeout(120)
    try:
        connection, _ = listening.accept()
        connection.recv(1)
        seconds = time.perf_counter() - started
        connection.close()
    except TimeoutError:
        process.kill()
        raise SystemExit(f"no call in two minutes: {process.stderr.read().decode()}") from None
    process.kill()
    _, _, used = os.wait4(process.pid, 0)
    return seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def importing() -> tuple[float, float]:
    """Seconds that LiteLLM takes to import, with what we set up around it, and seconds of processor time."""
    started = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-c", _IMPORT])
    _, _, used = os.wait4(process.pid, 0)
    return time.perf_counter() - started, used.ru_utime + used.ru_stime


def main(items: int = 1_000_000, rounds: int = 5) -> bool:
    """Whether the first new call comes in time."""
    cases = ((items // 10, 9), (items, 1), (items, 9))
    found: dict[tuple[int, int], list[tuple[float, float, float]]] = {case: [] for case in cases}
    imports = []
    with (
        tempfile.TemporaryDirectory() as made,
        socket.create_server(("127.0.0.1", 0), backlog=64) as listening,
    ):
        for count, tenths in cases:
            folder = Path(made) / f"{count}-{tenths}"
            folder.mkdir()
            # In a process of its own, whose memory would count as its children's otherwise.
            given = [str(folder), str(count), str(tenths), str(listening.getsockname()[1])]
            subprocess.run([sys.executable, __file__, "make", *given], check=True)
        for _ in range(rounds):
            imports.append(importing())
            for case in cases:
                with listening.dup() as mine:
                    found[case].append(first_call(Path(made) / f"{case[0]}-{case[1]}", mine))
                # What a killed process still had in the queue is not the next one's first call.
                listening.settimeout(0)
                while True:
                    try:
                        listening.accept()[0].close()
                    except BlockingIOError:
                        break
    alone, alone_cpu = (statistics.median(column) for column in zip(*imports, strict=True))
    print(f"medians of {rounds}; {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
    print(f"  LiteLLM's import alone      {alone:6.2f} s, {alone_cpu:5.2f} s of processor time")
    good = True
    for (count, tenths), each in found.items():
        seconds, cpu, megabytes = (statistics.median(column) for column in zip(*each, strict=True))
        beyond = statistics.median(one[0] - other[0] for one, other in zip(each, imports, strict=True))
        good = beyond <= MOST_SECONDS_BEYOND
        print(
            f"  {count:9,} items, {count * tenths // 10:,} done: first new call after {seconds:6.2f} s, {beyond:5.2f} s beyond the "
            f"import (wanted at most {MOST_SECONDS_BEYOND:g}), {seconds / alone:4.2f} x it; {cpu:5.2f} s of processor time; {megabytes:5.0f} MB"
        )
    return good


if __name__ == "__main__":
    if sys.argv[1:2] == ["make"]:
        make(Path(sys.argv[2]), *(int(one) for one in sys.argv[3:6]))
        sys.exit()
    sys.exit(not main(*(int(one) for one in sys.argv[1:])))
