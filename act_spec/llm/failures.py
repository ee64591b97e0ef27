"""What went wrong with a call, as LiteLLM, its HTTP clients or ours report it: classed, in one line, without keys."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, cast

from act_spec.llm.keys import redact
from act_spec.llm.model import Model
from act_spec.llm.retry import AttemptFailed, Kind, retry_after_s

_LONGEST_REASON = 500
# "litellm.RateLimitError: RateLimitError: OpenAIException - " before what the provider said.
_WRAPPING = re.compile(r"^(?:(?:litellm\.)?\w+(?:Error|Exception)(?:: | - ))+")
_REASONS: Mapping[Kind, str] = {
    "timeout": "no reply in time (timeout_s).",
    "no_host": "its host is not found; check api_base and the network.",
    "unreachable": "its server cannot be reached; check api_base and whether it runs.",
    "moved": "its server points to another address, and items go only where they were meant to; "
    "if you trust it, write that address as api_base.",
    "dropped": "the connection ended before the reply did.",
    "malformed": "the server's reply is not what its interface promises.",
}
_OVERLOADED = (503, 529)
_QUOTA = ("insufficient_quota", "billing_hard_limit_reached", "credit balance is too low")


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
    if isinstance(error, TimeoutError) or _is(error, "Timeout"):
        return "timeout"
    lost = _kind_of_connection(causes)
    if lost is not None:
        return lost
    if any(300 <= _status(cause) < 400 for cause in causes):
        return "moved"
    if _is(error, "ContentPolicyViolationError"):
        return "refused"
    if _is(error, "UnsupportedParamsError") or "LLM Provider NOT provided" in str(error):
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
    if not answered or unreadable:
        return "malformed"
    return "overloaded" if status in _OVERLOADED else "server"


def _status(error: BaseException) -> int:
    """What a server answered, of an error of LiteLLM's or of its HTTP client's; 0 where none did."""
    response = getattr(error, "response", None)
    told = getattr(response, "status_code", None) or getattr(error, "status_code", None)
    return int(str(told)) if str(told).isdigit() else 0


def _is(error: BaseException, name: str) -> bool:
    """By name: LiteLLM and the wire each have an HTTP package of their own."""
    return any(parent.__name__ == name for parent in type(error).__mro__)


def _headers(error: Exception, causes: Sequence[BaseException]) -> Mapping[str, str]:
    given: Any = getattr(error, "litellm_response_headers", None) or {}
    for cause in causes:
        if _is(cause, "HTTPStatusError"):
            given = cast("Any", cause).response.headers
    return {str(name).lower(): str(value) for name, value in given.items()}
