"""Calls over LiteLLM against a server that fails; every test here needs its import, once a process."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from model_server import ModelServer

from act_spec.llm.adapting import START
from act_spec.llm.client import CallFailed, Client, Completion, messages_for
from act_spec.llm.model import Model
from act_spec.llm.prices import Price
from act_spec.llm.replies import read_reply
from act_spec.records import Message

SCHEMA = {
    "type": "object",
    "properties": {"label": {"enum": ["a", "b"]}},
    "required": ["label"],
    "additionalProperties": False,
}
PRICE = Price(1e-6, 2e-6)
CANARY = "canary-value-that-looks-like-no-key"


class SpentError(Exception):
    """The ledger's money is gone."""


@dataclass
class Ledger:
    """Sets aside under a cap, waits for what comes back, and notes what became of every reservation."""

    cap_usd: float = float("inf")
    spent_usd: float = 0.0
    reserved_usd: float = 0.0
    in_flight: int = 0
    notes: list[str] = field(default_factory=list)

    async def reserve(self, usd: float | None) -> float:
        most = usd or 0.0
        while self.spent_usd + self.reserved_usd + most > self.cap_usd:
            if not self.in_flight:
                raise SpentError
            await asyncio.sleep(0.001)
        self.reserved_usd += most
        self.in_flight += 1
        return most

    def settle(self, reservation: float, usd: float | None) -> None:
        self._end(reservation, usd or 0.0, "unknown" if usd is None else "settle")

    def release(self, reservation: float) -> None:
        self._end(reservation, 0.0, "release")

    def keep(self, reservation: float) -> None:
        self._end(reservation, reservation, "keep")

    def _end(self, reservation: float, spent: float, note: str) -> None:
        self.reserved_usd -= reservation
        self.in_flight -= 1
        self.spent_usd += spent
        self.notes.append(note)


def conversation(text: str = "Which?") -> Sequence[Message]:
    return ({"role": "system", "content": "Label."}, {"role": "user", "content": text})


async def until(so: Callable[[], bool]) -> None:
    """Return when it is so, after however many seconds a busy machine takes for it."""
    async with asyncio.timeout(120):
        while not so():  # noqa: ASYNC110 - what is waited for is in the server's thread
            await asyncio.sleep(0.005)


def call(
    model: Model, ledger: Ledger | None = None, *, cancel: Callable[[], bool] | None = None, **wanted
) -> Completion:
    """One call in an event loop of its own, connections closed after it; cancelled once `cancel` is so."""

    async def made() -> Completion:
        client = Client(ledger=ledger or Ledger(), backoff_s=0.01)
        messages = messages_for(model, conversation(), SCHEMA)
        calling = asyncio.create_task(client.complete(model, messages, SCHEMA, **wanted))
        try:
            if cancel is not None:
                await until(cancel)
                calling.cancel()
            return await calling
        finally:
            await client.close()

    return asyncio.run(made())


def model_at(server: ModelServer, **settings: Any) -> Model:
    given: dict[str, Any] = {"price": PRICE, "timeout_s": 30} | settings
    return Model("openai/some-model", api_base=server.url, **given)


@pytest.fixture(scope="module", autouse=True)
def _imported():
    """Wait for LiteLLM before anything is timed."""
    with ModelServer() as server:
        call(model_at(server))


def test_a_reply_comes_with_its_tokens_cost_and_origin():
    ledger = Ledger()
    with ModelServer() as server:
        completion = call(model_at(server), ledger)

    assert read_reply(completion.text, SCHEMA)["label"] in {"a", "b"}
    assert completion.finish_reason == "stop"
    assert completion.refusal is None
    assert (completion.prompt_tokens, completion.completion_tokens) == (
        server.prompt_tokens,
        server.completion_tokens,
    )
    assert completion.cost_usd == PRICE.cost_usd(server.prompt_tokens, server.completion_tokens)
    assert (completion.model, completion.fingerprint) == ("some-model-2026-01-01", "fp_test")
    assert completion.attempts == 1
    assert (ledger.notes, ledger.spent_usd) == (["settle"], completion.cost_usd)


