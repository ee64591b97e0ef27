"""A run in shards, merged, is the run that one command would have made."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from model_server import ModelServer
from walking import BACKOFF_S, QUICK, plan_of, walk_recipe, write_data, write_recipe

from act_spec.errors import ActSpecError, StoreError
from act_spec.plan.compile import run_folder
from act_spec.plan.shard import Shard, with_shard
from act_spec.run.session import open_session
from act_spec.run.sharding import merge, walk_shard
from act_spec.store.database import Store

ITEMS = 40
RESULTS = {
    "labels": "FROM labels ORDER BY item_id",
    "draw": "FROM allocations ORDER BY item_id",
    "metrics": "FROM metrics",
    "walk": "SELECT position, item_id, content FROM history.items ORDER BY position",
    "calls": "SELECT call_key, response, cost_usd FROM calls ORDER BY call_key",
}


def walk_part(recipe: Path, shard: Shard) -> Path:
    """What `act-spec run --shard` does; returns the shard's folder."""
    plan = with_shard(plan_of(recipe), shard)
    opened = open_session(plan, run_folder(plan), lambda _: None, backoff_s=BACKOFF_S, batches=QUICK)
    with opened as (store, session, _):
        walk_shard(plan, store, session)
    return run_folder(plan)


def results(recipe: Path) -> dict[str, Any]:
    """What a run came to, table by table."""
    with Store.open(run_folder(plan_of(recipe)) / "run.duckdb", read_only=True) as store:
        return {name: store.rows(query) for name, query in RESULTS.items()}


def in_shards_and_whole(recipe: Path, number: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Results of a run in so many shards, taken in the other order, and of one without any."""
    shards = [walk_part(recipe, Shard(one, number)) for one in range(1, number + 1)]
    merge(shards[::-1], None)
    walk_recipe(recipe)
    merged = results(recipe)
    shutil.rmtree(run_folder(plan_of(recipe)))
    walk_recipe(recipe)
    return merged, results(recipe)


@pytest.mark.parametrize("judge", ["direct", "direct\n  on: 30%"], ids=["every item", "the least sure"])
def test_shards_come_to_what_one_run_does(tmp_path, judge):
    """Equal texts are asked about once, in shards too: they fall into the same one."""
    write_data(tmp_path, [f"text number {number // 2}" for number in range(ITEMS)])
    with ModelServer() as server:
        recipe = write_recipe(tmp_path, server.url, judge=judge)
        sure = recipe.read_text().replace(
            "strategy: direct\njudge:", "strategy: {name: direct, confidence: true}\njudge:"
        )
        recipe.write_text(sure)
        merged, whole = in_shards_and_whole(recipe, 3)

    assert merged == whole
    assert len(whole["draw"]) == len(whole["walk"]) == ITEMS


def test_a_merge_goes_on_where_a_shard_has_stopped(tmp_path):
    recipe = _recorded(tmp_path)
    first, second = (walk_part(recipe, Shard(number, 2)) for number in (1, 2))
    with Store.open(second / "run.duckdb") as store:
        store.run("DELETE FROM history.annotations WHERE item_id IN (SELECT max(item_id) FROM items)")

    facts = merge([first, second], None)
    walk_recipe(recipe)

    assert facts.annotated == {"ok": ITEMS - 1}
    with Store.open(run_folder(plan_of(recipe)) / "run.duckdb", read_only=True) as store:
        assert store.one("SELECT count(label), count(*) FROM labels") == (ITEMS, ITEMS)


def test_what_is_no_whole_run_is_refused_in_one_sentence_and_leaves_nothing(tmp_path):
    recipe = _recorded(tmp_path)
    one, two, three = (walk_part(recipe, Shard(number, 3)) for number in (1, 2, 3))
    other = walk_part(recipe, Shard(1, 2))
    copy = tmp_path / "copy"
    shutil.copytree(two, copy)
    recipe.write_text(recipe.read_text().replace("Good?", "Is it good?"))
    edited = walk_part(recipe, Shard(3, 3))
    out = tmp_path / "out"

    for folders, said in (
        ([one, two], "not all 3 shards are here; missing: 3/3"),
        ([one, two, copy, three], "shard 2/3 is given twice"),
        ([one, two, edited], "Shards of one run have the same recipe and data"),
        ([one, two, other], "one of 2 shards"),
        ([one, tmp_path], "there is no run in this folder"),
    ):
        with pytest.raises(StoreError, match=said):
            merge(folders, out)
    assert not (out / "run.duckdb").exists()


def test_an_item_in_two_shards_is_refused(tmp_path):
    recipe = _recorded(tmp_path)
    one, two = (walk_part(recipe, Shard(number, 2)) for number in (1, 2))
    with Store.open(two / "run.duckdb") as store, Store.open(one / "run.duckdb") as first:
        item = first.one("SELECT min(item_id) FROM items")[0]
        store.run(
            "UPDATE history.items SET item_id = ? WHERE position = (SELECT min(position) FROM history.items)",
            [item],
        )

    with pytest.raises(StoreError, match=f"item '{item}' is in another shard, too"):
        merge([one, two], None)
    assert list((tmp_path / "runs" / "walked").iterdir()) == []


def test_a_shard_never_draws_and_is_not_taken_for_the_whole(tmp_path):
    recipe = _recorded(tmp_path)
    shard = walk_part(recipe, Shard(1, 2))
    plan = plan_of(recipe)

    with Store.open(shard / "run.duckdb") as store:
        assert store.one("SELECT count(*) FROM history.allocations") == (0,)
    with (
        pytest.raises(StoreError, match="this is shard 1/2 of a run"),
        open_session(plan, shard, lambda _: None) as (store, session, _),
    ):
        walk_shard(plan, store, session)


def test_each_shard_has_its_share_of_the_cap(tmp_path):
    recipe = _recorded(tmp_path)

    assert with_shard(plan_of(recipe, 10.0), Shard(2, 4)).spending.spend_usd == 2.5


@pytest.mark.parametrize("written", ["0/2", "3/2", "2", "a/b", "1/0", "1/10001", "-1/2", "1/2/3"])
def test_what_names_no_shard_is_refused(written):
    with pytest.raises(ValueError, match="names no shard"):
        Shard.parse(written)


def test_rounds_have_no_shards():
    recipe = Path(__file__).parents[2] / "recipes" / "systems" / "imfl.act.yaml"

    with pytest.raises(ActSpecError, match="there are no shards of them"):
        with_shard(plan_of(recipe), Shard(1, 2))


def _recorded(folder: Path) -> Path:
    """A recipe whose annotator is a column."""
    write_data(folder, [f"text number {number}" for number in range(ITEMS)])
    recipe = folder / "walked.act.yaml"
    recipe.write_text(
        "act: 1\nname: walked\n"
        "task: {kind: classification, question: Good?, labels: [good, bad]}\n"
        "data: {source: data.csv, id: id, show: [text], gold: gold}\n"
        "annotator: {column: gold}\n"
        "budget: {reviews: 10%, rule: uniform}\n"
        "review: {simulate: gold}\n"
    )
    return recipe
