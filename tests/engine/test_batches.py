"""Requests by a provider's batches: nothing is paid for twice, whatever becomes of the batch or of us."""

from __future__ import annotations

import os
import random
import signal
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from batch_server import BatchServer
from walking import QUICK, database, plan_of, start_walk, wait_for, walk_recipe, write_recipe

from act_spec.documents.summary import status_text
from act_spec.engine.batch_terms import BatchTerms
from act_spec.engine.batches import WaitingForBatch
from act_spec.engine.ledger import CapReached
from act_spec.engine.snapshots import SnapshotChanged
from act_spec.errors import StoppedEarly
from act_spec.llm.model import Model
from act_spec.plan.compile import run_folder
from act_spec.plan.explain import explain
from act_spec.run.annotate import annotate
from act_spec.run.judge import judge
from act_spec.run.outcome import status_facts
from act_spec.run.session import open_session
from act_spec.run.walk import open_run
from act_spec.store.database import Store
from act_spec.store.pending import EVERY_ITEM, Scope

ITEMS = 30
BATCH = "  mode: batch\n"


def batch_recipe(folder: Path, server: BatchServer, items: int = ITEMS, **changed: Any) -> Path:
    return write_recipe(folder, server.url, items, **{"more": BATCH, "judge": "direct"} | changed)


def label(
    recipe: Path, scope: Scope = EVERY_ITEM, *, spend_usd: float | None = None, batches: BatchTerms = QUICK
) -> None:
    """The two stages of a walk that ask models."""
    plan = plan_of(recipe, spend_usd)
    with open_session(plan, run_folder(plan), lambda _: None, backoff_s=0.005, batches=batches) as (
        store,
        session,
        _,
    ):
        plan = open_run(plan, store)
        annotate(plan, store, session, scope)
        judge(plan, store, session, scope)


def without_judge(recipe: Path, strategy: str = "direct") -> Path:
    text = recipe.read_text().replace("strategy: direct", f"strategy: {strategy}", 1)
    recipe.write_text(text.replace("judge:\n", "x-judge:\n").replace("rule: sqrt", "rule: uniform"))
    return recipe


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


def test_a_stage_is_one_batch_at_the_price_of_batches(tmp_path):
    """Nothing is called beside it, and every reply is in `calls` at half its price."""
    with BatchServer(shuffled=True) as server:
        recipe = batch_recipe(tmp_path, server)
        recipe.write_text(
            recipe.read_text().replace("output_usd_per_million: 2}", "output_usd_per_million: 2, batch: 50%}")
        )
        label(recipe)

        assert_whole(recipe, server)
        assert (len(server.batches), server.attempts.total()) == (2, 0)
        [(cost,)] = rows(recipe, "SELECT sum(cost_usd) FROM calls")
        assert cost == pytest.approx((server.prompt_tokens + 2 * server.completion_tokens) / 1e6 / 2)


def test_a_process_killed_while_the_batch_is_out_leaves_it_to_the_next(tmp_path):
    with BatchServer(ready=False) as server:
        recipe = batch_recipe(tmp_path, server)
        process = start_walk(recipe)
        wait_for(lambda: server.asked["retrieve"] >= 1, process)
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
        label(recipe)

        assert_whole(recipe, server)
        assert server.asked["create"] == 2


def test_a_start_that_a_kill_left_unconfirmed_is_found_and_not_made_again(tmp_path):
    """The process ends between the provider's start and ours knowing of it."""
    with BatchServer(ready=False) as server:
        recipe = batch_recipe(tmp_path, server)
        with server.hanging_creates():
            process = start_walk(recipe)
            wait_for(lambda: server.asked["create"] >= 1, process)
            os.kill(process.pid or 0, signal.SIGKILL)
            process.join()
        server.let_go()
        assert rows(recipe, "SELECT state, batch_id FROM batches") == [("starting", None)]
        label(recipe)

        assert_whole(recipe, server)
        assert server.asked["create"] == 2


def test_where_no_list_is_shown_what_an_unconfirmed_batch_may_cost_is_booked(tmp_path):
    with BatchServer(drop_creates=1, listed=False) as server:
        recipe = batch_recipe(tmp_path, server)
        with pytest.raises(StoppedEarly, match="shows no list of batches"):
            label(recipe)
        label(recipe)

        assert rows(recipe, "SELECT state FROM batches ORDER BY prepared_at")[0] == ("lost",)
        [(possible, most)] = rows(
            recipe,
            "SELECT (SELECT sum(possible_usd) FROM calls), (SELECT first(most_usd ORDER BY prepared_at) FROM batches)",
        )
        assert possible == pytest.approx(most)


