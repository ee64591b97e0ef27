"""A pinned model may not answer as another snapshot; one that is not pinned may, and everybody is told."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from model_server import ModelServer
from walking import database, plan_of, walk_recipe, write_recipe

from act_spec.engine.snapshots import SnapshotChanged
from act_spec.plan.compile import run_folder
from act_spec.run.report_quality import warnings
from act_spec.store.database import Store


def pinned(recipe: Path) -> Path:
    recipe.write_text(recipe.read_text().replace("  strategy:", "  pin: exact\n  strategy:"))
    return recipe


def counts(recipe: Path) -> dict[str, int]:
    with Store.open(database(recipe), read_only=True) as store:
        return dict(store.rows("SELECT status, count(*) FROM calls GROUP BY status"))


def test_a_pinned_model_stops_the_run_where_another_snapshot_answers(tmp_path):
    with ModelServer() as server:
        recipe = pinned(write_recipe(tmp_path, server.url, items=20, concurrency=1))
        walk_recipe(recipe, limit=5)
        before = counts(recipe)["ok"]
        server.snapshot = "2026-06-01"
        with pytest.raises(SnapshotChanged) as caught:
            walk_recipe(recipe)
        after = counts(recipe)
        server.snapshot = "2026-01-01"
        report = walk_recipe(recipe)

    assert "answered as tested-2026-06-01 fp_test, and so far as tested-2026-01-01 fp_test" in str(
        caught.value
    )
    assert caught.value.exit_code == 3
    assert after["ok"] == before == 10
    assert after["provider_error"] >= 1
    assert report.failed == 0


def test_the_lock_of_another_run_pins_what_may_answer_in_a_new_folder(tmp_path):
    with ModelServer() as server:
        recipe = pinned(write_recipe(tmp_path, server.url, items=5))
        walk_recipe(recipe)
        folder = run_folder(plan_of(recipe))
        lock = (folder / "act.lock").read_bytes()
        shutil.rmtree(folder)
        folder.mkdir()
        (folder / "act.lock").write_bytes(lock)
        server.snapshot = "2026-06-01"

        with pytest.raises(SnapshotChanged):
            walk_recipe(recipe)


def test_without_a_pin_it_is_recorded_and_told(tmp_path):
    with ModelServer() as server:
        recipe = write_recipe(tmp_path, server.url, items=20)
        walk_recipe(recipe, limit=5)
        server.snapshot = "2026-06-01"
        walk_recipe(recipe)
    folder = run_folder(plan_of(recipe))
    with Store.open(folder / "run.duckdb", read_only=True) as store:
        said = warnings(store)

    [sentence] = said
    assert sentence == (
        "openai/tested did not answer as one snapshot: tested-2026-01-01 fp_test (10 replies), tested-2026-06-01 "
        "fp_test (30 replies). The figures mix them; `pin: exact` beside the model stops a run where that happens."
    )
    assert "did not answer as one snapshot" in (folder / "report.html").read_text()
    assert json.loads((folder / "act.lock").read_text())["snapshots"] == {
        "openai/tested": ["tested-2026-01-01 fp_test", "tested-2026-06-01 fp_test"]
    }


def test_a_pin_changes_no_hash(tmp_path):
    recipe = write_recipe(tmp_path, "http://localhost:1/v1", items=5)
    without = plan_of(recipe)

    with_pin = plan_of(pinned(recipe))

    assert with_pin.keys == without.keys
