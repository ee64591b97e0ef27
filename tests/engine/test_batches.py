"""Requests by a provider's batches: nothing is paid for twice, whatever becomes of the batch or of us."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from batch_server import BatchServer
from walking import database, start_walk, walk_recipe, write_recipe

from act_spec.store.database import Store

ITEMS = 30
BATCH = "  mode: batch\n"


def batch_recipe(folder: Path, server: BatchServer, items: int = ITEMS, **changed: Any) -> Path:
    return write_recipe(folder, server.url, items, **{"more": BATCH, "judge": "direct"} | changed)


def rows(recipe: Path, sql: str) -> list[tuple[Any, ...]]:
    with Store.open(database(recipe), read_only=True) as store:
        return store.rows(sql)


def assert_whole(recipe: Path, server: BatchServer, items: int = ITEMS) -> None:
    """Every item has a label and a judgment, and no request was billed twice."""
    for table in ("annotations", "judgments"):
        assert rows(recipe, f"SELECT status, count(*) FROM {table} GROUP BY ALL") == [("ok", items)]
    assert server.billed.total() == len(server.billed)
    assert rows(recipe, "SELECT count(*) FROM batches WHERE state NOT IN ('answered', 'failed', 'lost')") == [
        (0,)
    ]


def wait_for(reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_stage_is_one_batch_at_the_price_of_batches(tmp_path):
    """Nothing is called beside it, and every reply is in `calls` at half its price."""
    with BatchServer(shuffled=True) as server:
        recipe = batch_recipe(tmp_path, server)
        recipe.write_text(
            recipe.read_text().replace("output_usd_per_million: 2}", "output_usd_per_million: 2, batch: 50%}")
        )
        walk_recipe(recipe)

        assert_whole(recipe, server)
        assert (len(server.batches), server.attempts.total()) == (2, 0)
        [(cost,)] = rows(recipe, "SELECT sum(cost_usd) FROM calls")
        assert cost == pytest.approx((server.prompt_tokens + 2 * server.completion_tokens) / 1e6 / 2)


def test_a_process_killed_while_the_batch_is_out_leaves_it_to_the_next(tmp_path):
    with BatchServer(ready=False) as server:
        recipe = batch_recipe(tmp_path, server)
        process = start_walk(recipe)
        wait_for(lambda: server.asked["retrieve"] >= 1)
        os.kill(process.pid or 0, signal.SIGKILL)
        process.join()
        server.let_go()
        walk_recipe(recipe)

        assert_whole(recipe, server)
        assert server.asked["create"] == 2
        assert server.by_batch.total() == 2 * ITEMS


def test_a_process_killed_before_it_knew_the_batch_finds_it_by_name(tmp_path):
    """The provider made the batch, and its answer never came."""
    with BatchServer(drop_creates=1) as server:
        recipe = batch_recipe(tmp_path, server)
        walk_recipe(recipe)

        assert_whole(recipe, server)
        assert server.asked["create"] == 2
