"""
A run of many items whose answers are recorded, from Parquet to final labels, beside DuckDB on the same table.

DuckDB alone reads both files, joins them, writes the table into a database
file and from there to Parquet. The run does the same with `run` and `labels`,
and between them annotates, judges, draws, reviews (simulated), measures,
reports. Each is a process of its own. `python items.py ITEMS REVIEWS ROUNDS`.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

MOST_SECONDS_A_MILLION = 60.0
MOST_TIMES_DUCKDB = 15.0
MOST_MB = 1536
RECIPE = """\
act: 1
name: many
task: {{kind: classification, question: Is it good?, labels: {{good: It is., bad: It is not., mixed: Both.}}}}
data: {{source: data.parquet, id: id, show: [text], gold: gold}}
annotator:
  strategy: {{name: recorded, source: machine.parquet, label: label, confidence: confidence}}
judge:
  strategy: {{name: recorded, as: error_probability, source: machine.parquet, error_probability: p_wrong}}
budget: {{reviews: {reviews}, rule: exponential, audit: 20%}}
review: {{simulate: gold}}
seed: 17
"""


def make(folder: Path, items: int, reviews: int) -> None:
    """The data, what a machine said of them, and the recipe."""
    import duckdb

    text = "'Review ' || i || ': ' || repeat('the parcel came late and the box was torn; ', 3)"
    label = "['good', 'bad', 'mixed'][1 + (hash(i + {}) % 3)::INTEGER]"
    right = "hash(i + 5) % 10 < 7"
    with duckdb.connect() as database:
        database.execute(
            f"COPY (SELECT printf('r-%08d', i) AS id, {text} AS text, {label.format(1)} AS gold FROM range({items}) t(i)) "
            f"TO '{folder / 'data.parquet'}'"
        )
        database.execute(
            f"COPY (SELECT printf('r-%08d', i) AS id, CASE WHEN {right} THEN {label.format(1)} ELSE {label.format(2)} END "
            f"AS label, 0.5 + hash(i + 3) % 500 / 1000 AS confidence, hash(i + 4) % 1000 / 1000 AS p_wrong "
            f"FROM range({items}) t(i)) TO '{folder / 'machine.parquet'}'"
        )
    (folder / "many.act.yaml").write_text(RECIPE.format(reviews=reviews))


def duckdb_alone(folder: Path) -> None:
    """Read the same files, write the same table, and the labels out of it."""
    import duckdb

    with duckdb.connect(str(folder / "alone.duckdb")) as database:
        database.execute(
            f"CREATE TABLE t AS SELECT * FROM read_parquet('{folder / 'data.parquet'}') d "
            f"JOIN read_parquet('{folder / 'machine.parquet'}') m USING (id) ORDER BY id"
        )
        database.execute(f"COPY (SELECT * EXCLUDE (text) FROM t) TO '{folder / 'alone.parquet'}'")


def act_spec(folder: Path, *words: str) -> None:
    """One command, as typed."""
    from act_spec.cli import main

    os.chdir(folder)
    sys.argv = ["act-spec", *words]
    main()


def timed(kind: str, folder: Path, *words: str) -> tuple[float, float, float]:
    """Of one process of a kind: seconds, seconds of processor time, and megabytes at the peak."""
    started = time.perf_counter()
    done = subprocess.Popen(
        [sys.executable, __file__, kind, str(folder), *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    said = (done.stderr or sys.stdin).read()
    _, status, used = os.wait4(done.pid, 0)
    if status:
        raise SystemExit(said)
    return time.perf_counter() - started, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def main(items: int = 100_000, reviews: int = 1_000, rounds: int = 1) -> bool:
    """Both in turn; medians, their ratio, and whether the targets are met."""
    found: dict[str, list[tuple[float, float, float]]] = {}
    size = 0
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as made:
            folder = Path(made)
            # In a process of its own, whose memory would count as its children's otherwise.
            subprocess.run([sys.executable, __file__, "make", made, str(items), str(reviews)], check=True)
            for name, kind, words in (
                ("DuckDB alone", "duckdb", []),
                ("run", "act-spec", ["run", "many.act.yaml"]),
                ("labels", "act-spec", ["labels", "runs/many", "-o", "labels.parquet"]),
                ("run again", "act-spec", ["run", "many.act.yaml"]),
                ("status", "act-spec", ["status", "runs/many"]),
            ):
                found.setdefault(name, []).append(timed(kind, folder, *words))
            size = (folder / "runs/many/run.duckdb").stat().st_size
            documents = {
                path.name: path.stat().st_size
                for path in (folder / "runs/many").iterdir()
                if path.suffix in {".html", ".md", ".csv", ".lock"}
            }
    middle = {name: tuple(map(statistics.median, zip(*each, strict=True))) for name, each in found.items()}
    print(
        f"{items:,} items, {reviews:,} simulated reviews, medians of {rounds}; {os.cpu_count()} processors, "
        f"load {os.getloadavg()[0]:.1f}"
    )
    for name, (seconds, cpu, megabytes) in middle.items():
        print(
            f"  {name:14} {seconds:7.2f} s   {cpu:7.2f} s of processor time   {megabytes:6.0f} MB at the peak"
        )
    whole, whole_cpu, _ = map(sum, zip(middle["run"], middle["labels"], strict=True))
    alone, alone_cpu, _ = middle["DuckDB alone"]
    times = whole / alone
    peak = max(megabytes for _, _, megabytes in middle.values())
    print(
        f"  Parquet to labels: {whole:.1f} s = {times:.1f} x DuckDB, {whole_cpu / alone_cpu:.1f} x its processor time; "
        f"wanted at most {MOST_TIMES_DUCKDB:.0f} x"
    )
    print(f"  the file: {size / items:.0f} bytes an item; documents: {json.dumps(documents)}")
    return whole <= MOST_SECONDS_A_MILLION and times <= MOST_TIMES_DUCKDB and peak <= MOST_MB


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1] == "make":
        make(Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
    elif len(sys.argv) > 1 and sys.argv[1] == "duckdb":
        duckdb_alone(Path(sys.argv[2]))
    elif len(sys.argv) > 1 and sys.argv[1] == "act-spec":
        act_spec(Path(sys.argv[2]), *sys.argv[3:])
    else:
        sys.exit(not main(*(int(one) for one in sys.argv[1:])))
