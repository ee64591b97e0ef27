"""A run that is interrupted at any instant goes on with the same command, and what is in the file is not paid again."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path

import pytest
from model_server import ModelServer
from walking import database, is_stopping, start_walk, wait_for, write_recipe

from act_spec.store.database import Store

CONCURRENCY = 16
INTERRUPTED = 130


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer(latency_s=0.02) as running:
        yield running


def stop_after(calls: int, with_signal: signal.Signals, recipe: Path, server: ModelServer) -> int | None:
    """Start the run, send the signal once it has made so many calls, and return its exit code."""
    before = server.attempts.total()
    # However late the signal is, the run has not ended by then.
    server.hold(before=calls)
    process = start_walk(recipe)
    wait_for(lambda: server.attempts.total() - before >= calls, process)
    if process.is_alive():
        os.kill(process.pid or 0, with_signal)
    server.release()
    process.join()
    return process.exitcode


def finish(recipe: Path) -> int | None:
    process = start_walk(recipe)
    process.join()
    return process.exitcode


def paid_again(server: ModelServer) -> int:
    return server.billed.total() - len(server.billed)


def assert_finished(recipe: Path, items: int) -> None:
    with Store.open(database(recipe), read_only=True) as store:
        for table in ("annotations", "judgments"):
            found = store.rows(f"SELECT status, count(*) FROM {table} GROUP BY status")
            assert found == [("ok", items)]
        assert store.one("SELECT count(*), count(DISTINCT call_key) FROM calls") == (2 * items, 2 * items)


def assert_only_in_flight(again: Sequence[int]) -> None:
    """What a kill has cost may be asked for again in any of the runs that follow."""
    for kills, paid in enumerate(accumulate(again)):
        assert paid <= kills * CONCURRENCY


def kill_again_and_again(
    folder: Path, server: ModelServer, *, items: int, kills: int, dice: random.Random
) -> tuple[list[int | None], list[int]]:
    """Exit codes, and calls paid again, of that many kills in the course of one run."""
    recipe = write_recipe(folder, server.url, items, concurrency=CONCURRENCY)
    codes: list[int | None] = []
    again: list[int] = []
    for number in range(kills):
        left = 2 * items - len(server.billed)
        share = dice.random() * 2 / (kills - number + 1)
        codes.append(stop_after(int(left * share), signal.SIGKILL, recipe, server))
        # The server bills what it still answers after the kill.
        while server.in_flight:
            time.sleep(0.005)
        again.append(paid_again(server) - sum(again))
    codes.append(finish(recipe))
    again.append(paid_again(server) - sum(again))
    assert_finished(recipe, items)
    return codes, again


def test_a_killed_run_is_finished_by_the_same_command(tmp_path, server):
    """What is paid again is what was on its way at a kill: at most the calls in flight."""
    codes, again = kill_again_and_again(tmp_path, server, items=40, kills=2, dice=random.Random(5))

    assert codes == [-signal.SIGKILL] * 2 + [0]
    assert_only_in_flight(again)


@pytest.mark.long
@pytest.mark.promise("kills")
def test_twenty_kills_at_random_instants_cost_only_the_calls_in_flight(tmp_path, server, measured):
    codes, again = kill_again_and_again(tmp_path, server, items=1000, kills=20, dice=random.Random(7))

    measured(
        f"20 kills of one run of 2,000 calls; {sum(again)} paid again, at most {CONCURRENCY} in flight at each"
    )
    assert codes == [-signal.SIGKILL] * 20 + [0]
    assert_only_in_flight(again)


def test_ctrl_c_keeps_what_is_in_flight(tmp_path, server):
    """After one Ctrl-C nothing at all is paid again."""
    recipe = write_recipe(tmp_path, server.url, 24, concurrency=CONCURRENCY)

    assert stop_after(20, signal.SIGINT, recipe, server) == INTERRUPTED
    assert server.in_flight == 0
    assert finish(recipe) == 0
    assert paid_again(server) == 0
    assert_finished(recipe, 24)


@pytest.mark.long
@pytest.mark.promise("faults")
def test_ctrl_c_at_twenty_random_instants_pays_nothing_again(tmp_path, server, measured):
    """Also while items are read, prompts rendered, figures computed and documents written."""
    dice = random.Random(11)
    recipe = write_recipe(tmp_path, server.url, 400, concurrency=CONCURRENCY)
    codes = []
    said = tmp_path / "said.txt"
    for number in range(20):
        process = start_walk(recipe)
        wait_for(lambda begun=number: said.exists() and said.read_text().count("$ ") > begun, process)
        time.sleep(dice.uniform(0, 3.0))
        if process.is_alive():
            os.kill(process.pid or 0, signal.SIGINT)
        process.join()
        codes.append(process.exitcode)

    assert finish(recipe) == 0
    measured(f"Ctrl-C 20 times in a run of {len(server.billed)} calls; {paid_again(server)} paid again")
    assert paid_again(server) == 0
    assert_finished(recipe, 400)
    assert "Traceback" not in said.read_text()
    assert set(codes) <= {INTERRUPTED, 0}


def test_the_second_ctrl_c_stops_at_once(tmp_path):
    """The first waits for replies that are paid for; a server that never answers would hold it up."""
    with ModelServer(script=["hang"] * 99) as server:
        recipe = write_recipe(tmp_path, server.url, 5, concurrency=CONCURRENCY)
        process = start_walk(recipe)
        wait_for(lambda: server.in_flight == 5, process)
        os.kill(process.pid or 0, signal.SIGINT)
        wait_for(lambda: is_stopping(recipe), process)
        assert process.is_alive()
        os.kill(process.pid or 0, signal.SIGINT)
        process.join(120)

    assert process.exitcode == INTERRUPTED
    assert "Stopped at once" in (tmp_path / "said.txt").read_text()
    with Store.open(database(recipe), read_only=True) as store:
        dropped = store.rows("SELECT status, cost_usd, possible_usd > 0 FROM calls")
    assert dropped == [("provider_error", None, True)] * 5


def test_ctrl_c_does_not_wait_for_a_provider_that_asks_for_patience(tmp_path):
    """Every place is taken by a call that waits to be sent again; the run ends all the same."""
    with ModelServer(script=["limited"] * 99, retry_after="600") as server:
        recipe = write_recipe(tmp_path, server.url, 20, concurrency=2)
        process = start_walk(recipe)
        wait_for(lambda: server.met["limited"] >= 2, process)
        os.kill(process.pid or 0, signal.SIGINT)
        process.join(120)

    assert process.exitcode == INTERRUPTED