@pytest.mark.parametrize("fate", ["error", "lost", "malformed_line"])
def test_what_a_batch_did_not_answer_goes_by_calls(tmp_path, fate):
    with BatchServer(fates=lambda place: fate if place % 3 == 0 else "ok") as server:
        recipe = batch_recipe(tmp_path, server)
        label(recipe)

        assert_whole(recipe, server)
        assert server.attempts.total() == 2 * ITEMS // 3


def test_an_expired_batch_keeps_its_answers_and_leaves_the_rest_to_calls(tmp_path):
    with BatchServer(ends=["expired"]) as server:
        recipe = batch_recipe(tmp_path, server)
        label(recipe)

        assert_whole(recipe, server)
        assert server.attempts.total() == ITEMS // 2


def test_a_reply_that_cannot_be_used_is_asked_for_once_more_and_others_stand(tmp_path):
    """As with calls: `invalid` is asked again with the fault named, `truncated` and `refusal` are final."""
    fates = ["invalid", "truncated", "refusal"]
    with BatchServer(fates=lambda place: fates[place] if place < 3 else "ok") as server:
        recipe = without_judge(batch_recipe(tmp_path, server))
        label(recipe)

        found = dict(rows(recipe, "SELECT status, count(*) FROM annotations GROUP BY ALL"))
        assert found == {"ok": ITEMS - 2, "truncated": 1, "refused": 1}
        assert server.billed.total() == len(server.billed) == ITEMS + 1


def test_a_batch_that_is_not_taken_ends_the_run_and_the_next_start_sends_another(tmp_path):
    with BatchServer(ends=["failed:invalid_json_line"]) as server:
        recipe = batch_recipe(tmp_path, server)
        with pytest.raises(StoppedEarly, match="The batch cannot be processed"):
            label(recipe)
        label(recipe)

        assert_whole(recipe, server)


def test_requests_beyond_what_a_batch_holds_go_in_another_and_wait_while_there_is_no_room(tmp_path):
    """The second of three batches finds the queue full; its requests go out when the others are back."""
    with BatchServer(ends=["completed", "failed:token_limit_exceeded"]) as server:
        recipe = batch_recipe(tmp_path, server)
        label(recipe, batches=replace(QUICK, most_requests=12))

        assert_whole(recipe, server)
        sizes = [batch.lines for batch in server.batches.values()]
        assert sizes[:4] == [12, 12, 6, 12]


def test_a_batch_is_no_larger_than_the_cap_allows(tmp_path):
    """Its highest cost is set aside before it goes out; what it did not cost pays for the next."""
    with BatchServer() as server:
        recipe = without_judge(batch_recipe(tmp_path, server, items=60, max_tokens=1000))
        label(recipe, spend_usd=0.1)
        found = rows(recipe, "SELECT requests, most_usd FROM batches ORDER BY prepared_at")

        assert found[0][0] < 60
        assert sum(requests for requests, _ in found) + server.attempts.total() == 60
        assert all(most <= 0.1 for _, most in found)
        assert server.billed.total() == len(server.billed) == 60


def test_ctrl_c_leaves_the_batch_out_and_says_how_to_go_on(tmp_path):
    with BatchServer(ready=False) as server:
        recipe = batch_recipe(tmp_path, server)
        process = start_walk(recipe)
        wait_for(lambda: server.asked["retrieve"] >= 1, process)
        os.kill(process.pid or 0, signal.SIGINT)
        process.join(120)
        server.let_go()

        assert process.exitcode == 130
        said = (tmp_path / "said.txt").read_text()
        assert "Stopped while waiting for a batch" in said
        assert "Run the same command to collect it" in said
        label(recipe)
        assert_whole(recipe, server)


def test_who_does_not_wait_is_told_to_come_again(tmp_path):
    with BatchServer(ready=False) as server:
        recipe = batch_recipe(tmp_path, server)
        for _ in range(2):
            with pytest.raises(WaitingForBatch, match="waiting for a batch") as waiting:
                label(recipe, batches=replace(QUICK, waits=False))
        assert waiting.value.exit_code == 3
        assert server.asked["create"] == 1


