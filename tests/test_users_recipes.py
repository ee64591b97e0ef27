"""Recipes as users wrote them, before there was a program to read them: they check and plan as they stand."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import documented
import duckdb
import pytest

RECIPES = Path(
    os.environ.get("ACT_SPEC_TEST_RECIPES", documented.ROOT.parent / "shared" / "reference" / "recipes")
)
_PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c4944415408d763f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)


def _topics(folder: Path) -> None:
    labels = ("battery_life", "price", "sound")
    rows = "\n".join(f"{name},It is about {name}.,Only named." for name in labels)
    (folder / "topics.csv").write_text(f"name,definition,not_when\n{rows}\n")
    select = """
    SELECT 'R-' || lpad(i::VARCHAR, 6, '0') AS review_id, 'Title ' || i AS title, 'Body ' || i AS body,
        CASE WHEN i % 5 = 0 THEN 'de' ELSE 'en' END AS lang, 'P' || (i // 3) AS product_id, 'price' AS gold
    FROM range(1000) t(i)
    """
    for name in ("reviews", "reviews-test"):
        duckdb.sql(select).write_parquet(str(folder / f"{name}.parquet"))


def _xray(folder: Path) -> None:
    (folder / "images").mkdir()
    (folder / "beispiele").mkdir()
    (folder / "beispiele" / "herd_07.png").write_bytes(_PIXEL)
    rows = []
    for number in range(40):
        (folder / "images" / f"{number}.png").write_bytes(_PIXEL)
        rows.append(f"U{number},{number}.png,Befund {number},P{number // 2}")
    (folder / "bilder.csv").write_text("untersuchung,datei,befund,patient\n" + "\n".join(rows))


def _rules(folder: Path) -> None:
    items = """
    SELECT 'i' || i AS item_id, 'Claim ' || i AS claim, 'Evidence ' || i AS evidence,
        CASE WHEN i % 3 = 0 THEN 'no' ELSE 'yes' END AS gold, 'p' || (i // 2) AS pair_id FROM range(60) t(i)
    """
    for name in ("items", "test"):
        duckdb.sql(items).write_parquet(str(folder / f"{name}.parquet"))
    machine = """
    SELECT 'i' || i AS item_id, model, CASE WHEN (i + length(model)) % 4 = 0 THEN 'no' ELSE 'yes' END AS label,
        0.5 + (i % 5) / 10 AS confidence
    FROM range(60) t(i), (VALUES ('gpt-4o'), ('deepseek-v3')) m(model)
    """
    duckdb.sql(machine).write_parquet(str(folder / "machine.parquet"))


DATA = {"a1-review-topics": _topics, "b1-xray-report": _xray, "c2-rules-compared": _rules}


@pytest.mark.parametrize("name", DATA)
def test_a_recipe_checks_and_plans_as_it_stands(name: str, tmp_path: Path) -> None:
    path = RECIPES / f"{name}.act.yaml"
    if not path.is_file():
        pytest.skip("the recipes are not here; ACT_SPEC_TEST_RECIPES names their folder")
    shutil.copy(path, tmp_path)
    DATA[name](tmp_path)

    checked = documented.act_spec(["check", path.name], tmp_path)
    planned = documented.act_spec(["plan", path.name], tmp_path)

    assert "no problems" in checked.stdout
    assert "nothing is spent by looking" in planned.stdout
