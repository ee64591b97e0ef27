"""The recipes of the comparison of methods, and the recorded data that they want beside them."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb

RECIPES = Path(__file__).parent / "benchmarks" / "comparison"
SETS = ("halueval_claim_evidence", "sciq_mcq", "cebab_aspects", "babe_media_bias")


def prepare(folder: Path, data: Path) -> None:
    """The recipes, the recorded answers, and those items whose answer is known."""
    shutil.copytree(RECIPES, folder, dirs_exist_ok=True)
    (folder / "items").mkdir(exist_ok=True)
    if not (folder / "data").exists():
        (folder / "data").symlink_to(data, target_is_directory=True)
    for name in SETS:
        known, to = f"'{data / name / 'items.parquet'}'", folder / "items" / f"{name}.parquet"
        if not to.exists():
            duckdb.execute(f"COPY (FROM {known} WHERE gold IS NOT NULL ORDER BY item_id) TO '{to}'")
