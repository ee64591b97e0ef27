"""The same inputs give the same bytes, whatever the machine's clock, language and the order of its hashes."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from crashes import rows_of

from act_spec.store.database import Store

_RECIPE = """\
act: 1
name: walked
task: {kind: classification, question: Ist es gut? 好吗?, labels: {good: Ja. 好。, bad: Nein.}}
data: {source: data.csv, id: id, show: [text], gold: gold}
annotator: {strategy: {name: recorded, label: machine, confidence: sure}}
judge: {strategy: {name: recorded, as: own_confidence, confidence: sure}}
budget: {reviews: 12, rule: sqrt, audit: 20%}
review: {reviewers: [ada, bö]}
seed: 3
"""
_PROGRAM = """\
import sys
from act_spec.cli import main
for line in sys.stdin.read().splitlines():
    sys.argv = ["act-spec", *line.split()]
    try:
        main()
    except SystemExit as end:
        # Answers to items that were not drawn are named, and the others kept.
        assert not end.code or line.startswith("import"), (line, end.code)
"""
_OUTPUTS = [
    *(f"labels RUN -o {{out}}/labels.{ending}" for ending in ("csv", "jsonl", "parquet")),
    "labels RUN -o {out}/rows.parquet --weighted-rows",
    "guide RUN",
    "report RUN",
    "bundle RUN -o {out}/run.zip",
]
_WALK = [
    "run walked.act.yaml",
    *(
        f"export RUN --to {form} -o out/{form}.{ending} --reviewer ada"
        for form, ending in (
            ("worklist", "csv"),
            ("packet", "html"),
            ("labelstudio", "json"),
            ("argilla", "jsonl"),
        )
    ),
    "import RUN answers.csv",
    "run walked.act.yaml",
]
MACHINES = {
    "here": {"PYTHONHASHSEED": "1", "TZ": "UTC", "LC_ALL": "C.UTF-8"},
    # Without UTF-8 mode this locale's encoding is ASCII, and a file that is opened without naming one fails.
    "there": {
        "PYTHONHASHSEED": "2",
        "TZ": "Pacific/Kiritimati",
        "LC_ALL": "POSIX",
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
        "PYTHONIOENCODING": "utf-8",
    },
}


def act_spec(machine: str, folder: Path, commands: list[str]) -> None:
    """Commands one after another, in one process of such a machine."""
    ended = subprocess.run(
        [sys.executable, "-c", _PROGRAM],
        input="\n".join(one.replace("RUN", "runs/walked") for one in commands),
        cwd=folder,
        env={**os.environ, **MACHINES[machine]},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert ended.returncode == 0, ended.stderr


def project(folder: Path) -> Path:
    """A recipe with its data, and the answers to all that may be drawn."""
    (folder / "out").mkdir(parents=True)
    (folder / "walked.act.yaml").write_text(_RECIPE, encoding="utf-8")
    with (folder / "data.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "text", "machine", "sure", "gold"])
        writer.writerows(
            [f"ï{n}", f"Größe {n}, 尺寸 {n}", "good" if n % 4 else "bad", 0.5 + n % 7 / 15, "good" if n % 3 else "bad"]
            for n in range(40)
        )  # fmt: skip
    with (folder / "answers.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["item_id", "label", "reviewer"])
        writer.writerows([f"ï{n}", "good" if n % 3 else "bad", "ada"] for n in range(40))
    return folder


def files(folder: Path, *without: str) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in {"run.duckdb", *without}
    }


@pytest.mark.promise("bytes")
def test_another_machine_gives_the_same_bytes(tmp_path: Path, measured: Callable[[str], None]) -> None:
    """A run's outputs from the same folder, and the same recipe walked anew, tables included."""
    here = project(tmp_path / "here")
    there = project(tmp_path / "far" / "there")
    outputs = [one.format(out="out") for one in _OUTPUTS]
    act_spec("here", here, [*_WALK, *outputs])
    shutil.copytree(here, tmp_path / "copy")
    act_spec("there", there, [*_WALK, *outputs])
    act_spec("there", tmp_path / "copy", outputs)

    first = files(here)
    assert files(tmp_path / "copy") == first
    # Times stand in tables that go into a bundle.
    anew = files(there, "run.zip")
    assert anew == {name: data for name, data in first.items() if not name.endswith("run.zip")}
    tables = []
    for folder in (here, there):
        with Store.open(folder / "runs" / "walked" / "run.duckdb", read_only=True) as store:
            rows = rows_of(store)
        tables.append({name: listed for name, listed in rows.items() if name != "plans"})
    assert tables[0] == tables[1]
    measured(
        f"{len(first)} files of one run, and {len(anew)} files and {len(tables[0])} tables of one walked anew, "
        "equal under another hash seed, time zone, locale and folder"
    )
