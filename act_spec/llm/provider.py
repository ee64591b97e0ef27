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
import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager, suppress
from contextvars import ContextVar
from typing import Any

from act_spec.llm.answer import Answer
from act_spec.llm.arguments import NO_KEY, TOP_LOGPROBS, arguments_of, batch_arguments_of
from act_spec.llm.failures import failed
from act_spec.llm.lanes import Lane, Way, close_lanes, lanes, shape_of
from act_spec.llm.model import Model
from act_spec.llm.paths import Path
from act_spec.llm.prices import likely_tokens, tokens_of
from act_spec.llm.readings import read
from act_spec.llm.staying import staying
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

AZURE_API_VERSION: str = litellm.AZURE_DEFAULT_API_VERSION
_NOWHERE = "http://reread.invalid"
# Headers that no longer hold once a body was decoded.
_DECODED = frozenset({"content-encoding", "content-length", "transfer-encoding"})


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
    # Nor need it look at what calls in flight hold every few calls: that was 7% of their time.
    gc.set_threshold(10_000, 20, 20)
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
        with staying():
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
    arguments = arguments_of(model, messages, reply_schema, way.key, sample=sample, logprobs=logprobs)
    if received is not None:
        return read(await _reread(way.path, arguments, received), model)
    if way.path != "litellm" and not lane.learned:
        async with AsyncExitStack() as clients:
            async with known.learning:
                call = None if lane.learned else await _begun(way.path, arguments, lane, clients)
            if call is not None:
                return read(await call, model)
        return await _answered(way, model, messages, reply_schema, sample=sample, logprobs=logprobs)
    return read(await litellm.acompletion(**arguments), model)


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
    arguments = batch_arguments_of(model, messages, reply_schema, logprobs=logprobs)
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
        return read(await _reread("sdk", batch_arguments_of(model, _PLACEHOLDER, {}), received), model)
    except Exception as error:  # noqa: BLE001 - classed, and never lost
        raise failed(error, model, None) from None


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
