"""`act-spec train` from the command line."""

import json
import subprocess
import sys

from training_run import write_recipe


def act_spec(folder, *words):
    code = "from act_spec.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, words)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_train_prints_the_gap_and_writes_the_model(tmp_path):
    recipe = write_recipe(tmp_path, count=40, extra="train: {seeds: 1, epochs: 3}")
    assert act_spec(tmp_path, "run", recipe).returncode == 0

    told = act_spec(tmp_path, "train")
    again = act_spec(tmp_path, "train", "--json")
    rows = act_spec(tmp_path, "labels", "-o", "rows.csv", "--weighted-rows")

    assert told.returncode == 0, told.stderr
    assert "all human labels" in told.stdout
    assert told.stderr.splitlines()[-1].startswith("Next: act-spec report")
    assert json.loads(again.stdout)["models_trained_now"] == 0
    assert (tmp_path / "runs/things/model/model.json").is_file()
    assert rows.returncode == 0, rows.stderr
    assert (tmp_path / "rows.csv").read_text().startswith("item_id,label,weight")


def test_train_before_any_run_says_what_to_do(tmp_path):
    write_recipe(tmp_path, count=10)

    told = act_spec(tmp_path, "train")

    assert told.returncode == 2
    assert "There is no run" in told.stderr
