"""
An OpenAI-compatible server of the test suite's own, which fails as real providers do.

Which fault a request meets is decided by seed, request key and attempt, so
that a retry may succeed and a test can be repeated. It answers with a value
that meets the request's JSON Schema and counts what a provider would bill.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import math
import random
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, Self

import canary
from aiohttp import web

Body = Mapping[str, Any]
Answer = Callable[[Body], str]
_LONGEST_HELD_S = 300

BILLED = frozenset(
    {"malformed", "drop_after", "truncated", "refusal", "filtered", "invalid", "no_usage", "ok"}
)
"""What a provider charges for: it has made the tokens, whatever became of them."""

_ERRORS: dict[str, tuple[int, str, str]] = {
    "limited": (429, "rate_limit_exceeded", "Rate limit reached."),
    "limited_bare": (429, "rate_limit_exceeded", "Rate limit reached."),
    "quota": (429, "insufficient_quota", "You exceeded your current quota."),
    "error": (500, "server_error", "The server had an error."),
    "overloaded": (503, "overloaded", "The server is overloaded."),
    "key": (401, "invalid_api_key", "Incorrect API key provided: {key}."),
    "forbidden": (403, "permission_denied", "This key may not use the model."),
    "no_model": (404, "model_not_found", "The model does not exist."),
    "bad_request": (400, "invalid_request", "The request is malformed."),
    "too_long": (400, "context_length_exceeded", "This model's maximum context length is 10 tokens."),
}


def request_key(body: Body) -> str:
    """What makes two requests the same to a provider: everything in the body."""
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def example(schema: Mapping[str, Any], dice: random.Random) -> Any:
    """A value that meets the schema: enums, numbers, text, lists, objects, unions."""
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return dice.choice(schema["enum"])
    if "anyOf" in schema:
        return example(schema["anyOf"][0], dice)
    kind = schema.get("type", "object")
    kind = kind[0] if isinstance(kind, list) else kind
    low, high = schema.get("minimum", 0), schema.get("maximum", 1)
    made: dict[str, Callable[[], Any]] = {
        "object": lambda: {name: example(part, dice) for name, part in schema.get("properties", {}).items()},
        "array": lambda: [example(schema["items"], dice) for _ in range(schema.get("minItems", 0))],
        "number": lambda: round(dice.uniform(low, high), 3),
        "integer": lambda: dice.randint(int(low), int(high)),
        "boolean": lambda: dice.random() < 0.5,
        "null": lambda: None,
        "string": lambda: "because it says so",
    }
    return made[kind]()


def schema_of(body: Body) -> Mapping[str, Any] | None:
    """The schema that a request asks for: in `response_format`, else the system message's last line."""
    wanted = body.get("response_format", {})
    if wanted.get("type") == "json_schema":
        return dict(wanted["json_schema"]["schema"])
    system = [message["content"] for message in body["messages"] if message["role"] == "system"]
    with suppress(IndexError, ValueError):
        found = json.loads(str(system[-1]).splitlines()[-1])
        return found if isinstance(found, dict) else None
    return None


