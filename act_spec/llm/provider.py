"""
One attempt at one call, through LiteLLM: the only file that imports it.

Importing takes seconds, so `client.preload` does it in a thread. LiteLLM
would read `.env` files, fetch its price table and print advice on stdout; it
is told not to. Its retries and cache stay off: ours know the ledger.

Where `paths` says so, only the first call to a model goes through LiteLLM;
the others are sent as it sent that one, see `wire`.
"""

from __future__ import annotations

import asyncio
import atexit
import gc
import importlib
import json
import os
import re
import socket
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager, suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, cast

from act_spec.llm.answer import Answer
from act_spec.llm.formats import response_format
from act_spec.llm.keys import redact
from act_spec.llm.lanes import Lane, Way, close_lanes, lanes, shape_of
from act_spec.llm.model import Model
from act_spec.llm.paths import Path
from act_spec.llm.prices import likely_tokens, tokens_of
from act_spec.llm.retry import AttemptFailed, Kind, retry_after_s
from act_spec.llm.wire import Received, Sent, learn, plain_answer
from act_spec.records import Message, TokenScore

os.environ.update(
    LITELLM_LOCAL_MODEL_COST_MAP="True",  # else the price table is fetched while importing
    LITELLM_MODE="PRODUCTION",  # else a .env file is looked for and loaded
    LITELLM_LOG="ERROR",
)
# After the variables, which it reads while it is imported.
import litellm

litellm.suppress_debug_info = True
# LiteLLM makes its coroutine in another thread: a call cancelled at that moment leaves one behind.
warnings.filterwarnings("ignore", r"coroutine '.*acompletion' was never awaited", RuntimeWarning)

TOP_LOGPROBS = 5
AZURE_API_VERSION: str = litellm.AZURE_DEFAULT_API_VERSION
NO_KEY = "none"
"""Where a server wants none, and its package wants some."""
_NOWHERE = "http://reread.invalid"
# Headers that no longer hold once a body was decoded.
_DECODED = frozenset({"content-encoding", "content-length", "transfer-encoding"})
_LONGEST_REASON = 500
# "litellm.RateLimitError: RateLimitError: OpenAIException - " before what the provider said.
_WRAPPING = re.compile(r"^(?:(?:litellm\.)?\w+(?:Error|Exception)(?:: | - ))+")
_REASONS: Mapping[Kind, str] = {
    "timeout": "no reply in time (timeout_s).",
    "no_host": "its host is not found; check api_base and the network.",
    "unreachable": "its server cannot be reached; check api_base and whether it runs.",
    "dropped": "the connection ended before the reply did.",
    "malformed": "the server's reply is not what its interface promises.",
}
_QUOTA = ("insufficient_quota", "billing_hard_limit_reached", "credit balance is too low")


class _BuiltIn(litellm.CustomLLM):  # type: ignore[misc]  # LiteLLM is not followed by the type checker
    """`local/tiny`, and `local/tiny-2` to -9, as a LiteLLM provider; tokens are estimates."""

    async def acompletion(
        self, *, messages: list[Message], optional_params: Mapping[str, Any], model_response: Any, **rest: Any
    ) -> Any:
        """Answer in a thread, so that the event loop stays free."""
        from act_spec.llm.tiny import first_sample, reply

        given = await asyncio.to_thread(
            reply,
            messages,
            optional_params.get("response_format"),
            sample=first_sample(rest["model"]) + optional_params.get("sample", 0),
        )
        prompt, completion = likely_tokens(messages), tokens_of(given.text)
        model_response.model = rest["model"]
        model_response.choices[0].message.content = given.text
        if optional_params.get("logprobs"):
            model_response.choices[0].logprobs = _listed(given.tokens)
        model_response.usage = litellm.Usage(
            prompt_tokens=prompt, completion_tokens=completion, total_tokens=prompt + completion
        )
        return model_response


def _listed(tokens: Sequence[TokenScore]) -> Any:
    """Scores as OpenAI's interface writes them, which `_scores` reads."""
    from litellm.types.utils import ChoiceLogprobs

    return ChoiceLogprobs(
        content=[
            {
                "token": one.token,
                "logprob": one.logprob,
                "top_logprobs": [
                    {"token": token, "logprob": logprob} for token, logprob in one.alternatives[:TOP_LOGPROBS]
                ],
            }
            for one in tokens
        ]
    )


litellm.custom_provider_map = [{"provider": "local", "custom_handler": _BuiltIn()}]


def warm_up() -> None:
    """Import what LiteLLM would import at the first call, which would hold up the event loop for a second."""
    with suppress(ImportError):
        importlib.import_module("openai.resources")
    litellm.completion(model="openai/none", messages=[{"role": "user", "content": ""}], mock_response="warm")
    # Half a million objects that stay: Python need not walk through them again whenever it looks for garbage.
    gc.collect()
    gc.freeze()
    # Else packages that count what is left of them at the end would complain.
    atexit.register(gc.unfreeze)


