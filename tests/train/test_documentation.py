"""The page on training: its programs run, in order, on the labels of a run."""

import re
from pathlib import Path
from typing import Any

from training_run import write_recipe

from act_spec.plan.compile import compile_plan
from act_spec.recipe.load import load_recipe
from act_spec.run.session import open_session
from act_spec.run.walk import walk
from act_spec.store.export import write_labels

PAGE = Path(__file__).parents[2] / "docs" / "training.md"


def test_the_programs_of_the_page_run(tmp_path, monkeypatch):
    plan = compile_plan(load_recipe(write_recipe(tmp_path)))
    with open_session(plan, tmp_path / "runs" / "things", lambda tick: None) as (store, session, place):
        walk(plan, store, session, place)
        write_labels(store, tmp_path / "labels.parquet")
        write_labels(store, tmp_path / "rows.parquet", "training_rows")
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, Any] = {}

    for block in blocks:
        exec(compile(block, str(PAGE), "exec"), names)  # noqa: S102 - our own page

    assert len(blocks) == 3
    assert names["loss"].item() < 0.7
