"""A whole run whose recipe leaves the number of calls in flight to the client."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread

import pytest
from model_server import ModelServer
from walking import BACKOFF_S, plan_of, wait_for, walk_recipe, write_recipe

from act_spec.documents.ticks import Tick, tick_text
from act_spec.errors import RecipeError
from act_spec.llm.adapting import MOST
from act_spec.plan.compile import compile_plan, run_folder
from act_spec.recipe.load import load_recipe
from act_spec.run.session import open_session
from act_spec.run.walk import walk

TAKES = 10
ITEMS = 150


def walked(
    folder, concurrency: int | str, while_held: Callable[[ModelServer], bool]
) -> tuple[ModelServer, list[Tick]]:
    """A run against a server that takes ten calls at once and answers none until `while_held` is so."""
    ticks: list[Tick] = []
    folder.mkdir()
    with ModelServer(at_once=TAKES, latency_s=0.01) as server:
        recipe = write_recipe(folder, server.url, ITEMS, concurrency=concurrency)
        plan = plan_of(recipe)

        def run() -> None:
            with open_session(plan, run_folder(plan), ticks.append, backoff_s=BACKOFF_S) as opened:
                walk(plan, *opened)

        server.hold()
        running = Thread(target=run)
        running.start()
        wait_for(lambda: while_held(server))
        server.release()
        running.join()
    return server, ticks


def test_a_run_finds_out_how_many_calls_a_server_takes(tmp_path):
    """The server refuses it a few calls; a large number it refuses all but ten of at the very beginning."""
    fixed, _ = walked(tmp_path / "fixed", 100, lambda server: server.met["limited_bare"] >= 100 - TAKES)
    auto, ticks = walked(tmp_path / "auto", "auto", lambda server: server.in_flight > 0)

    assert [set(server.billed.values()) for server in (fixed, auto)] == [{1}, {1}]
    assert len(fixed.billed) == len(auto.billed) == 2 * ITEMS
    assert auto.met["limited_bare"] <= fixed.met["limited_bare"] / 2
    assert max(tick.at_most or 0 for tick in ticks) <= 6 * TAKES
    assert all(tick.at_most is not None for tick in ticks if tick.stage == "judge" and tick.done)
    assert f"at most {ticks[-1].at_most} in flight" in tick_text(ticks[-1])


def test_how_many_are_in_flight_changes_neither_a_stage_nor_a_call(tmp_path):
    with ModelServer() as server:
        recipe = write_recipe(tmp_path, server.url, 5)
        walk_recipe(recipe)
        before = compile_plan(load_recipe(recipe))
        recipe.write_text(recipe.read_text().replace("concurrency: 16", "concurrency: auto"))
        after = compile_plan(load_recipe(recipe))
        walk_recipe(recipe)

    assert server.attempts.total() == 10
    assert (before.annotate.key, before.judge.key) == (after.annotate.key, after.judge.key)
    model = after.judge.model
    assert (model.adaptive, model.concurrency) == (True, MOST)
    assert model.at_once < before.judge.model.at_once == 16


@pytest.mark.parametrize("written", ["automatic", "0", "1025", "1.5", "yes", "-3"])
def test_what_is_no_number_of_calls_is_named_where_it_stands(tmp_path, written):
    recipe = write_recipe(tmp_path, "http://localhost:1/v1", 1, concurrency=written)
    with pytest.raises(RecipeError) as refused:
        load_recipe(recipe)

    assert "annotator.concurrency: '" in str(refused.value)
    assert "is no number of calls. Write a whole number from 1 to 1024, or auto." in str(refused.value)