async def ask(
    model: Model, messages: Sequence[Message], reply_schema: Mapping[str, Any], *, sample: int, logprobs: bool
) -> Answer:
    """
    Make one attempt, of at most `model.timeout_s` from first byte to last.

    Args:
        model: Who answers.
        messages: As `formats.messages_for` makes them.
        reply_schema: Sent beside the messages where the model's format says so.
        sample: Only the built-in model is told; others draw anew by themselves.
        logprobs: Ask for scores of the reply's tokens.

    Raises:
        AttemptFailed: With its class, and a reason that holds no key.
    """
    way = lanes().way(model)
    try:
        # LiteLLM's own timeout is for silence between bytes, so a slow trickle could outlast it.
        async with asyncio.timeout(model.timeout_s):
            return await _answered(way, model, messages, reply_schema, sample=sample, logprobs=logprobs)
    except Exception as error:  # noqa: BLE001 - providers raise what they like; it is classed, and never lost
        raise failed(error, model, way.key) from None


async def _answered(
    way: Way,
    model: Model,
    messages: Sequence[Message],
    reply_schema: Mapping[str, Any],
    *,
    sample: int,
    logprobs: bool,
) -> Answer:
    """The answer to one request: over the wire where the way is known, else through LiteLLM."""
    known = lanes()
    asked = way.format_text(reply_schema)
    lane = way.lane(logprobs, bool(asked), shape_of(messages))
    received = None
    if lane.form is not None:
        received = await known.wire.send(lane.form, lane.form.body(messages, asked))
        answer = plain_answer(received)
        if answer is not None:
            return answer
    arguments = _arguments(model, messages, reply_schema, way.key, sample=sample, logprobs=logprobs)
    if received is not None:
        return _read(await _reread(way.path, arguments, received), model)
    if way.path != "litellm" and not lane.learned:
        async with AsyncExitStack() as clients:
            async with known.learning:
                call = None if lane.learned else await _begun(way.path, arguments, lane, clients)
            if call is not None:
                return _read(await call, model)
        return await _answered(way, model, messages, reply_schema, sample=sample, logprobs=logprobs)
    return _read(await litellm.acompletion(**arguments), model)


async def _begun(
    path: Path, arguments: dict[str, Any], lane: Lane, clients: AsyncExitStack
) -> asyncio.Task[Any]:
    """A call that has sent its request, or has ended without; its HTTP client closes with `clients`."""
    noted: asyncio.Future[Sent] = asyncio.get_running_loop().create_future()
    given, client = await _noting_client(path, clients)
    with _session(client):
        call = asyncio.create_task(_noted_call({**arguments, **given}, noted))
        try:
            await asyncio.wait({call, noted}, return_when=asyncio.FIRST_COMPLETED)
        except BaseException:
            call.cancel()
            raise
    # Where nothing was sent, the next call may show more.
    lane.learned = noted.done()
    if noted.done():
        lane.form = learn(noted.result(), arguments["messages"], arguments.get("response_format"))
    return call


_noted: ContextVar[asyncio.Future[Sent] | None] = ContextVar("noted", default=None)


async def _noted_call(arguments: dict[str, Any], noted: asyncio.Future[Sent]) -> Any:
    _noted.set(noted)
    return await litellm.acompletion(**arguments)


async def _note(request: Any) -> None:
    noted = _noted.get()
    if noted is not None and not noted.done():
        noted.set_result(Sent(str(request.url), dict(request.headers), request.content))


async def _noting_client(path: Path, clients: AsyncExitStack) -> tuple[dict[str, Any], Any]:
    """An HTTP client that notes requests: as an argument for LiteLLM's handler, or to be set for OpenAI's package."""
    hooks = {"request": [_note]}
    if path == "handler":
        from litellm.llms.custom_httpx.http_handler import AsyncHTTPHandler

        handler = AsyncHTTPHandler(event_hooks=hooks)
        clients.push_async_callback(handler.close)
        return {"client": handler}, None
    import httpx

    return {}, await clients.enter_async_context(httpx.AsyncClient(event_hooks=hooks))


@contextmanager
def _session(client: Any) -> Iterator[None]:
    """LiteLLM's OpenAI calls that begin meanwhile use this client."""
    if client is None:
        yield
        return
    before, litellm.aclient_session = litellm.aclient_session, client
    litellm.in_memory_llm_clients_cache.flush_cache()
    try:
        yield
    finally:
        litellm.aclient_session = before
        litellm.in_memory_llm_clients_cache.flush_cache()


