"""
How long commands take that a user waits for, in seconds and as multiples of a bare interpreter's start.

`python startup.py TIMES ITEMS`: `--help`, `check`, and `plan` of many items
with two priced models. Each is a process of its own, in turn; the medians.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

_PROGRAM = "import sys; sys.argv = ['act-spec', *{words!r}]; from act_spec.cli import main; main()"
_ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
_MOST = {"--help": 3.0}
_MOST_S = {"check": 0.5, "plan": 3.0}
RECIPE = """\
act: 1
name: many
task: {kind: classification, question: Is it good?, labels: {good: It is., bad: It is not.}}
data: {source: data.parquet, id: id, show: [text]}
annotator: {model: openai/gpt-4o-mini, strategy: direct}
judge: {model: anthropic/claude-sonnet-4-5, strategy: cot}
budget: {reviews: 1%, rule: exponential, spend_usd: 500}
"""


def make(folder: Path, items: int) -> None:
    """A recipe, and as many texts of about 500 characters."""
    import duckdb

    with duckdb.connect() as database:
        database.execute(
            f"COPY (SELECT printf('r-%08d', i) AS id, 'Review ' || i || ': ' || repeat('the parcel came late and "
            f"the box was torn; ', 11) AS text FROM range({items}) t(i)) TO '{folder / 'data.parquet'}'"
        )
    (folder / "many.act.yaml").write_text(RECIPE)


def seconds(code: str, folder: Path) -> float:
    """One process, from its start to its end, with modules compiled beforehand as an installation has them."""
    start = perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env=_ENVIRONMENT,
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    return perf_counter() - start


def main(times: int = 9, items: int = 100_000) -> bool:
    """Whether all are as fast as they shall be."""
    demo = Path(__file__).parents[2] / "recipes" / "demo.act.yaml"
    commands = {
        "--help": ["--help"],
        "check": ["check", str(demo)],
        "plan": ["plan", "many.act.yaml"],
        "check of many": ["check", "many.act.yaml"],
    }
    found: dict[str, list[float]] = {name: [] for name in ("bare", *commands)}
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        make(folder, items)
        for _ in range(times):
            found["bare"].append(seconds("pass", folder))
            for name, words in commands.items():
                found[name].append(seconds(_PROGRAM.format(words=words), folder))
    middle = {name: statistics.median(each) for name, each in found.items()}
    print(f"medians of {times}; {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
    print(
        f"  a bare interpreter  {middle['bare'] * 1000:5.0f} ms   fastest {min(found['bare']) * 1000:5.0f} ms"
    )
    good = True
    for name in commands:
        ratio = middle[name] / middle["bare"]
        wanted = ""
        if name in _MOST:
            good, wanted = good and ratio <= _MOST[name], f"   wanted at most {_MOST[name]:g} x"
        elif name in _MOST_S:
            good, wanted = good and middle[name] <= _MOST_S[name], f"   wanted at most {_MOST_S[name]:g} s"
        told = {"plan": f"plan of {items:,} items", "check of many": f"check of {items:,}"}.get(name, name)
        print(
            f"  {told:22} {middle[name] * 1000:5.0f} ms   fastest {min(found[name]) * 1000:5.0f} ms   "
            f"{ratio:5.1f} x a bare interpreter{wanted}"
        )
    return good


if __name__ == "__main__":
    sys.exit(not main(*(int(one) for one in sys.argv[1:])))