@pytest.mark.parametrize("fault", ["limited", "limited_bare", "error", "overloaded", "gateway"])
def test_a_fault_that_passes_is_waited_out_and_costs_nothing(fault):
    ledger = Ledger()
    with ModelServer(script=[fault] * 7) as server:
        completion = call(model_at(server), ledger)

    assert completion.attempts == 8
    assert ledger.notes == ["release"] * 7 + ["settle"]
    assert server.billed.total() == 1


@pytest.mark.parametrize("fault", ["malformed", "drop_before", "drop_after"])
def test_what_may_have_been_billed_is_kept_and_asked_again(fault):
    ledger = Ledger()
    with ModelServer(script=[fault]) as server:
        completion = call(model_at(server), ledger)

    assert completion.attempts == 2
    assert ledger.notes == ["keep", "settle"]


@pytest.mark.parametrize("fault", ["hang", "drip"])
def test_what_takes_too_long_is_kept_and_asked_again(fault):
    ledger = Ledger()
    with ModelServer(script=[fault]) as server:
        completion = call(model_at(server, timeout_s=1), ledger)

    # A second is short for a busy machine, which may miss it with the good answer, too.
    assert server.met[fault] == 1
    assert 2 <= completion.attempts <= 4
    assert ledger.notes == ["keep"] * (completion.attempts - 1) + ["settle"]


@pytest.mark.parametrize(("fault", "timeout_s"), [("malformed", 30), ("hang", 0.5)])
def test_a_fault_that_does_not_pass_ends_as_a_failed_call(fault, timeout_s):
    with ModelServer(script=[fault] * 99) as server, pytest.raises(CallFailed) as caught:
        call(model_at(server, timeout_s=timeout_s))

    assert (caught.value.status, caught.value.fatal) == ("provider_error", False)
    assert caught.value.attempts == 4
    assert 1 <= server.attempts.total() <= 4
    assert caught.value.cost_usd is None


@pytest.mark.parametrize("fault", ["bad_request", "too_long"])
def test_a_request_that_cannot_be_served_is_sent_once(fault):
    with ModelServer(script=[fault] * 99) as server, pytest.raises(CallFailed) as caught:
        call(model_at(server))

    assert (caught.value.status, caught.value.fatal) == ("provider_error", False)
    assert (caught.value.attempts, caught.value.cost_usd) == (1, 0.0)


@pytest.mark.parametrize("fault", ["key", "forbidden", "quota", "no_model"])
def test_what_would_refuse_every_call_is_fatal_at_once(fault):
    with ModelServer(script=[fault] * 99) as server, pytest.raises(CallFailed) as caught:
        call(model_at(server))

    assert caught.value.fatal
    assert server.attempts.total() == 1


def test_a_server_that_cannot_be_reached_is_fatal_after_patience():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        model = Model("openai/x", api_base=f"http://127.0.0.1:{taken.getsockname()[1]}/v1")
        ledger = Ledger()
        with pytest.raises(CallFailed, match="cannot be reached") as caught:
            call(model, ledger)

    assert caught.value.fatal
    assert caught.value.attempts >= 8
    assert set(ledger.notes) == {"release"}


def test_a_host_that_does_not_exist_is_fatal():
    with pytest.raises(CallFailed, match="host is not found") as caught:
        call(Model("openai/x", api_base="http://nowhere.invalid/v1"))

    assert caught.value.fatal


def test_an_echoed_key_is_never_shown(monkeypatch):
    monkeypatch.setenv("TEAM_LLM", CANARY)
    with ModelServer(script=["key"]) as server, pytest.raises(CallFailed) as caught:
        call(model_at(server, api_key_env="TEAM_LLM"))

    assert caught.value.reason == "openai/some-model: Incorrect API key provided: [key]."
    assert CANARY not in repr(caught.getrepr(chain=True, style="long"))


