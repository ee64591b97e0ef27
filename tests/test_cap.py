"""The spend cap, held against whatever a server does: what it has billed by its own count never passes it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from model_server import ModelServer
from walking import database, walk_recipe, write_recipe

from act_spec.engine.ledger import CapReached
from act_spec.errors import StoppedEarly
from act_spec.store.database import Store

INPUT_USD, OUTPUT_USD = 1, 2
MAX_TOKENS = 40
FAULTS = [
    "limited",
    "error",
    "gateway",
    "malformed",
    "drop_before",
    "drop_after",
    "invalid",
    "no_usage",
    "truncated",
]

servers = st.fixed_dictionaries(
    {
        "faults": st.dictionaries(st.sampled_from(FAULTS), st.floats(0.02, 0.15), max_size=5),
        "seed": st.integers(0, 2**16),
        "latency_s": st.sampled_from([0.0, 0.01, 0.05]),
    }
)


def hold_the_cap(server: dict[str, Any], concurrency: int, cap_usd: float, items: int) -> tuple[int, bool]:
    """Walk twice under one cap, the second time over what the first left; requests, and whether it was reached."""
    reached = False
    with (
        TemporaryDirectory() as folder,
        ModelServer(server["faults"], seed=server["seed"], latency_s=server["latency_s"], retry_after="0.01", erratic=True)
        as running,
    ):  # fmt: skip
        recipe = write_recipe(
            Path(folder),
            running.url,
            items,
            concurrency=concurrency,
            max_tokens=MAX_TOKENS,
            input_usd=INPUT_USD,
        )
        for _ in range(2):
            try:
                walk_recipe(recipe, spend_usd=cap_usd)
            except StoppedEarly:
                reached = True
            billed = (INPUT_USD * running.prompt_tokens + OUTPUT_USD * running.completion_tokens) / 1e6
            assert billed <= cap_usd
    return running.attempts.total(), reached


CASES = (servers, st.sampled_from([1, 4, 32]), st.floats(0.002, 0.05))


@settings(max_examples=4)
@given(*CASES)
def test_no_server_can_bill_more_than_the_cap(server, concurrency, cap_usd):
    """Retries, second questions, replies that are lost or not counted, and a resumed run among them."""
    hold_the_cap(server, concurrency, cap_usd, items=12)


def test_what_a_call_may_have_cost_before_the_cap_ended_it_counts_when_the_run_goes_on(tmp_path):
    """A first attempt is billed and its reply lost; there is no money for a second one, in this run or the next."""
    with ModelServer(script=["drop_after"]) as server:
        recipe = write_recipe(tmp_path, server.url, 3, concurrency=1, max_tokens=1000, input_usd=0)
        for _ in range(2):
            with pytest.raises(CapReached):
                walk_recipe(recipe, spend_usd=0.003)
            assert server.attempts.total() == 1
            with Store.open(database(recipe), read_only=True) as store:
                booked = store.rows("SELECT status, attempts, cost_usd, possible_usd FROM calls")
            assert booked == [("provider_error", 1, None, pytest.approx(0.002))]

        assert not walk_recipe(recipe, spend_usd=1).failed
        assert server.attempts.total() == 12


@pytest.mark.long
@pytest.mark.promise("cap")
def test_no_server_of_hundreds_can_bill_more_than_the_cap(measured: Callable[[str], None]):
    ended: list[tuple[int, bool]] = []

    @settings(max_examples=200)
    @given(*CASES)
    def walk(server, concurrency, cap_usd):
        ended.append(hold_the_cap(server, concurrency, cap_usd, items=30))

    walk()
    stopped = sum(reached for _, reached in ended)
    measured(
        f"{len(ended)} servers, {sum(requests for requests, _ in ended):,} requests; "
        f"{stopped} runs were stopped early, none was billed more than its cap"
    )
    assert stopped > 20
