"""Walks over recorded answers, for tests of what comes out of them."""

from __future__ import annotations

from pathlib import Path

from walking import plan_of, walk_recipe

from act_spec.plan.compile import run_folder
from act_spec.store.database import Store

_WALK = """\
act: 1
name: recorded
task: {task}
data: {{source: {folder}/items.parquet, id: item_id, {data}}}
annotator: {annotator}
budget: {{reviews: 10%, rule: uniform}}
review: {{simulate: gold}}
"""


def figures(tmp_path: Path, folder: Path, task: str, data: str, annotator: str) -> dict[str, float | None]:
    """Each metric's value after a walk, and `status: …`, how many annotations have it."""
    recipe = tmp_path / "recorded.act.yaml"
    recipe.write_text(
        _WALK.format(task=task, folder=folder, data=data, annotator=annotator.replace("FOLDER", str(folder))),
        encoding="utf-8",
    )
    walk_recipe(recipe)
    with Store.open(run_folder(plan_of(recipe)) / "run.duckdb", read_only=True) as store:
        found: dict[str, float | None] = dict(store.rows("SELECT name, value FROM metrics"))
        statuses = store.rows("SELECT 'status: ' || status, count(*) FROM annotations GROUP BY ALL")
    return found | dict(statuses)
