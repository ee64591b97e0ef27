"""Runs whose calls go out from worker processes: results as without them, and nothing committed is paid twice."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from model_server import ModelServer
from walking import (
    database,
    is_stopping,
    quick_workers,
    start_walk_with_workers,
    wait_for,
    walk_recipe,
    write_recipe,
)

from act_spec.cli import main
from act_spec.engine.ledger import CapReached
from act_spec.store.database import Store

ITEMS = 60
INTERRUPTED = 130
_RESULTS = (
    "SELECT item_id, label, status FROM annotations ORDER BY ALL",
    "SELECT item_id, error_probability, status FROM judgments ORDER BY ALL",
    "SELECT item_id, inclusion_probability, selected FROM allocations ORDER BY ALL",
    "SELECT item_id, label, source FROM labels ORDER BY ALL",
)


def results(recipe: Path) -> list[list[tuple[Any, ...]]]:
    with Store.open(database(recipe), read_only=True) as store:
        return [store.rows(query) for query in _RESULTS]


def one(recipe: Path, query: str) -> tuple[Any, ...]:
    with Store.open(database(recipe), read_only=True) as store:
        return store.one(query)


def children() -> set[int]:
    """Processes that this one has started and that are there."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = stat.read_text().rpartition(")")[2].split()[:2]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if state != "Z" and int(parent) == os.getpid():
            found.add(int(stat.parent.name))
    return found


def test_a_run_that_loses_a_worker_half_way_is_as_one_without_workers(tmp_path):
    """First to its cap, then to the end with one worker killed; the same items walked here are the yardstick."""
    before = children()
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()

    def kill(pool) -> None:
        wait_for(lambda: server.held == 8)
        busiest = max(pool._seats, key=lambda seat: len(seat.in_flight))
        os.kill(busiest.line.pid, signal.SIGKILL)
        server.release()

    with ModelServer() as server:
        recipe = write_recipe(there, server.url, ITEMS, concurrency=8, input_usd=0, max_tokens=20)
        cap = 0.0004
        with pytest.raises(CapReached):
            walk_recipe(recipe, spend_usd=cap, pool=quick_workers())
        assert 0.5 * cap < 2 * server.completion_tokens / 1e6 <= cap
        assert server.max_in_flight <= 8
        pool = quick_workers()
        server.hold(before=ITEMS // 2)
        killing = threading.Thread(target=kill, args=(pool,))
        killing.start()
        walk_recipe(recipe, pool=pool)
        killing.join()
        again = one(recipe, "SELECT count(*), sum(possible_usd) > 0 FROM calls WHERE attempts > 1")
        twice = sum(times > 1 for times in server.billed.values())

        yardstick = write_recipe(here, server.url, ITEMS, concurrency=8, input_usd=0, max_tokens=20)
        walk_recipe(yardstick)

    assert results(recipe) == results(yardstick)
    assert one(recipe, "SELECT count(*), count(DISTINCT call_key) FROM calls") == (2 * ITEMS, 2 * ITEMS)
    # Only what the killed worker had in flight was asked again.
    assert 0 < again[0] <= 8
    assert again[1]
    assert twice <= again[0]
    assert children() == before


def test_ctrl_c_keeps_what_workers_have_in_flight_and_leaves_no_process(tmp_path):
    with ModelServer(latency_s=0.05) as server:
        recipe = write_recipe(tmp_path, server.url, 40, concurrency=8)
        server.hold(before=20)
        process = start_walk_with_workers(recipe)
        wait_for(lambda: server.attempts.total() >= 20, process)
        os.kill(process.pid or 0, signal.SIGINT)
        server.release()
        process.join(120)
        assert process.exitcode == INTERRUPTED
        assert server.in_flight == 0
        kept = one(recipe, "SELECT count(*) FROM calls WHERE status = 'ok'")[0]
        assert kept == server.billed.total() < 80


def test_the_second_ctrl_c_does_not_wait_for_workers(tmp_path):
    with ModelServer(script=["hang"] * 99) as server:
        recipe = write_recipe(tmp_path, server.url, 5)
        process = start_walk_with_workers(recipe)
        wait_for(lambda: server.in_flight == 5, process)
        os.kill(process.pid or 0, signal.SIGINT)
        wait_for(lambda: is_stopping(recipe), process)
        assert process.is_alive()
        os.kill(process.pid or 0, signal.SIGINT)
        process.join(120)

    assert process.exitcode == INTERRUPTED


def test_the_built_in_model_answers_in_workers(tmp_path, monkeypatch, capsys):
    """With the program's own workers; plan, run and lock say how many there are, and a replay knows."""
    monkeypatch.chdir(tmp_path)
    recipe = write_recipe(tmp_path, "http://nowhere", 12)
    text = recipe.read_text().replace("openai/tested\n  api_base: http://nowhere", "local/tiny")
    recipe.write_text(text)

    def said(*words: str) -> tuple[str, str]:
        monkeypatch.setattr(sys, "argv", ["act-spec", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 0
        read = capsys.readouterr()
        return read.out, read.err

    plan, following = said("plan", "--workers", "2")
    assert "Calls go out from 2 worker processes" in plan
    assert "run walked.act.yaml --workers 2" in following
    assert "Calls go out from 2 worker processes." in said("run", "--workers", "2", "--yes")[1]
    assert json.loads(Path("runs/walked/act.lock").read_text())["workers"] == {"engine": "local", "count": 2}
    with_workers = results(recipe)
    assert "equal" in said("replay", "runs/walked")[0]
    said("run", "--yes", "--run", "alone")
    with Store.open(tmp_path / "alone" / "run.duckdb", read_only=True) as store:
        assert [store.rows(query) for query in _RESULTS] == with_workers
