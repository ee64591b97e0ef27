"""A training that is killed: the same command goes on, repeats nothing, and ends where it would have ended."""

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from training_run import write_recipe

PROGRAM = [sys.executable, "-c", "from act_spec.cli import main; main()"]
KILLED = """
import os, signal
from pathlib import Path
from act_spec.cli.choose import plan_of_run
from act_spec.store.database import Store
from act_spec.train.session import train

def show(tick):
    if tick.done == 3:
        os.kill(os.getpid(), signal.SIGKILL)

folder = Path("runs/things")
plan = plan_of_run(folder)
with Store.open(folder / "run.duckdb") as store:
    train(plan, store, folder / "model", show)
"""
WAIT_S = 600


def act_spec(folder: Path, *arguments: str) -> dict[str, Any]:
    done = subprocess.run(
        [*PROGRAM, *arguments], cwd=folder, capture_output=True, text=True, check=False, timeout=WAIT_S
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def killed_after_three_models(folder: Path) -> None:
    """Train, and be killed when the fourth model is begun."""
    ended = subprocess.run([sys.executable, "-c", KILLED], cwd=folder, check=False, timeout=WAIT_S)
    assert ended.returncode == -signal.SIGKILL


def test_a_killed_training_goes_on(tmp_path):
    extra = "train: {seeds: 2, epochs: 8, compare: budget}"
    folders = [tmp_path / name for name in ("whole", "killed")]
    for folder in folders:
        folder.mkdir()
        write_recipe(folder, extra=extra)
        act_spec(folder, "run", "--json")
    whole, killed = folders
    expected = act_spec(whole, "train", "--json")

    killed_after_three_models(killed)
    found = act_spec(killed, "train", "--json")

    assert expected["models_trained_now"] == 8
    assert found["models_trained_now"] == 5
    assert found["scores"] == expected["scores"]
    assert found["differences"] == expected["differences"]
    weights = [(folder / "runs/things/model/weights.safetensors").read_bytes() for folder in folders]
    assert weights[0] == weights[1]
