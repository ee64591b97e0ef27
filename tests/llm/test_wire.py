"""Calls over the wire are LiteLLM's calls: the same requests, the same answers, the same failures."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from act_spec.llm.answer import Answer
from act_spec.llm.lanes import lanes
from act_spec.llm.model import Model
from act_spec.llm.paths import _HANDLERS, _SDK, SWITCH, path_of
from act_spec.llm.retry import AttemptFailed
from act_spec.llm.wire import Received, Sent, learn, plain_answer
from act_spec.records import Message

SCHEMA = {
    "type": "object",
    "properties": {"label": {"enum": ["a", "b"]}},
    "required": ["label"],
    "additionalProperties": False,
}
USAGE = {"prompt_tokens": 20, "completion_tokens": 5, "total_tokens": 25}
KEY = "value-of-a-key-of-ours"


def body(message: Mapping[str, Any] | None = None, usage: Any = USAGE, **choice: Any) -> dict[str, Any]:
    """A reply in OpenAI's form."""
    said = {"role": "assistant", "content": '{"label":"a"}'} if message is None else message
    made: dict[str, Any] = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "tested-2026-01-01",
        "system_fingerprint": "fp_1",
        "choices": [{"index": 0, "message": said, "finish_reason": "stop", "logprobs": None, **choice}],
    }
    return made if usage is None else {**made, "usage": usage}


@dataclass
class Server:
    """Answers every request with one reply, and keeps what was asked."""

    status: int = 200
    reply: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)
    url: str = ""


@contextmanager
def serving(status: int, reply: Any, headers: Mapping[str, str] | None = None) -> Iterator[Server]:
    text = reply if isinstance(reply, str) else json.dumps(reply)
    server = Server(status, text, dict(headers or {}))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers["content-length"]))
            own = {name.lower(): value for name, value in self.headers.items()}
            server.asked.append((self.path, own, json.loads(sent)))
            self.send_response(server.status)
            for name, value in {"content-type": "application/json", **server.headers}.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(server.reply.encode())))
            self.end_headers()
            self.wfile.write(server.reply.encode())

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        threading.Thread(target=http.serve_forever, daemon=True).start()
        server.url = f"http://127.0.0.1:{http.server_port}/v1"
        yield server
        http.shutdown()


def ask_twice(
    model: Model, messages: Sequence[Message], *, logprobs: bool = False, twice: bool = True
) -> tuple[Answer | AttemptFailed, bool]:
    """The last of two answers in one event loop, and whether it came over the wire."""
    from act_spec.llm import provider

    async def work() -> tuple[Answer | AttemptFailed, bool]:
        answer: Answer | AttemptFailed
        for _ in range(1 + twice):
            try:
                answer = await provider.ask(model, messages, SCHEMA, sample=0, logprobs=logprobs)
            except AttemptFailed as failure:
                answer = failure
        on_wire = any(way.on_wire for way in lanes().known.values())
        await provider.close()
        return answer, on_wire

    return asyncio.run(work())


def conversation(*parts: Mapping[str, Any]) -> Sequence[Message]:
    return (
        {"role": "system", "content": "Label as \u201ca\u201d or b."},
        {"role": "user", "content": list(parts) if parts else 'An <item> with "quotes", ü and 漢字.'},
    )


def model_of(provider: str, url: str, **settings: Any) -> Model:
    return Model(f"{provider}/tested", api_base=url, api_key_env="WIRE_KEY", timeout_s=30, **settings)


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIRE_KEY", KEY)


def outcome(answer: Answer | AttemptFailed) -> Any:
    """What can be compared: a failure's class, words and wait."""
    if isinstance(answer, AttemptFailed):
        return answer.kind, str(answer), answer.retry_after_s
    return answer


