"""
Who may talk to the page.

The page is for browsers on this machine that have opened a link which the
program printed. Other sites in the same browser, and names that are made to
point here, get nothing: the host must be ours, the session's cookie must be
there, and whoever writes must come from the page itself.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from act_spec.documents.review_page import policy

ENTRANCE = "/enter"
_DAY_S = 86_400
_OURSELVES = "'self'"
_SAFE = frozenset({"GET", "HEAD"})
_CLOSED = (
    "This page is closed to this browser. Open the link that `act-spec review` printed last; each works once."
)


class Doorkeeper:
    """One-time tokens that become sessions; both live as long as the process."""

    def __init__(self, announce: Callable[[str], None], port: int) -> None:
        """
        Make and announce the first token.

        Args:
            announce: Told each new token. A used one is followed by another.
            port: Cookies know no ports, so the cookie's name has it.
        """
        self.cookie = f"act_spec_review_{port}"
        self._announce = announce
        self._sessions: dict[str, str] = {}
        self._token = ""
        self._renew()

    def enter(self, token: str) -> str | None:
        """A new session for the token, which is spent by it; None for any other."""
        if not hmac.compare_digest(token.encode(), self._token.encode()):
            return None
        session = secrets.token_urlsafe(32)
        self._sessions[session] = secrets.token_urlsafe(32)
        self._renew()
        return session

    def csrf(self, headers: Headers) -> str | None:
        """The token that this session's page writes with; None without a session."""
        jar = SimpleCookie()
        try:
            jar.load(headers.get("cookie", ""))
        except CookieError:
            return None
        return self._sessions.get(jar[self.cookie].value) if self.cookie in jar else None

    def set_cookie(self, session: str) -> str:
        """The header that gives a browser its session."""
        return f"{self.cookie}={session}; Max-Age={_DAY_S}; Path=/; HttpOnly; SameSite=Strict"

    def _renew(self) -> None:
        self._token = secrets.token_urlsafe(32)
        self._announce(self._token)


class Gate:
    """Lets through what may pass, and puts the protecting headers on every reply."""

    def __init__(self, app: ASGIApp, doorkeeper: Doorkeeper, port: int) -> None:
        """
        Guard an app.

        Args:
            app: What is guarded.
            doorkeeper: Knows the sessions.
            port: Of the page; other ports are other hosts.
        """
        self._app = app
        self._doorkeeper = doorkeeper
        self._hosts = frozenset({f"127.0.0.1:{port}", f"localhost:{port}"})
        self._headers = _headers()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or hand it to the app."""
        if scope["type"] != "http":
            return
        refused = self._refuse(scope)

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers[name] = value
            await send(message)

        await (refused or self._app)(scope, receive, guarded)

    def _refuse(self, scope: Scope) -> PlainTextResponse | None:
        headers = Headers(scope=scope)
        if headers.getlist("host")[:2] not in [[host] for host in self._hosts]:
            return PlainTextResponse("This address is not the review page's.", 400)
        if scope["method"] not in {*_SAFE, "POST"}:
            return PlainTextResponse("There is nothing of that kind here.", 405)
        if scope["path"] == ENTRANCE and scope["method"] in _SAFE:
            return None
        csrf = self._doorkeeper.csrf(headers)
        if csrf is None:
            return PlainTextResponse(_CLOSED, 403)
        if scope["method"] not in _SAFE and not self._from_the_page(headers, csrf):
            return PlainTextResponse("This did not come from the review page; nothing was written.", 403)
        return None

    def _from_the_page(self, headers: Headers, csrf: str) -> bool:
        return (
            headers.get("origin") == f"http://{headers['host']}"
            and headers.get("sec-fetch-site", "same-origin") == "same-origin"
            and headers.get("content-type", "").partition(";")[0].strip() == "application/json"
            and hmac.compare_digest(headers.get("x-csrf-token", "").encode(), csrf.encode())
        )


def _headers() -> dict[str, str]:
    return {
        "Content-Security-Policy": f"{policy(_OURSELVES)}; frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "no-store",
    }