class ModelServer:
    """
    The server, on loopback, in a thread of its own; a context manager.

    Args:
        faults: Share of the attempts that meet each fault.
        script: Faults by attempt number instead, the same for every request;
            attempts beyond its end succeed.
        seed: Other seeds draw other faults.
        retry_after: The header's value, or `date:SECONDS` for an HTTP date.
        latency_s: Before every answer.
        erratic: Wait any time up to `latency_s`, and bill any number of tokens up to the most that the request allows.
        answer: Makes the text of a good reply from the request's body.
        at_once: Requests that are answered at once; one more is refused (429), with no time named.

    Attributes:
        billed: Request key to the number of times that it was billed.
        attempts: Request key to the number of times that it was sent.
        met: How often each fault was met, `ok` among them.
        prompt_tokens: Billed so far.
        completion_tokens: Billed so far.
        in_flight: Requests being answered; `max_in_flight` is the most at once.
        held: Good answers kept back since `hold`.
        bodies: Every request body, in order of arrival.
        started_at: Loop time of every arrival, in seconds.
        snapshot: What answers call themselves; may be changed at any time.
    """

    def __init__(
        self,
        faults: Mapping[str, float] | None = None,
        *,
        script: Sequence[str] = (),
        seed: int = 0,
        retry_after: str = "0.05",
        latency_s: float = 0.0,
        erratic: bool = False,
        answer: Answer | None = None,
        at_once: float = math.inf,
    ) -> None:
        self._at_once = at_once
        self._faults = dict(faults or {})
        self._script = tuple(script)
        self._seed = seed
        self._retry_after = retry_after
        self._latency_s = latency_s
        self._erratic = erratic
        self._answer = answer or self._example
        self.billed: Counter[str] = Counter()
        self.attempts: Counter[str] = Counter()
        self.met: Counter[str] = Counter()
        self.prompt_tokens = self.completion_tokens = 0
        self.in_flight = self.max_in_flight = self.held = 0
        self.bodies: list[dict[str, Any]] = []
        self.started_at: list[float] = []
        self.snapshot = "2026-01-01"
        self._open = asyncio.Event()
        self._open.set()
        self._before = 0
        self._together = math.inf
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="model server", daemon=True)
        self._port = 0

    @property
    def url(self) -> str:
        """What a recipe writes as `api_base`."""
        return f"http://127.0.0.1:{self._port}/v1"

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        self._loop.close()

    def hold(self, *, before: int = 0, together: float = math.inf) -> None:
        """
        Keep good answers back until `release`, so that a test decides what is in flight.

        Args:
            before: So many are given all the same.
            together: How many are kept back before they are given of themselves.
        """
        self.held, self._before, self._together = 0, before, together
        self._open.clear()

    def release(self) -> None:
        """Give what was held, and what comes."""
        self._loop.call_soon_threadsafe(self._open.set)

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._main())

    async def _main(self) -> None:
        self._stop = asyncio.Event()
        app = web.Application(client_max_size=64 * 2**20)
        self._add_routes(app)
        # aiohttp reads a timeout of 0 as none at all, and would wait for a hanging answer.
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.01)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self._port = runner.addresses[0][1]
        self._ready.set()
        await self._stop.wait()
        await runner.cleanup()
        hanging = asyncio.all_tasks() - {asyncio.current_task()}
        for task in hanging:
            task.cancel()
        await asyncio.gather(*hanging, return_exceptions=True)

    def _add_routes(self, app: web.Application) -> None:
        app.router.add_post("/v1/chat/completions", self._complete)

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        canary.arrived(request.headers.get("Authorization", ""))
        key = request_key(body)
        attempt = self.attempts[key]
        self.attempts[key] += 1
        self.bodies.append(body)
        self.started_at.append(self._loop.time())
        self.in_flight += 1
        self.max_in_flight = max(self.max_in_flight, self.in_flight)
        try:
            if self.in_flight > self._at_once:
                return await self._reply(request, body, key, "limited_bare")
            dice = random.Random(f"{self._seed}:{key}:{attempt}:wait")
            await asyncio.sleep(self._latency_s * (dice.random() if self._erratic else 1))
            return await self._reply(request, body, key, self._fault(key, attempt))
        finally:
            self.in_flight -= 1

    def _fault(self, key: str, attempt: int) -> str:
        if self._script:
            return self._script[attempt] if attempt < len(self._script) else "ok"
        drawn = random.Random(f"{self._seed}:{key}:{attempt}").random()
        for fault, share in self._faults.items():
            if drawn < share:
                return fault
            drawn -= share
        return "ok"

    async def _reply(self, request: web.Request, body: Body, key: str, fault: str) -> web.StreamResponse:
        self.met[fault] += 1
        if fault in _ERRORS:
            return self._error(request, fault)
        if fault == "gateway":
            page = "<html><body><h1>502 Bad Gateway</h1></body></html>"
            return web.Response(status=502, text=page, content_type="text/html")
        if fault == "hang":
            await asyncio.sleep(3600)
        await self._turn()
        made, tokens = self._completion(body, key, fault)
        if fault in BILLED:
            self._bill(key, tokens)
        if fault in {"drop_before", "drop_after"}:
            return self._drop(request)
        if fault == "drip":
            return await self._drip(request, made)
        text = json.dumps(made)
        return web.Response(
            text=text[: len(text) // 2] if fault == "malformed" else text, content_type="application/json"
        )

    async def _turn(self) -> None:
        if self._open.is_set():
            return
        if self._before:
            self._before -= 1
            return
        self.held += 1
        if self.held >= self._together:
            self._open.set()
        # A test that has failed to release them shall say so, and not hang.
        with suppress(TimeoutError):
            async with asyncio.timeout(_LONGEST_HELD_S):
                await self._open.wait()

    def _error(self, request: web.Request, fault: str) -> web.Response:
        status, code, message = _ERRORS[fault]
        headers = {"Retry-After": self._retry_after_value()} if fault == "limited" else {}
        key = request.headers.get("Authorization", "").removeprefix("Bearer ")
        # Providers repeat more of a request than is good for anyone.
        error = {"message": message.format(key=key), "type": code, "param": key, "code": code}
        return web.json_response({"error": error}, status=status, headers=headers)

    def _retry_after_value(self) -> str:
        if not self._retry_after.startswith("date:"):
            return self._retry_after
        seconds = float(self._retry_after.removeprefix("date:"))
        return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)

    def _bill(self, key: str, tokens: tuple[int, int]) -> None:
        self.billed[key] += 1
        self.prompt_tokens += tokens[0]
        self.completion_tokens += tokens[1]

    def _tokens(self, body: Body, content: str | None) -> tuple[int, int]:
        """Of the prompt and of the answer, whether the reply tells them or not."""
        prompt, answer = len(json.dumps(body["messages"])) // 4 + 1, len(content or "") // 4 + 1
        if self._erratic:
            # Hidden reasoning is billed, and no reply need be long to be dear.
            most = body.get("max_completion_tokens") or body["max_tokens"]
            answer = random.Random(f"{self._seed}:{request_key(body)}:cost").randint(1, most)
            prompt = sum(len(str(message["content"]).encode()) for message in body["messages"])
        return prompt, answer

    @staticmethod
    def _drop(request: web.Request) -> web.Response:
        if request.transport is not None:
            request.transport.abort()
        return web.Response()

    @staticmethod
    async def _drip(request: web.Request, made: Mapping[str, Any]) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        with suppress(ConnectionError):
            for letter in json.dumps(made):
                await response.write(letter.encode())
                await asyncio.sleep(0.1)
        return response

    def _example(self, body: Body) -> str:
        schema = schema_of(body)
        dice = random.Random(request_key(body))
        value = example(schema, dice) if schema else {"answer": "yes"}
        return json.dumps(value)

    def _completion(self, body: Body, key: str, fault: str) -> tuple[dict[str, Any], tuple[int, int]]:
        content: str | None = self._answer(body)
        message: dict[str, Any] = {"role": "assistant", "content": content}
        finish = "stop"
        if fault == "truncated":
            message["content"], finish = None, "length"
        elif fault == "refusal":
            message |= {"content": None, "refusal": "I cannot help with that."}
        elif fault == "filtered":
            message["content"], finish = None, "content_filter"
        elif fault == "invalid":
            message["content"] = '{"nothing": "of the kind"}'
        made: dict[str, Any] = {
            "id": f"chatcmpl-{key[:8]}",
            "object": "chat.completion",
            "created": 0,
            "model": f"{body['model']}-{self.snapshot}",
            "system_fingerprint": "fp_test",
            "choices": [
                {"index": 0, "message": message, "finish_reason": finish, "logprobs": _scores(body, content)}
            ],
        }
        prompt, completion = tokens = self._tokens(body, content)
        if fault != "no_usage":
            made["usage"] = {
                "prompt_tokens": prompt,
                "completion_tokens": completion,
                "total_tokens": prompt + completion,
            }
        return made, tokens


def _scores(body: Body, content: str | None) -> dict[str, Any] | None:
    if not body.get("logprobs") or content is None:
        return None
    other = {"token": "no", "logprob": -2.3, "bytes": None}
    score = {"token": content, "logprob": -0.1, "bytes": None, "top_logprobs": [other]}
    return {"content": [score], "refusal": None}
