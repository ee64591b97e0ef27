"""
Accuracy of delivered labels after 5, 10, 20 and 30% human labels, by method, on recorded answers of real models.

One matrix recipe, `comparison/methods.act.yaml`, runs every method; each data
set is a recipe that extends it. Wants recorded data: ACT_SPEC_TEST_DATA names
its folder. Reviewers are simulated from the known answers; nothing is called.
The figures go to docs/comparison.json, from which `make docs` writes the page
and its picture.

    PYTHONPATH=tests python tests/benchmarks/comparison.py [FOLDER]

With a folder the runs stay there, and an interrupted comparison goes on.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
from compared_methods import SETS, prepare

from act_spec.documents.matrix import MatrixFacts
from act_spec.plan.compile import run_folder
from act_spec.recipe.load import load_recipe
from act_spec.run.matrix import runs_of, walk_matrix
from act_spec.run.session import open_session

FIGURES = Path(__file__).parents[2] / "docs" / "comparison.json"
_DIGITS = 4


def main() -> None:
    """Walk what is not walked, and write the figures of all sets."""
    data = Path(os.environ.get("ACT_SPEC_TEST_DATA", "")).resolve()
    if not (data / SETS[0]).is_dir():
        print("comparison: no recorded data; ACT_SPEC_TEST_DATA names none.", file=sys.stderr)
        return
    with tempfile.TemporaryDirectory() as passing:
        folder = Path(sys.argv[1] if len(sys.argv) > 1 else passing)
        prepare(folder, data)
        found = [told(name, walked(folder / f"{name}.act.yaml")) for name in SETS]
    written = {"measured": f"{datetime.now(UTC):%Y-%m-%d}", "sets": found}
    FIGURES.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")
    print(f"comparison: {FIGURES}; make docs writes the page.")


def walked(recipe: Path) -> MatrixFacts:
    """Every run of a set's matrix."""
    runs = runs_of(load_recipe(recipe))
    with open_session(runs[0].plan, run_folder(runs[0].plan), lambda _: None) as (store, session, folder):
        return walk_matrix(runs, store, session, folder, lambda plan, _: session.follow(plan))


def told(name: str, facts: MatrixFacts) -> dict[str, Any]:
    """A set's figures: by method and share, the mean accuracy with its interval over the seeds."""
    methods: dict[str, dict[str, list[float]]] = {}
    alone = 0.0
    for one in facts.settings:
        final, reviewed = one.figures["final_accuracy"], one.figures["reviewed_share"]
        share = one.setting["people"]
        if abs(reviewed.mean - float(share.rstrip("%")) / 100) > 0.002:
            raise ValueError(f"{name}, {one.setting}: {reviewed.mean:.1%} are reviewed.")
        ends = (final.mean, final.low, final.high)
        figures = [round(end, _DIGITS) for end in ends if end is not None]
        methods.setdefault(one.setting["case"], {})[share] = figures
        if one.setting["case"] == "random":
            alone = round(one.figures["machine_accuracy"].mean, _DIGITS)
    with duckdb.connect() as connection:
        file = Path(facts.folder).parents[1] / "items" / f"{name}.parquet"
        [(items,)] = connection.execute("SELECT count(*) FROM read_parquet(?)", [str(file)]).fetchall()
    return {
        "name": name,
        "items": items,
        "machine_accuracy": alone,
        "seeds": facts.repeats,
        "methods": methods,
    }


if __name__ == "__main__":
    main()
