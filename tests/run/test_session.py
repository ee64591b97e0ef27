"""One process holds a run; others are told who, and can see how far it is."""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from model_server import ModelServer
from walking import start_walk, write_recipe

from act_spec.run.outcome import status_facts

_RECORDED = """\
act: 1
name: walked
task: {kind: classification, question: Good?, labels: [good, bad]}
data: {source: data.csv, id: id, show: [text]}
annotator: {column: gold}
budget: {reviews: 10%, rule: uniform}
"""


def act_spec(*words: str, cwd: Path, most_bytes: int | None = None) -> subprocess.CompletedProcess[str]:
    """The program in a process of its own; `most_bytes` stands in for a full disk."""

    def full_disk() -> None:
        if most_bytes is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))

    return subprocess.run(
        [sys.executable, "-c", "from act_spec.cli import main; main()", *words],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        preexec_fn=full_disk,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_second_process_is_told_who_holds_the_run_and_status_reads_its_progress(tmp_path):
    with ModelServer(script=["hang"] * 99) as server:
        recipe = write_recipe(tmp_path, server.url, 5)
        process = start_walk(recipe)
        while not server.in_flight:
            assert process.is_alive()
        facts = status_facts(tmp_path / "runs" / "walked")
        second = act_spec("run", "--yes", cwd=tmp_path)
        process.kill()
        process.join()

    assert facts.progress is not None
    assert (facts.progress["stage"], facts.progress["total"]) == ("annotate", 5)
    assert second.returncode == 2
    assert f"number {process.pid}" in second.stderr
    assert "Traceback" not in second.stderr


@pytest.mark.parametrize("most_bytes", [100_000, 3_000_000])
def test_a_full_disk_is_one_sentence(tmp_path, most_bytes):
    """The limit hits the database, or a little later one of the documents."""
    rows = "".join(f"i{number},text number {number},good\n" for number in range(20_000))
    (tmp_path / "data.csv").write_text(f"id,text,gold\n{rows}")
    (tmp_path / "walked.act.yaml").write_text(_RECORDED)
    ended = act_spec("run", cwd=tmp_path, most_bytes=most_bytes)

    assert ended.returncode == 2, ended.stderr
    assert "Traceback" not in ended.stderr
    assert len(re.findall("cannot be", ended.stderr)) == 1