def test_before_a_deadline_batches_are_called_back_and_the_rest_goes_by_calls(tmp_path):
    """What was answered by then is kept; nothing is asked twice. The hour comes when the batch has been looked at."""
    due = datetime.now(UTC) + timedelta(days=1)

    def clock() -> datetime:
        return due if server.asked["retrieve"] else datetime.now(UTC)

    more = f"  mode: batch\n  deadline: '{due:%Y-%m-%d %H:%M:%S}Z'\n  concurrency: 64\n"
    with BatchServer(ready=False) as server:
        recipe = batch_recipe(tmp_path, server, more=more)
        recipe.write_text(recipe.read_text().replace("  concurrency: 16\n", ""))
        label(recipe, batches=replace(QUICK, clock=clock))

        assert_whole(recipe, server)
        assert server.asked["cancel"] == 1
        assert server.by_batch.total() >= ITEMS // 2
        assert server.by_batch.total() + server.attempts.total() == 2 * ITEMS


def test_a_deadline_nearer_than_a_batch_can_be_called_back_sends_none(tmp_path):
    due = datetime.now(UTC) + timedelta(seconds=300)
    more = f"  mode: batch\n  deadline: '{due:%Y-%m-%d %H:%M:%S}Z'\n"
    with BatchServer() as server:
        recipe = without_judge(batch_recipe(tmp_path, server, more=more))
        label(recipe, batches=BatchTerms())

        assert (server.asked["create"], server.attempts.total()) == (0, ITEMS)


def test_a_past_deadline_sends_no_batch(tmp_path):
    with BatchServer() as server:
        recipe = batch_recipe(tmp_path, server, more="  mode: batch\n  deadline: '2026-01-01 09:00'\n")
        label(recipe)

        assert_whole(recipe, server)
        assert server.asked["create"] == 0


def test_each_step_of_a_strategy_is_a_batch(tmp_path):
    """`self_consistency` asks for several samples at once: one batch, and equal requests in it are told apart."""
    with BatchServer() as server:
        recipe = without_judge(batch_recipe(tmp_path, server, items=10), "{name: self_consistency, n: 3}")
        label(recipe)

        [batch] = server.batches.values()
        assert batch.lines == 30
        assert server.attempts.total() == 0


def test_a_first_look_does_not_wait_for_a_batch(tmp_path):
    with BatchServer(ready=False) as server:
        recipe = batch_recipe(tmp_path, server)
        label(recipe, Scope(first=3))

        assert (server.asked["create"], server.attempts.total()) == (0, 6)


def test_a_batch_of_another_snapshot_than_the_pinned_one_stays_with_the_provider(tmp_path):
    """Nothing of it is used while the pin stands, and nothing is paid again once it is taken out."""
    with BatchServer() as server:
        recipe = batch_recipe(tmp_path, server, more=f"{BATCH}  pin: exact\n")
        whole = recipe.read_text()
        label(without_judge(recipe))
        server.snapshot = "2027-01-01"
        recipe.write_text(whole)
        with pytest.raises(SnapshotChanged):
            label(recipe)
        assert rows(recipe, "SELECT count(*) FROM calls") == [(ITEMS,)]
        recipe.write_text(whole.replace("  pin: exact\n", ""))
        label(recipe)

        assert_whole(recipe, server)
        assert server.asked["create"] == 2


def test_a_batch_that_somebody_cancels_ends_the_run_and_keeps_what_had_come(tmp_path):
    with BatchServer(ends=["cancelled"]) as server:
        recipe = batch_recipe(tmp_path, server)
        with pytest.raises(StoppedEarly, match=f"{ITEMS // 2} of {ITEMS} replies had come"):
            label(recipe)
        label(recipe)

        assert_whole(recipe, server)
        assert server.attempts.total() == ITEMS // 2