def test_the_providers_own_key_is_not_sent_to_another_server(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    with ModelServer(script=["key"]) as server, pytest.raises(CallFailed, match="provided: none"):
        call(model_at(server))


@pytest.mark.parametrize(
    ("fault", "finish_reason", "refusal"),
    [
        ("truncated", "length", None),
        ("refusal", "stop", "I cannot help with that."),
        ("filtered", "content_filter", "the provider's content filter"),
    ],
)
def test_a_reply_without_an_answer_says_so_and_is_paid(fault, finish_reason, refusal):
    with ModelServer(script=[fault]) as server:
        completion = call(model_at(server))

    assert (completion.text, completion.finish_reason, completion.refusal) == ("", finish_reason, refusal)
    assert completion.cost_usd is not None


def test_an_unknown_price_makes_an_unknown_cost():
    ledger = Ledger()
    with ModelServer() as server:
        completion = call(model_at(server, price=None), ledger)

    assert completion.cost_usd is None
    assert ledger.notes == ["unknown"]


def test_a_provider_that_does_not_count_keeps_what_was_set_aside():
    ledger = Ledger()
    with ModelServer(script=["no_usage"]) as server:
        completion = call(model_at(server), ledger)

    assert (completion.prompt_tokens, completion.cost_usd) == (None, None)
    assert ledger.notes == ["keep"]


def test_scores_of_tokens_are_given_where_asked_for():
    with ModelServer() as server:
        completion = call(model_at(server), logprobs=True)

    assert [token.logprob for token in completion.tokens] == [-0.1]
    assert completion.tokens[0].alternatives == (("no", -2.3),)


def test_only_what_is_set_is_sent():
    with ModelServer() as server:
        call(model_at(server, max_tokens=77))
        call(model_at(server, temperature=0.0, reply_format="text"))

    first, second = server.bodies
    assert set(first) == {"model", "messages", "max_tokens", "response_format"}
    assert set(second) == {"model", "messages", "max_tokens", "temperature"}
    assert first["max_tokens"] == 77


def test_a_wish_to_wait_holds_back_every_call_to_the_provider():
    async def both(model: Model) -> None:
        ledger = Ledger()
        client = Client(ledger=ledger, backoff_s=0.01)
        first = asyncio.create_task(client.complete(model, conversation("one"), SCHEMA))
        await until(lambda: ledger.notes != [])
        await client.complete(model, conversation("two"), SCHEMA)
        await first
        await client.close()

    with ModelServer(script=["limited"], retry_after="0.6") as server:
        asyncio.run(both(model_at(server)))

    assert server.started_at[1] - server.started_at[0] >= 0.6


def test_a_wish_to_wait_until_a_date_is_honoured():
    with ModelServer(script=["limited"], retry_after="date:2") as server:
        call(model_at(server))

    # A date has whole seconds, so up to one of them may be over already.
    assert server.started_at[1] - server.started_at[0] >= 0.9


def test_a_wait_of_five_minutes_can_be_cancelled():
    ledger = Ledger()
    with ModelServer(script=["limited"], retry_after="300") as server:
        started = time.monotonic()
        with pytest.raises(asyncio.CancelledError):
            call(model_at(server), ledger, cancel=lambda: ledger.notes != [])

    assert time.monotonic() - started < 200
    assert ledger.notes == ["release"]
    assert ledger.in_flight == 0


def test_a_call_cancelled_in_flight_counts_as_paid():
    ledger = Ledger()
    with ModelServer(script=["hang"]) as server, pytest.raises(asyncio.CancelledError):
        call(model_at(server), ledger, cancel=lambda: server.in_flight == 1)

    assert ledger.notes == ["keep"]


def test_no_more_calls_are_in_flight_than_allowed():
    async def many(model: Model) -> None:
        client = Client(ledger=Ledger())
        texts = [f"item {number}" for number in range(40)]
        await asyncio.gather(*(client.complete(model, conversation(text), SCHEMA) for text in texts))
        await client.close()

    with ModelServer() as server:
        server.hold(together=5)
        asyncio.run(many(model_at(server, concurrency=5)))

    assert server.max_in_flight == 5
    assert set(server.billed.values()) == {1}


def test_where_the_number_is_found_out_models_of_one_place_share_it_and_a_number_is_a_role_s_own():
    """Two models' calls are as many at once as one level lets, and those of a fixed 5 beside them."""

    async def many(models: Sequence[Model]) -> None:
        client = Client(ledger=Ledger())
        asked = [(model, conversation(f"{number}")) for model in models for number in range(24)]
        calls = [asyncio.create_task(client.complete(model, what, SCHEMA)) for model, what in asked]
        await until(lambda: server.held == START + 5)
        assert client.at_most == START
        server.release()
        await asyncio.gather(*calls)
        await client.close()

    with ModelServer() as server:
        server.hold()
        adaptive = model_at(server, adaptive=True, concurrency=64)
        other = replace(adaptive, name="openai/another-model", requests_per_minute=1e6)
        asyncio.run(many([adaptive, other, model_at(server, concurrency=5)]))

    assert server.billed.total() == 72


def test_a_number_is_kept_to_and_lowered_while_the_server_takes_fewer():
    async def many(model: Model) -> list[int | None]:
        client, lowest = Client(ledger=Ledger(), backoff_s=0.01), []

        async def one(number: int) -> None:
            await client.complete(model, conversation(f"{number}"), SCHEMA)
            lowest.append(client.at_most)

        await asyncio.gather(*(one(number) for number in range(150)))
        await client.close()
        return lowest

    with ModelServer(at_once=4) as server:
        server.hold(together=4)
        lowest = asyncio.run(many(model_at(server, concurrency=12)))

    assert server.met["limited_bare"] > 0
    assert server.max_in_flight <= 12
    assert any(level is not None and level < 12 for level in lowest)
    assert set(server.billed.values()) == {1}


def test_the_cap_is_never_passed_however_many_calls_run_at_once():
    """What the server billed, faults included, stays under the cap, though the calls wanted several times as much."""
    faults = {"limited": 0.1, "error": 0.1, "malformed": 0.05, "drop_after": 0.05, "invalid": 0.1}
    price = Price(5e-6, 5e-5)
    ledger = Ledger(cap_usd=0.4)

    async def many(model: Model) -> Sequence[object]:
        client = Client(ledger=ledger, backoff_s=0.01)
        calls = (client.complete(model, conversation(f"item {number}"), SCHEMA) for number in range(200))
        ended = await asyncio.gather(*calls, return_exceptions=True)
        await client.close()
        return ended

    with ModelServer(faults, latency_s=0.05, retry_after="0.01", answer=lambda _: "x" * 196) as server:
        server.hold(together=6)
        ended = asyncio.run(many(model_at(server, concurrency=64, max_tokens=50, price=price)))

    billed = price.cost_usd(server.prompt_tokens, server.completion_tokens)
    assert 0.25 < billed <= ledger.spent_usd <= ledger.cap_usd
    assert {type(one) for one in ended} == {Completion, SpentError}
    assert server.max_in_flight > 5


def test_the_built_in_model_answers_the_same_way_and_costs_nothing():
    completion = call(Model("local/tiny"))

    assert read_reply(completion.text, SCHEMA)["label"] in {"a", "b"}
    assert completion.cost_usd == 0.0
    assert completion.prompt_tokens


def test_a_setting_that_the_model_does_not_take_is_fatal_before_anything_is_sent():
    with ModelServer() as server, pytest.raises(CallFailed, match="temperature") as caught:
        call(Model("openai/o3", api_base=server.url, temperature=0.0))

    assert caught.value.fatal
    assert not server.bodies


QUIET = """
import asyncio, sys
sys.path.insert(0, {tests!r})
from model_server import ModelServer
from act_spec.llm.adapting import START
from act_spec.llm.client import CallFailed, Client, preload
from act_spec.llm.model import Model

class Ledger:
    async def reserve(self, usd): return usd
    def settle(self, reservation, usd): pass
    def release(self, reservation): pass
    def keep(self, reservation): pass

async def main():
    client = Client(ledger=Ledger(), backoff_s=0.01)
    messages = [{{"role": "user", "content": "hi"}}]
    for fault in ("error", "key", "malformed", "hang", "bad_request", "no_server", "local"):
        with ModelServer(script=[fault]) as server:
            at_server = Model("openai/x", api_base=server.url, timeout_s=1)
            model = {{"no_server": Model("nosuch/x"), "local": Model("local/tiny")}}.get(fault, at_server)
            try:
                await client.complete(model, messages, {{"type": "object"}})
            except CallFailed:
                pass
    await client.close()

preload()
asyncio.run(main())
"""


def test_litellm_says_nothing_on_success_and_on_errors(tmp_path):
    """Zero bytes on stdout and stderr; a `.env` beside the program is not read either."""
    (tmp_path / ".env").write_text("OPENAI_API_KEY=from-a-file\n")
    tests = __file__.rpartition("/llm/")[0]

    done = subprocess.run(
        [sys.executable, "-c", QUIET.format(tests=tests)],
        capture_output=True,
        cwd=tmp_path,
        timeout=600,
        check=False,
    )

    assert (done.stdout, done.stderr, done.returncode) == (b"", b"", 0)