async def _reread(path: Path, arguments: dict[str, Any], received: Received) -> Any:
    """What LiteLLM makes of a reply, or raises for it, as if it had just come in; nothing is sent."""
    return await _unsent(path, arguments, received, None)


async def _unsent(path: Path, arguments: dict[str, Any], received: Received, noted: list[Sent] | None) -> Any:
    """A call whose request goes nowhere, and is noted; `received` is the reply to it."""
    import httpx

    headers = {name: value for name, value in received.headers.items() if name.lower() not in _DECODED}
    reply = httpx.Response(received.status, headers=headers, content=received.body)

    def answer(request: Any) -> Any:
        if noted is not None:
            noted.append(Sent(str(request.url), dict(request.headers), request.content))
        return reply

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        client: Any
        if path == "handler":
            from litellm.llms.custom_httpx.http_handler import AsyncHTTPHandler

            client = AsyncHTTPHandler()
            client.client = http
        else:
            from openai import AsyncOpenAI

            client = AsyncOpenAI(api_key=NO_KEY, base_url=_NOWHERE, http_client=http, max_retries=0)
        return await litellm.acompletion(**arguments, client=client)


def _arguments(
    model: Model,
    messages: Sequence[Message],
    reply_schema: Mapping[str, Any],
    key: str | None,
    *,
    sample: int,
    logprobs: bool,
) -> dict[str, Any]:
    given = {
        "api_base": model.api_base,
        "api_key": key or (NO_KEY if model.api_base else None),
        "temperature": model.temperature,
        "response_format": response_format(model, reply_schema),
        "logprobs": True if logprobs else None,
        "top_logprobs": TOP_LOGPROBS if logprobs else None,
        "sample": sample if model.provider == "local" else None,
    }
    return {
        "model": model.name,
        "messages": [dict(message) for message in messages],
        "max_tokens": model.max_tokens,
        "timeout": model.timeout_s,
        "num_retries": 0,
        "max_retries": 0,
        **{name: value for name, value in given.items() if value is not None},
    }


def _read(response: Any, model: Model) -> Answer:
    choice = response.choices[0]
    usage: Any = getattr(response, "usage", None)
    # LiteLLM fills in zeros for a provider that does not count.
    counted = usage is not None and usage.prompt_tokens > 0
    details = getattr(usage, "prompt_tokens_details", None)
    return Answer(
        text=choice.message.content or "",
        finish_reason=choice.finish_reason or "",
        refusal=_refusal(choice),
        prompt_tokens=usage.prompt_tokens if counted else None,
        completion_tokens=usage.completion_tokens if counted else None,
        cached_tokens=getattr(details, "cached_tokens", None) or 0,
        # LiteLLM puts its own name for some providers before what they said.
        model=(response.model or "").removeprefix(f"{model.provider}/"),
        fingerprint=getattr(response, "system_fingerprint", None),
        tokens=tuple(_scores(getattr(choice, "logprobs", None))),
        sound_tokens=getattr(details, "audio_tokens", None) or 0,
    )


def _refusal(choice: Any) -> str | None:
    said = (getattr(choice.message, "provider_specific_fields", None) or {}).get("refusal")
    if said:
        return str(said)
    return "the provider's content filter" if choice.finish_reason == "content_filter" else None


def _scores(logprobs: Any) -> Iterator[TokenScore]:
    for token in getattr(logprobs, "content", None) or ():
        others = tuple((other.token, other.logprob) for other in token.top_logprobs or ())
        yield TokenScore(token.token, token.logprob, others)


def failed(error: Exception, model: Model, key: str | None) -> AttemptFailed:
    """What went wrong, classed and without the key."""
    causes = list(_causes(error))
    kind = _kind(error, causes)
    reason = f"{model.name}: {_REASONS.get(kind) or _said(error, key)}"
    return AttemptFailed(kind, reason, retry_after_s(_headers(error, causes), datetime.now(UTC)))


def _said(error: Exception, key: str | None) -> str:
    """The provider's own words: one line, one sentence, no key."""
    line = " ".join(redact(str(error), key or "").split())
    words = _WRAPPING.sub("", line)[:_LONGEST_REASON] or type(error).__name__
    return words if words.endswith((".", "!", "?")) else f"{words}."


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _kind(error: Exception, causes: Sequence[BaseException]) -> Kind:
    if isinstance(error, TimeoutError | litellm.Timeout):
        return "timeout"
    lost = _kind_of_connection(causes)
    if lost is not None:
        return lost
    if isinstance(error, litellm.ContentPolicyViolationError):
        return "refused"
    if isinstance(error, litellm.UnsupportedParamsError) or "LLM Provider NOT provided" in str(error):
        return "unusable"
    return _kind_of_status(int(getattr(error, "status_code", None) or 500), error, causes)


