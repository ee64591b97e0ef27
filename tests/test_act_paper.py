"""Each recipe for a data set of the paper walks on small stand-ins with the same columns, made here."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import documented
import duckdb
import numpy as np
import pytest

from act_spec.plan.compile import compile_plan
from act_spec.recipe.advice import advise
from act_spec.recipe.load import load_recipe
from act_spec.run.session import open_session
from act_spec.run.walk import walk
from act_spec.starter.begin import begin
from act_spec.starter.gallery import known_recipes

FOLDER = documented.ROOT / "recipes" / "act-paper"
NAMES = sorted(path.name.removesuffix(".act.yaml") for path in FOLDER.glob("*.act.yaml"))
CARS = ("Acura RL Sedan 2012", "BMW X3 SUV 2012", "Fiat 500 Abarth 2012")
ITEMS = 16


def picture(number: int, size: int) -> bytes:
    """A PNG of noise that is the same every time."""
    image = pytest.importorskip("PIL.Image", reason="pictures want act_spec[media]")
    noise = np.random.default_rng(number).integers(0, 255, size=(size, size, 3), dtype=np.uint8)
    out = io.BytesIO()
    image.fromarray(noise).save(out, "PNG")
    return out.getvalue()


def rows(name: str) -> dict[str, list[Any]]:
    """Columns of a data set's stand-in, as its page describes them."""
    numbers = range(ITEMS)
    if name in ("emotion", "irony"):
        classes = 4 if name == "emotion" else 2
        return {"text": [f"@user tweet number {n}" for n in numbers], "label": [n % classes for n in numbers]}
    column = "img" if name == "cifar10" else "image"
    images = [{"bytes": picture(n, 32), "path": None} for n in numbers]
    if name == "vqa-rad":
        asked = [f"Is the heart enlarged in image {n}?" for n in numbers]
        return {
            column: images,
            "question": asked,
            "answer": ["yes" if n % 2 else "the left lung" for n in numbers],
        }
    if name == "stanford-cars":
        return {column: images, "label": [n % len(CARS) for n in numbers]}
    return {column: images, "label": [n % 10 for n in numbers]}


def write_parquet(path: Path, columns: dict[str, list[Any]]) -> None:
    kinds = {"img": "STRUCT(bytes BLOB, path VARCHAR)", "image": "STRUCT(bytes BLOB, path VARCHAR)"}
    path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as made:
        typed = {
            column: kinds.get(column, "BIGINT" if isinstance(values[0], int) else "VARCHAR")
            for column, values in columns.items()
        }
        made.execute(f"CREATE TABLE t ({', '.join(f'{column} {kind}' for column, kind in typed.items())})")
        made.executemany(
            f"INSERT INTO t VALUES ({', '.join('?' * len(typed))})", list(zip(*columns.values(), strict=True))
        )
        made.execute(f"COPY t TO '{path}' (FORMAT parquet)")


def name_the_cars(recipe: Path) -> None:
    """What the recipe's first lines tell the reader to do, with the query that stands there."""
    listed = "".join(f"{car},\n" for car in CARS)
    (recipe.parent / "stanford-cars" / "labels.csv").write_text(
        f"name,definition\n{listed}", encoding="utf-8"
    )
    head = recipe.read_text(encoding="utf-8").replace("\n#", "\n")
    [query] = re.findall(r"COPY \(.*?\) TO '[^']*'", head, re.DOTALL)
    duckdb.execute(query.replace("'stanford-cars/", f"'{recipe.parent}/stanford-cars/"))


def test_every_data_set_of_the_paper_has_a_recipe() -> None:
    assert NAMES == ["cifar10", "emotion", "fashion-mnist", "irony", "stanford-cars", "vqa-rad"]
    assert {f"act-paper/{name}" for name in NAMES} <= {one.name for one in known_recipes()}


@pytest.mark.parametrize("name", NAMES)
def test_it_says_where_its_data_are_and_which_columns(name: str) -> None:
    head = (FOLDER / f"{name}.act.yaml").read_text(encoding="utf-8").partition("\nact: 1")[0]

    assert "huggingface.co/datasets/" in head
    assert all(re.search(rf"^#\s+{column}\s", head, re.MULTILINE) for column in rows(name))


@pytest.mark.parametrize("name", NAMES)
def test_it_walks_on_a_stand_in_with_the_same_columns(name: str, tmp_path: Path) -> None:
    recipe = begin(tmp_path / name, gallery=f"act-paper/{name}").recipe
    write_parquet(recipe.parent / name / "train.parquet", rows(name))
    if name == "stanford-cars":
        name_the_cars(recipe)
    loaded = load_recipe(recipe)
    assert [str(one) for one in advise(loaded)] == []
    assert compile_plan(loaded).data.items == ITEMS

    text = recipe.read_text(encoding="utf-8")
    tiny = re.sub(r"model: [\w./-]+", "model: local/tiny", text)
    recipe.write_text(re.sub(r"reviews: [\d.]+%", "reviews: 50%", tiny), encoding="utf-8")
    plan = compile_plan(load_recipe(recipe))
    with open_session(plan, tmp_path / "run", lambda _: None) as (store, session, folder):
        report = walk(plan, store, session, folder)

        assert report.waiting == 0
        assert store.one("SELECT count(*) FROM labels WHERE source = 'human'") == (8,)
        assert store.one(
            "SELECT count(*) FROM metrics WHERE name = 'machine_accuracy' AND value IS NOT NULL"
        ) == (1,)
