"""A training that is killed: the same command goes on, repeats nothing, and ends where it would have ended."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from training_run import write_recipe

PROGRAM = [sys.executable, "-c", "from act_spec.cli import main; main()"]
WAIT_S = 300


def act_spec(folder: Path, *arguments: str) -> dict[str, Any]:
    done = subprocess.run(
        [*PROGRAM, *arguments], cwd=folder, capture_output=True, text=True, check=False, timeout=WAIT_S
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def killed_after_some_models(folder: Path) -> None:
    """Start training, and kill it when the database has grown some times: a model or more is kept by then."""
    process = subprocess.Popen(
        [*PROGRAM, "train", "--json"], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    log, deadline = folder / "runs/things/run.duckdb.wal", time.monotonic() + WAIT_S
    sizes: set[int] = set()
    while len(sizes) < 6 and process.poll() is None and time.monotonic() < deadline:
        if log.exists():
            sizes.add(log.stat().st_size)
        time.sleep(0.002)
    assert process.poll() is None, "it was done before it could be killed"
    os.kill(process.pid, signal.SIGKILL)
    process.wait()


def test_a_killed_training_goes_on(tmp_path):
    extra = "train: {seeds: 2, epochs: 60, patience: 60, compare: budget}"
    folders = [tmp_path / name for name in ("whole", "killed")]
    for folder in folders:
        folder.mkdir()
        write_recipe(folder, extra=extra, count=200)
        act_spec(folder, "run", "--json")
    whole, killed = folders
    expected = act_spec(whole, "train", "--json")

    killed_after_some_models(killed)
    found = act_spec(killed, "train", "--json")

    assert expected["models_trained_now"] == 8
    assert 0 < found["models_trained_now"] < 8
    assert found["scores"] == expected["scores"]
    assert found["differences"] == expected["differences"]
    weights = [(folder / "runs/things/model/weights.safetensors").read_bytes() for folder in folders]
    assert weights[0] == weights[1]