@pytest.mark.parametrize("provider", sorted(_SDK | _HANDLERS))
def test_a_request_is_the_one_that_litellm_makes(provider: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(200, body()) as server:
        model = model_of(provider, server.url, temperature=0.5, reply_format="schema")
        fast, on_wire = ask_twice(model, conversation())
        monkeypatch.setenv(SWITCH, "0")
        slow, _ = ask_twice(model, conversation(), twice=False)

    assert on_wire
    assert fast == slow
    (_, _, first), (path, headers, wired), (litellm_path, litellm_headers, by_litellm) = server.asked
    assert first == wired == by_litellm
    assert path == litellm_path
    own = {"connection", "accept-encoding", "accept", "user-agent", "content-length"}
    compared = [
        {name: value for name, value in one.items() if name not in own and not name.startswith("x-stainless")}
        for one in (headers, litellm_headers)
    ]
    assert compared[0] == compared[1]
    assert headers["authorization"] == f"Bearer {KEY}"


TOKENS = {
    "content": [
        {"token": "a", "logprob": -0.1, "bytes": None, "top_logprobs": [{"token": "b", "logprob": -2.0}]}
    ]
}
REPLIES = {
    "plain": (200, body()),
    "counted": (200, body(usage={**USAGE, "prompt_tokens_details": {"cached_tokens": 7}})),
    "uncounted": (200, body(usage=None)),
    "zero": (200, body(usage={"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0})),
    "cut": (200, body(finish_reason="length")),
    "no words": (200, body({"role": "assistant", "content": None}, finish_reason="length")),
    "refusal": (200, body({"role": "assistant", "content": None, "refusal": "I cannot."})),
    "filtered": (200, body({"role": "assistant", "content": ""}, finish_reason="content_filter")),
    "other end": (200, body(finish_reason="eos")),
    "no end": (200, body(finish_reason=None)),
    "thoughts": (200, body({"role": "assistant", "content": '<think>Hm.</think>{"label":"b"}'})),
    "apart": (200, body({"role": "assistant", "content": "{}", "reasoning_content": "Hm."})),
    "tokens": (200, body(logprobs=TOKENS)),
    "hits": (200, body(usage={**USAGE, "prompt_cache_hit_tokens": 4, "prompt_cache_miss_tokens": 16})),
    "error inside": (200, {"error": {"message": "Overloaded.", "code": 503}}),
    "no choices": (200, {"object": "chat.completion", "model": "tested", "choices": []}),
    "no json": (200, "<html>Bad gateway</html>"),
    "half": (200, '{"choices": [{"mess'),
    "key": (401, {"error": {"message": f"Incorrect API key provided: {KEY}.", "code": "invalid_api_key"}}),
    "limit": (429, {"error": {"message": "Slow down.", "code": "rate_limit_exceeded"}}),
    "quota": (429, {"error": {"message": "No money.", "code": "insufficient_quota"}}),
    "policy": (400, {"error": {"message": "content_policy_violation", "code": "content_policy_violation"}}),
    "too long": (400, {"error": {"message": "Too long.", "code": "context_length_exceeded"}}),
    "gone": (404, {"error": {"message": "No such model.", "code": "model_not_found"}}),
    "broken": (500, {"error": {"message": "Sorry."}}),
    "gateway": (502, "<html>Bad gateway</html>"),
    "busy": (503, {"error": {"message": "Busy."}}),
}


@pytest.mark.parametrize("provider", ["openai", "hosted_vllm"])
@pytest.mark.parametrize("case", REPLIES)
def test_a_reply_is_read_as_litellm_reads_it(
    provider: str, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    status, reply = REPLIES[case]
    with serving(status, reply, {"retry-after": "3"} if status == 429 else {}) as server:
        model = model_of(provider, server.url)
        fast, on_wire = ask_twice(model, conversation(), logprobs=case == "tokens")
        monkeypatch.setenv(SWITCH, "0")
        slow, _ = ask_twice(model, conversation(), logprobs=case == "tokens", twice=False)

    assert on_wire
    assert outcome(fast) == outcome(slow)
    assert KEY not in str(fast)
    assert len(server.asked) == 3


@pytest.mark.parametrize(
    ("status", "kind", "too_many"),
    [(429, "limited", True), (503, "overloaded", True), (529, "overloaded", True), (500, "server", False)],
)
def test_a_provider_that_has_too_much_to_do_is_told_from_one_that_is_broken(
    status: int, kind: str, too_many: bool
) -> None:
    with serving(status, {"error": {"message": "Sorry."}}) as server:
        failure, _ = ask_twice(model_of("openai", server.url), conversation())

    assert isinstance(failure, AttemptFailed)
    assert (failure.kind, failure.too_many) == (kind, too_many)


def test_each_kind_of_content_is_learned_by_itself() -> None:
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    text = {"type": "text", "text": "What is it?"}
    with serving(200, body()) as server:
        model = model_of("openai", server.url)
        for messages in (conversation(text), conversation(text, picture)):
            _, on_wire = ask_twice(model, messages)
            assert on_wire

    sent = [asked["messages"][1]["content"] for _, _, asked in server.asked]
    assert sent == [[text], [text], [text, picture], [text, picture]]


def test_a_redirect_takes_no_item_elsewhere() -> None:
    with serving(200, body()) as other, serving(200, body()) as server:
        model = model_of("openai", server.url)

        async def work() -> AttemptFailed | None:
            from act_spec.llm import provider

            try:
                await provider.ask(model, conversation(), SCHEMA, sample=0, logprobs=False)
                server.status = 307
                server.headers["location"] = f"{other.url}/chat/completions"
                await provider.ask(model, conversation(), SCHEMA, sample=0, logprobs=False)
            except AttemptFailed as failure:
                return failure
            finally:
                await provider.close()
            return None

        failure = asyncio.run(work())

    assert failure is not None
    assert not other.asked


def test_the_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(200, body()) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url.removesuffix("/v1"))
        monkeypatch.setenv("NO_PROXY", "")
        answer, on_wire = ask_twice(model_of("openai", "http://far.invalid/v1"), conversation())

    assert on_wire
    assert isinstance(answer, Answer)
    assert [path for path, _, _ in proxy.asked] == ["http://far.invalid/v1/chat/completions"] * 2


def test_what_was_learned_holds_after_the_connections_are_closed() -> None:
    """One stage follows another in one event loop, and need not begin with a call that LiteLLM makes."""
    from act_spec.llm import provider

    with serving(200, body()) as server:
        model = model_of("openai", server.url)

        async def work() -> list[bool]:
            seen = []
            for _ in range(2):
                seen.append(any(way.on_wire for way in lanes().known.values()))
                await provider.ask(model, conversation(), SCHEMA, sample=0, logprobs=False)
                await provider.close()
            return seen

        assert asyncio.run(work()) == [False, True]


def test_what_litellm_rewrites_is_left_to_it() -> None:
    given = [{"role": "user", "content": "Which?"}]
    rewritten = json.dumps({"model": "m", "messages": [{"role": "user", "content": [{"text": "Which?"}]}]})

    assert learn(Sent("http://a/v1", {}, rewritten.encode()), given, None) is None
    assert learn(Sent("http://a/v1", {}, b"model=m"), given, None) is None


@pytest.mark.parametrize(
    "reply",
    ["[]", "null", "{}", '{"choices": [1], "model": "m"}', '{"choices": [{"message": []}], "model": "m"}'],
)
def test_a_reply_of_any_other_form_is_not_plain(reply: str) -> None:
    assert plain_answer(Received(200, {}, reply.encode())) is None


def test_other_providers_go_through_litellm(monkeypatch: pytest.MonkeyPatch) -> None:
    assert path_of(Model("anthropic/claude-sonnet-4-5")) == "litellm"
    assert path_of(Model("openai/gpt-4o")) == "sdk"
    monkeypatch.setenv(SWITCH, "0")
    assert path_of(Model("openai/gpt-4o")) == "litellm"
