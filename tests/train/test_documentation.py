"""The page on training: its programs run, in order, on the labels of a run."""

import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from tiny_encoders import save_text_encoder
from training_run import write_recipe

from act_spec.plan.compile import compile_plan
from act_spec.recipe.load import load_recipe
from act_spec.run.session import open_session
from act_spec.run.walk import walk
from act_spec.store.export import write_labels
from act_spec.train.session import train

PAGE = Path(__file__).parents[2] / "docs" / "training.md"


@pytest.mark.filterwarnings("ignore:.*pin_memory")  # what the Trainer says where there is no accelerator
def test_the_programs_of_the_page_run(tmp_path, monkeypatch):
    plan = compile_plan(load_recipe(write_recipe(tmp_path)))
    folder = tmp_path / "runs" / "things"
    with open_session(plan, folder, lambda tick: None) as (store, session, place):
        walk(plan, store, session, place)
        write_labels(store, tmp_path / "labels.parquet")
        write_labels(store, tmp_path / "rows.parquet", "training_rows")
        train(plan, store, folder / "model", lambda tick: None)
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python[^\n]*\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    with_transformers = find_spec("transformers") is not None and find_spec("accelerate") is not None
    if with_transformers:
        save_text_encoder(tmp_path / "encoder")
    names: dict[str, Any] = {}

    for block in blocks:
        if with_transformers or "transformers" not in block:
            exec(compile(block, str(PAGE), "exec"), names)  # noqa: S102 - our own page

    assert len(blocks) == 5
    assert names["told"] == ["fruit", "metal"]
    assert names["loss"].item() < 0.7
    if not with_transformers:
        pytest.skip("Trainer wants transformers and accelerate; all but its program ran")
    assert names["trained"].global_step > 0
