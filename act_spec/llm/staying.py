"""
Requests go to the address that was declared, and nowhere that a server there points to.

LiteLLM's clients and OpenAI's follow redirects: a server could send every item
on to a host that no recipe names, and keys with them, since only `Authorization`
is left out there and others' headers are not.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import httpx

_staying: ContextVar[bool] = ContextVar("staying", default=False)
_send = httpx.AsyncClient.send


@contextmanager
def staying() -> Iterator[None]:
    """No request that is made meanwhile, by whomever, follows a redirect; the redirect is its reply."""
    before = _staying.set(True)
    try:
        yield
    finally:
        _staying.reset(before)


async def _stay(client: httpx.AsyncClient, request: httpx.Request, **options: Any) -> httpx.Response:
    if _staying.get():
        options["follow_redirects"] = False
    return await _send(client, request, **options)


# The one place that every client comes through, whoever made it and whatever it was made with.
httpx.AsyncClient.send = _stay  # type: ignore[assignment, method-assign]