def _kind_of_connection(causes: Sequence[BaseException]) -> Kind | None:
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return "no_host"
    if any(_is(cause, "ConnectError") or _is(cause, "ClientConnectorError") for cause in causes):
        return "unreachable"
    lost = ("TransportError", "ClientError")
    return "dropped" if any(_is(cause, name) for cause in causes for name in lost) else None


def _kind_of_status(status: int, error: Exception, causes: Sequence[BaseException]) -> Kind:
    said = f"{error} {getattr(error, 'body', '')}"
    if status == 402 or any(word in said for word in _QUOTA):
        return "quota"
    by_status: dict[int, Kind] = {401: "key", 403: "key", 404: "unusable", 408: "timeout", 429: "limited"}
    if status in by_status:
        return by_status[status]
    answered = any(_is(cause, "HTTPStatusError") for cause in causes)
    if status == 400 or (status < 500 and answered):
        return "rejected"
    # What LiteLLM cannot read it reports under a status of its own making, with no server's error behind it.
    unreadable = any(isinstance(cause, json.JSONDecodeError) for cause in causes)
    return "server" if answered and not unreadable else "malformed"


def _is(error: BaseException, name: str) -> bool:
    """By name: LiteLLM and the wire each have an HTTP package of their own."""
    return any(parent.__name__ == name for parent in type(error).__mro__)


def _headers(error: Exception, causes: Sequence[BaseException]) -> Mapping[str, str]:
    given: Any = getattr(error, "litellm_response_headers", None) or {}
    for cause in causes:
        if _is(cause, "HTTPStatusError"):
            given = cast("Any", cause).response.headers
    return {str(name).lower(): str(value) for name, value in given.items()}


_PLACEHOLDER: list[Message] = [{"role": "user", "content": ""}]
_ANY_REPLY = Received(
    200,
    {"content-type": "application/json"},
    b'{"id": "", "object": "chat.completion", "created": 0, "model": "any", "choices": [{"index": 0, '
    b'"message": {"role": "assistant", "content": ""}, "finish_reason": "stop"}]}',
)


async def batch_body(
    model: Model, messages: Sequence[Message], reply_schema: Mapping[str, Any], *, logprobs: bool
) -> bytes:
    """The body that LiteLLM would send for a request, in OpenAI's form, for a batch's file; nothing is sent."""
    way = lanes().way(model)
    asked = way.format_text(reply_schema)
    lane = way.lane("batch", logprobs, bool(asked), shape_of(messages))
    if lane.form is not None:
        return lane.form.body(messages, asked)
    arguments = _batch_arguments(model, messages, reply_schema, logprobs=logprobs)
    noted: list[Sent] = []
    await _unsent("sdk", arguments, _ANY_REPLY, noted)
    lane.learned, lane.form = (
        True,
        learn(noted[0], arguments["messages"], arguments.get("response_format")),
    )
    return noted[0].body


async def batch_answer(model: Model, body: bytes) -> Answer:
    """
    A reply out of a batch's file.

    Raises:
        AttemptFailed: If it is not what the interface promises.
    """
    received = Received(200, _ANY_REPLY.headers, body)
    plain = plain_answer(received)
    if plain is not None:
        return plain
    try:
        return _read(await _reread("sdk", _batch_arguments(model, _PLACEHOLDER, {}), received), model)
    except Exception as error:  # noqa: BLE001 - classed, and never lost
        raise failed(error, model, None) from None


def _batch_arguments(
    model: Model, messages: Sequence[Message], reply_schema: Mapping[str, Any], *, logprobs: bool = False
) -> dict[str, Any]:
    """Of a request in OpenAI's form, whichever of the providers with such batches it is for."""
    plain = model.name.partition("/")[2] or model.name
    given = _arguments(model, messages, reply_schema, NO_KEY, sample=0, logprobs=logprobs)
    return {**given, "model": f"openai/{plain}"}


async def close() -> None:
    """Close connections and stop LiteLLM's background task; a later call opens new ones."""
    await close_lanes()
    # Parts of LiteLLM that it does not promise to keep.
    with suppress(ImportError, AttributeError, TimeoutError):
        from litellm.litellm_core_utils.logging_worker import GLOBAL_LOGGING_WORKER

        async with asyncio.timeout(1):
            await GLOBAL_LOGGING_WORKER.flush()
        await GLOBAL_LOGGING_WORKER.stop()
    with suppress(ImportError, AttributeError):
        from litellm.llms.custom_httpx.async_client_cleanup import close_litellm_async_clients

        await close_litellm_async_clients()
        litellm.in_memory_llm_clients_cache.flush_cache()