def test_nothing_is_asked_beside_a_batch_that_holds_it(tmp_path):
    """A first look while the batch is out says so; without `mode: batch` it is called back first."""
    with BatchServer(ready=False) as server:
        recipe = without_judge(batch_recipe(tmp_path, server))
        for scope in (EVERY_ITEM, Scope(first=3)):
            with pytest.raises(WaitingForBatch):
                label(recipe, scope, batches=replace(QUICK, waits=False))
        assert server.attempts.total() == 0
        assert "requests out; act-spec run collects" in status_text(status_facts(database(recipe).parent))
        recipe.write_text(recipe.read_text().replace(BATCH, ""))
        label(recipe)

        assert server.asked["cancel"] == 1
        assert (server.by_batch.total(), server.attempts.total()) == (ITEMS // 2, ITEMS // 2)
        assert server.billed.total() == len(server.billed) == ITEMS


def test_calls_of_another_stage_leave_the_money_of_a_batch_alone(tmp_path):
    """The recipe is edited while its batch is out, which may cost nearly the whole cap."""
    with BatchServer(ready=False) as server:
        recipe = without_judge(batch_recipe(tmp_path, server))
        with pytest.raises(WaitingForBatch):
            label(recipe, batches=replace(QUICK, waits=False))
        [(most,)] = rows(recipe, "SELECT most_usd FROM batches")
        recipe.write_text(recipe.read_text().replace("Is it good?", "Is it any good?").replace(BATCH, ""))
        with pytest.raises(CapReached):
            label(recipe, spend_usd=most + 1e-6)

        assert server.attempts.total() == 0


@pytest.mark.long
@pytest.mark.promise("kills")
def test_twelve_kills_around_a_batch_pay_for_nothing_twice(tmp_path, measured):
    """While requests are gathered, sent, out and taken in; each start goes on where the last one was killed."""
    dice = random.Random(3)
    with BatchServer(latency_s=0.1) as server:
        recipe = batch_recipe(tmp_path, server, items=300)
        for _ in range(12):
            process = start_walk(recipe)
            process.join(dice.uniform(0.5, 6))
            if process.is_alive():
                os.kill(process.pid or 0, signal.SIGKILL)
            process.join()
        walk_recipe(recipe)

        again = server.billed.total() - len(server.billed)
        measured(f"12 kills of one run of {len(server.billed)} requests in batches; {again} paid again")
        assert_whole(recipe, server, 300)


@pytest.mark.parametrize("provider", ["hosted_vllm", "azure"])
def test_other_providers_with_this_interface_are_asked_the_same_way(tmp_path, provider):
    with BatchServer() as server:
        recipe = batch_recipe(tmp_path, server)
        address = server.url if provider == "hosted_vllm" else server.url.removesuffix("/v1")
        recipe.write_text(
            recipe.read_text()
            .replace("openai/", f"{provider}/")
            .replace(f"api_base: {server.url}", f"api_base: {address}")
        )
        label(recipe)

        assert_whole(recipe, server)
        assert server.attempts.total() == 0


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (
            "anthropic/claude-sonnet-4-5",
            "batches of anthropic are not supported here; those of azure, hosted_vllm, openai are.",
        ),
        ("local/tiny", "the built-in model answers at once and takes no batches."),
    ],
)
def test_where_a_provider_takes_no_batches_calls_are_made_and_the_plan_says_so(tmp_path, model, reason):
    recipe = write_recipe(tmp_path, "http://127.0.0.1:9/v1", 3, more=BATCH)
    recipe.write_text(recipe.read_text().replace("openai/tested", model, 1))
    plan = plan_of(recipe)

    assert not plan.annotate.by_batch
    assert plan.judge.by_batch
    assert f"mode: batch is not followed, and calls are made: {reason}" in explain(plan)


def test_the_plan_says_what_goes_by_batches_and_at_which_price(tmp_path):
    calls = plan_of(write_recipe(tmp_path, "http://127.0.0.1:9/v1", 3)).cost_usd
    recipe = write_recipe(tmp_path, "http://127.0.0.1:9/v1", 3, more=f"{BATCH}  deadline: 09:00\n")
    recipe.write_text(
        recipe.read_text().replace("output_usd_per_million: 2}", "output_usd_per_million: 2, batch: 50%}")
    )
    plan = plan_of(recipe)
    said = explain(plan)

    assert plan.cost_usd.likely == pytest.approx(calls.likely / 2)
    assert plan.cost_usd.high == pytest.approx(calls.high)
    assert "openai/tested direct.v1, batch" in said
    assert "Calls of the annotator and the judge go by batches" in said
    assert "What is not back in time for 09:00 goes by calls." in said
    assert "No lower price" not in said
    recipe.write_text(recipe.read_text().replace(", batch: 50%", ""))
    assert "No lower price for batches of openai/tested is known" in explain(plan_of(recipe))


def test_listed_prices_of_batches_are_used():
    """LiteLLM's table lists batches of gpt-4o-mini at half the price."""
    model = Model("openai/gpt-4o-mini", mode="batch")

    assert model.paid_by_batch.output_usd_per_token == pytest.approx(model.paid.output_usd_per_token / 2)
    assert Model("anthropic/no-such-model").paid_by_batch is None
