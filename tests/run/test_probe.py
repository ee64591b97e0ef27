"""A probe tells how fast calls go, and its answers are the run's first."""

from __future__ import annotations

import json

import pytest
from model_server import ModelServer
from walking import BACKOFF_S, plan_of, walk_recipe, write_recipe

from act_spec.cli import main
from act_spec.documents.probed import probed_text
from act_spec.plan.compile import run_folder
from act_spec.run.probe import probe, probe_size
from act_spec.run.session import open_session


def test_a_probe_measures_the_pace_and_pays_for_nothing_that_the_run_does_not_need(tmp_path):
    """Four calls at once of 20 ms each are at most 200 a second; 16 of 40 items are tried."""
    with ModelServer(latency_s=0.02) as server:
        recipe = write_recipe(tmp_path, server.url, 40, concurrency=4)
        plan = plan_of(recipe)
        with open_session(plan, run_folder(plan), lambda _: None) as (store, session, _):
            annotate, judge = probe(plan, store, session)
        assert probe_size(plan) == 16
        assert (annotate.calls, annotate.left, judge.calls, judge.left) == (16, 24, 16, 24)
        assert 0 < annotate.per_s <= 200 * 1.05
        assert annotate.latency_s >= 0.02
        assert annotate.left_s == pytest.approx(24 / annotate.per_s)
        assert "24 calls to go: about" in probed_text([annotate, judge])
        walk_recipe(recipe)

    assert server.billed.total() == len(server.billed) == 80


def test_a_probe_tells_how_many_calls_at_once_were_found_to_be_worth_it(tmp_path):
    """A server that refuses the eleventh call: about ten were in flight, of the 256 that are tried at most."""
    with ModelServer(latency_s=0.02, at_once=10) as server:
        plan = plan_of(write_recipe(tmp_path, server.url, 60, concurrency="auto"))
        assert probe_size(plan) == 60
        with open_session(plan, run_folder(plan), lambda _: None, backoff_s=BACKOFF_S) as (store, session, _):
            annotate, judge = probe(plan, store, session)

    assert annotate.adaptive
    assert 1 <= judge.in_flight <= 20
    assert f"with about {judge.in_flight} in flight" in probed_text([judge])


def test_what_is_done_already_is_not_asked_for_a_probe(tmp_path):
    with ModelServer() as server:
        recipe = write_recipe(tmp_path, server.url, 10)
        walk_recipe(recipe)
        plan = plan_of(recipe)
        with open_session(plan, run_folder(plan), lambda _: None) as (store, session, _):
            found = probe(plan, store, session)

    assert [one.calls for one in found] == [0, 0]
    assert "its first items are done" in probed_text(found)
    assert server.billed.total() == len(server.billed)


def test_the_command_wants_leave_to_spend_and_then_says_the_pace(tmp_path, capsys, monkeypatch):
    with ModelServer() as server:
        recipe = write_recipe(tmp_path, server.url, 40, concurrency=4)
        monkeypatch.setattr("sys.argv", ["act-spec", "plan", str(recipe), "--probe", "--json"])
        with pytest.raises(SystemExit) as refused:
            main()
        assert refused.value.code == 2
        assert not server.attempts
        monkeypatch.setattr("sys.argv", ["act-spec", "plan", str(recipe), "--probe", "--json", "--yes"])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()

    assert ended.value.code == 0
    said = json.loads(capsys.readouterr().out)
    assert [(one["stage"], one["calls"]) for one in said["probe"]] == [("annotate", 16), ("judge", 16)]
