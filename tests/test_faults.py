"""Whole walks against a provider that fails: what was paid for is kept, and nothing is paid twice."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from model_server import Body, ModelServer, example, schema_of
from walking import database, walk_recipe, write_data, write_recipe

from act_spec.engine.ledger import CapReached
from act_spec.engine.local import ProviderDown
from act_spec.store.database import Store
from act_spec.store.failures import failed_items


def statuses(recipe: Path, table: str) -> dict[str, int]:
    with Store.open(database(recipe), read_only=True) as store:
        found = store.rows(f"SELECT status, count(*) FROM {table} GROUP BY status")
    return dict(found)


def replies_kept(recipe: Path) -> int:
    with Store.open(database(recipe), read_only=True) as store:
        return int(store.one("SELECT count(*) FROM calls WHERE status = 'ok'")[0])


def spent(recipe: Path) -> float:
    with Store.open(database(recipe), read_only=True) as store:
        return float(store.one("SELECT sum(cost_usd) FROM calls")[0])


def walk_through_faults(folder: Path, items: int) -> tuple[Path, ModelServer]:
    with ModelServer({"limited": 0.10, "error": 0.05}, retry_after="0.01") as server:
        recipe = write_recipe(folder, server.url, items)
        walk_recipe(recipe)
    return recipe, server


def assert_all_ok_and_paid_once(recipe: Path, server: ModelServer, items: int) -> None:
    assert statuses(recipe, "annotations") == statuses(recipe, "judgments") == {"ok": items}
    assert len(server.billed) == 2 * items
    assert set(server.billed.values()) == {1}
    assert server.met["limited"] > 0.05 * items
    assert server.met["error"] > 0.02 * items


def test_a_run_comes_through_rate_limits_and_server_errors(tmp_path):
    recipe, server = walk_through_faults(tmp_path, 150)

    assert_all_ok_and_paid_once(recipe, server, 150)


@pytest.mark.long
@pytest.mark.promise("faults")
def test_a_thousand_items_come_through_rate_limits_and_server_errors(tmp_path, measured):
    recipe, server = walk_through_faults(tmp_path, 1000)

    faults = server.met["limited"] + server.met["error"]
    measured(f"{server.met.total():,} requests, {faults:,} of them met a fault; none billed twice")
    assert_all_ok_and_paid_once(recipe, server, 1000)


def test_the_same_command_again_calls_nothing(tmp_path):
    with ModelServer() as server:
        recipe = write_recipe(tmp_path, server.url, 10)
        walk_recipe(recipe)
        before = server.attempts.total()
        walk_recipe(recipe)

    assert before == server.attempts.total() == 20


def test_equal_texts_share_one_call(tmp_path):
    with ModelServer() as server:
        server.hold(together=2)
        recipe = write_recipe(tmp_path, server.url)
        write_data(tmp_path, ["same", "same", "other", "same"] * 5)
        walk_recipe(recipe)

    assert server.billed.total() == 2 * 2
    assert statuses(recipe, "annotations") == statuses(recipe, "judgments") == {"ok": 20}


def test_a_cap_is_never_passed_and_a_higher_one_finishes_the_run(tmp_path):
    """At 64 calls at once, half the cost is the most that the server can bill."""
    items = 100
    with ModelServer() as server:
        server.hold(together=33)
        recipe = write_recipe(tmp_path, server.url, items, concurrency=64, input_usd=0, max_tokens=20)

        def billed_usd() -> float:
            return 2 * server.completion_tokens / 1e6

        cap = 0.0019
        with pytest.raises(CapReached, match="Raise"):
            walk_recipe(recipe, spend_usd=cap)
        assert server.max_in_flight > 32
        assert 0.9 * cap < billed_usd() <= cap
        assert spent(recipe) == pytest.approx(billed_usd())
        assert replies_kept(recipe) == server.billed.total()

        walk_recipe(recipe, spend_usd=1.0)

    assert cap == pytest.approx(billed_usd() / 2, rel=0.1)
    assert set(server.billed.values()) == {1}
    assert statuses(recipe, "judgments") == {"ok": items}


@pytest.mark.promise("secrets")
def test_a_refused_key_stops_at_once_and_is_told_nowhere(tmp_path):
    """Whether it is told anywhere is looked at after every test; here the server repeats it."""
    with ModelServer(script=["key"] * 99) as server:
        recipe = write_recipe(tmp_path, server.url, 50)
        with pytest.raises(ProviderDown) as stopped:
            walk_recipe(recipe)

    assert stopped.value.exit_code == 3
    assert server.attempts.total() <= 16
    assert "API key" in str(stopped.value)


def test_a_provider_that_is_down_stops_the_run_which_then_resumes(tmp_path):
    with ModelServer({"error": 1.0}) as server:
        recipe = write_recipe(tmp_path, server.url, 60)
        with pytest.raises(ProviderDown, match="calls in a row"):
            walk_recipe(recipe)
        assert len(server.attempts) < 60
        server._faults.clear()
        walk_recipe(recipe)

    assert statuses(recipe, "annotations") == {"ok": 60}
    assert set(server.billed.values()) == {1}


@pytest.mark.parametrize(
    ("fault", "status"), [("truncated", "truncated"), ("refusal", "refused"), ("filtered", "refused")]
)
def test_a_reply_that_cannot_be_used_is_recorded_and_not_paid_again(tmp_path, fault, status):
    with ModelServer(script=[fault] * 99) as server:
        recipe = write_recipe(tmp_path, server.url, 4)
        report = walk_recipe(recipe)
        walk_recipe(recipe)

    assert report.failed == 4
    assert statuses(recipe, "annotations") == {status: 4}
    assert statuses(recipe, "judgments") == {}
    assert server.billed.total() == 4


def answers(*kinds: str) -> Callable[[Body], str]:
    """Replies to a conversation by how many replies it holds already: `good` or `bad`."""

    def answer(body: Body) -> str:
        asked = sum(message["role"] == "assistant" for message in body["messages"])
        if kinds[asked] == "bad":
            return json.dumps({"nothing": "of the kind"})
        return json.dumps(example(schema_of(body) or {}, random.Random(0)))

    return answer


def test_a_reply_that_misses_its_schema_is_asked_for_once_more_with_the_reason(tmp_path):
    with ModelServer(answer=answers("bad", "good")) as server:
        recipe = write_recipe(tmp_path, server.url, 3)
        walk_recipe(recipe)

    assert statuses(recipe, "annotations") == statuses(recipe, "judgments") == {"ok": 3}
    assert server.billed.total() == 2 * 2 * 3
    again = [body["messages"] for body in server.bodies if body["messages"][-2]["role"] == "assistant"]
    assert "not allowed" in again[0][-1]["content"]
    assert spent(recipe) == pytest.approx((server.prompt_tokens + 2 * server.completion_tokens) / 1e6)


def test_a_reply_that_misses_its_schema_twice_is_recorded_and_not_paid_again(tmp_path):
    with ModelServer(answer=answers("bad", "bad")) as server:
        recipe = write_recipe(tmp_path, server.url, 3)
        assert walk_recipe(recipe).failed == 3
        walk_recipe(recipe)

    assert statuses(recipe, "annotations") == {"invalid": 3}
    assert server.billed.total() == 2 * 3
    with Store.open(database(recipe), read_only=True) as store:
        told = failed_items(store, "annotate", 2, recorded=False)
    assert [one.status for one in told] == ["invalid"] * 2
    assert all("nothing" in one.reason for one in told)


def test_a_kill_before_the_second_question_does_not_pay_the_first_again(tmp_path):
    """The tables as such a kill leaves them: replies that cannot be used, and nothing after them."""
    with ModelServer(answer=answers("bad", "good")) as server:
        recipe = write_recipe(tmp_path, server.url, 3)
        walk_recipe(recipe)
        with Store.open(database(recipe)) as store:
            for table in ("calls", "history.annotations", "history.judgments"):
                store.run(f"DELETE FROM {table} WHERE status = 'ok'")
            store.run("UPDATE calls SET status = 'provider_error' WHERE stage = 'judge'")
        before = dict(server.billed)
        walk_recipe(recipe)

    again = {key: number - before.get(key, 0) for key, number in server.billed.items()}
    assert statuses(recipe, "annotations") == statuses(recipe, "judgments") == {"ok": 3}
    # Annotators: the second question alone. Judges, whose replies count as lost: both.
    assert sum(again.values()) == 3 + 2 * 3


def test_an_item_that_the_provider_failed_is_tried_again_by_the_next_run(tmp_path):
    """Ten attempts are this client's patience with a server's errors."""
    with ModelServer(script=["error"] * 10) as server:
        recipe = write_recipe(tmp_path, server.url, 3)
        first = walk_recipe(recipe)
        tried = statuses(recipe, "annotations")
        second = walk_recipe(recipe)

    assert first.failed == 3
    assert tried == {"provider_error": 3}
    assert second.failed == 3  # annotated now, but the judge's first ten attempts failed
    assert statuses(recipe, "annotations") == {"ok": 3}
    assert statuses(recipe, "judgments") == {"provider_error": 3}
