"""
What goes over the wire for a model, learned from LiteLLM and sent without it.

LiteLLM knows how each provider is addressed; its bookkeeping for every call
costs twenty times what the call itself does. So the first call goes through
it, and the request that it makes is noted. Later calls send the same request
with other messages, and read the reply themselves if it is a plain one.

A reply is plain if nothing in it wants LiteLLM's knowledge: an answer as text,
token counts, perhaps scores. Whatever else comes back is for LiteLLM to read.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp

from act_spec.llm.answer import Answer
from act_spec.records import TokenScore

MOST_BYTES = 32 * 1024 * 1024
"""Of a reply; a longer one is cut off, and so cannot be read."""

# What the HTTP client sets for each request by itself.
_OWN_HEADERS = frozenset({"accept-encoding", "connection", "content-length", "host", "transfer-encoding"})
# What OpenAI's package tells of itself and its machine; it does not send these requests.
_OF_PACKAGE = "x-stainless-"
_FINISHED = frozenset({"stop", "length"})
_PLAIN_MESSAGE = frozenset({"role", "content", "refusal"})
_PLAIN_USAGE = frozenset(
    {
        "prompt_tokens",
        "completion_tokens",
        "total_tokens",
        "prompt_tokens_details",
        "completion_tokens_details",
    }
)
_THOUGHTS = ("<think", "<budget:thinking")


@dataclass(frozen=True)
class Sent:
    """A request as LiteLLM made it."""

    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Received:
    """What came back for a request."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Form:
    """
    A request with the places left open that differ from call to call.

    Attributes:
        url: Where it goes.
        headers: Key included.
        fixed: The body's other members as JSON text, without braces.
        format_key: The body's name for the reply's format; None where it has none.
        proxy: The address that the environment names for such requests.
    """

    url: str
    headers: Mapping[str, str] = field(repr=False)
    fixed: str
    format_key: str | None
    proxy: str | None = None

    def body(self, messages: Sequence[Mapping[str, Any]], format_text: str) -> bytes:
        """The body for one call; `format_text` is the reply's format as JSON, where the body has a name for it."""
        asked = f',"{self.format_key}":{format_text}' if self.format_key is not None else ""
        fixed = f"{self.fixed}," if self.fixed else ""
        return f'{{{fixed}"messages":{json_text(messages)}{asked}}}'.encode()


def learn(sent: Sent, messages: Sequence[Mapping[str, Any]], reply_format: Any) -> Form | None:
    """
    The form of a request, if it holds the messages and the reply's format just as they were given.

    None where the provider wants them in a form of its own, which then only LiteLLM can write,
    and where the environment names a proxy that only its HTTP clients know how to use.
    """
    body: Any = None
    with suppress(ValueError):
        body = json.loads(sent.body)
    if not isinstance(body, dict) or body.pop("messages", None) != list(messages):
        return None
    if body.pop("response_format", None) != reply_format:
        return None
    headers = {
        name: value
        for name, value in sent.headers.items()
        if name.lower() not in _OWN_HEADERS and not name.lower().startswith(_OF_PACKAGE)
    }
    format_key = None if reply_format is None else "response_format"
    proxy = _proxy(sent.url)
    if proxy and not proxy.startswith(("http://", "https://")):
        return None
    return Form(sent.url, headers, json_text(body)[1:-1], format_key, proxy)


def _proxy(url: str) -> str | None:
    """What HTTP_PROXY and its kin say of an address; looked up once, for it costs as much as a call."""
    parts = urlsplit(url)
    return None if proxy_bypass(parts.hostname or "") else getproxies().get(parts.scheme)


