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
from walking import plan_of, start_walk, write_recipe

from act_spec.documents.summary import status_text
from act_spec.run.outcome import status_facts
from act_spec.run.session import open_session

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
    assert "annotate  0 of 5" in status_text(facts)
    assert second.returncode == 2
    assert f"number {process.pid}" in second.stderr
    assert "Traceback" not in second.stderr


def test_progress_keeps_the_stages_that_are_through(tmp_path):
    """Another terminal reads each of them, and `status` leaves the writer alone."""
    plan = plan_of(write_recipe(tmp_path, "http://127.0.0.1:9/v1", 5))
    with open_session(plan, tmp_path / "run", lambda _: None) as (_, session, _):
        session.tell("prepare", 5, 5)
        session.tell("annotate", 5, 5)
        session.tell("judge", 5, 5)
        said = status_text(status_facts(tmp_path / "run"))

    assert [line.split()[:2] for line in said.splitlines()[1:]] == [
        ["done", "prepare"],
        ["done", "annotate"],
        ["under", "way"],
    ]


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