class Wire:
    """HTTP for an event loop: connections are kept and shared, redirects are not followed."""

    def __init__(self) -> None:
        """Prepare; nothing is opened before the first call."""
        self._connector: aiohttp.TCPConnector | None = None
        # A form's headers are its session's, which costs less than to put them together for each request.
        self._sessions: dict[int, tuple[Form, aiohttp.ClientSession]] = {}

    async def send(self, form: Form, body: bytes) -> Received:
        """
        Make one request.

        Raises:
            aiohttp.ClientError: If there is no connection, or it ends early.
        """
        known = self._sessions.get(id(form))
        session = self._open(form) if known is None else known[1]
        async with session.post(form.url, data=body, allow_redirects=False, proxy=form.proxy) as response:
            received = await response.content.read(MOST_BYTES + 1)
            while len(received) <= MOST_BYTES and (more := await response.content.read(MOST_BYTES)):
                received += more
            return Received(response.status, response.headers, received[:MOST_BYTES])

    def _open(self, form: Form) -> aiohttp.ClientSession:
        if self._connector is None:
            # The engine bounds how many calls are in flight, and the call's own deadline how long each may take.
            self._connector = aiohttp.TCPConnector(limit=0, ssl=_trusted())
        session = aiohttp.ClientSession(
            connector=self._connector,
            connector_owner=False,
            timeout=aiohttp.ClientTimeout(total=None),
            headers=form.headers,
            # Nothing is asked of cookies, and to look for them costs time with each request.
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        self._sessions[id(form)] = form, session
        return session

    async def close(self) -> None:
        """Close the connections; a later call opens new ones."""
        sessions, self._sessions = self._sessions, {}
        connector, self._connector = self._connector, None
        for _, session in sessions.values():
            await session.close()
        if connector is not None:
            await connector.close()
            # One turn of the loop, in which closed transports say goodbye.
            await asyncio.sleep(0)


def _trusted() -> ssl.SSLContext:
    """The certificates that the variables SSL_CERT_FILE and SSL_CERT_DIR name, else those that LiteLLM brings."""
    import os

    import certifi

    if os.environ.get("SSL_CERT_FILE") or os.environ.get("SSL_CERT_DIR"):
        return ssl.create_default_context()
    return ssl.create_default_context(cafile=certifi.where())


def plain_answer(received: Received) -> Answer | None:
    """The answer in a reply, if it is a plain one; None if LiteLLM is to read it."""
    body: Any = None
    if received.status == 200:
        with suppress(ValueError):
            body = json.loads(received.body)
    if not isinstance(body, dict) or body.get("error") or not _one_plain_choice(body):
        return None
    usage = body.get("usage") or {}
    if not _plain_usage(usage):
        return None
    choice = body["choices"][0]
    counted = usage.get("prompt_tokens", 0) > 0
    details = usage.get("prompt_tokens_details") or {}
    return Answer(
        text=choice["message"].get("content") or "",
        finish_reason=choice["finish_reason"],
        refusal=choice["message"].get("refusal") or None,
        prompt_tokens=usage["prompt_tokens"] if counted else None,
        completion_tokens=usage["completion_tokens"] if counted else None,
        cached_tokens=details.get("cached_tokens") or 0,
        model=body["model"],
        fingerprint=body.get("system_fingerprint"),
        tokens=tuple(_scores(choice.get("logprobs"))),
        sound_tokens=details.get("audio_tokens") or 0,
    )


def _one_plain_choice(body: Mapping[str, Any]) -> bool:
    choices, model = body.get("choices"), body.get("model")
    if not isinstance(choices, list) or len(choices) != 1 or not isinstance(model, str) or not model:
        return False
    choice = choices[0]
    message = choice.get("message") if isinstance(choice, dict) else None
    if not isinstance(message, dict) or choice.get("finish_reason") not in _FINISHED:
        return False
    if any(value for name, value in message.items() if name not in _PLAIN_MESSAGE):
        return False
    content = message.get("content")
    return content is None or (isinstance(content, str) and not content.startswith(_THOUGHTS))


def _plain_usage(usage: Any) -> bool:
    if not isinstance(usage, dict) or any(value for name, value in usage.items() if name not in _PLAIN_USAGE):
        return False
    counts = [usage.get(name) for name in ("prompt_tokens", "completion_tokens")]
    return not usage or all(type(count) is int and count >= 0 for count in counts)


def _scores(logprobs: Any) -> list[TokenScore]:
    content = logprobs.get("content") if isinstance(logprobs, dict) else None
    return [
        TokenScore(
            one["token"],
            one["logprob"],
            tuple((other["token"], other["logprob"]) for other in one.get("top_logprobs") or ()),
        )
        for one in content or ()
    ]


def json_text(value: Any) -> str:
    """JSON without spaces, in the order of its members, as LiteLLM's HTTP clients write it."""
    return _encoder.encode(value)


_encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
