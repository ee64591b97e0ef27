"""The page's addresses: the way in, a page for each reviewer, and the items and answers behind it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp

from act_spec.documents.review_page import PageFacts, people_page, review_page
from act_spec.exchange.answer_form import PageAnswer
from act_spec.review_app.desk import Desk, NotYoursError
from act_spec.review_app.gate import ENTRANCE, Doorkeeper, Gate
from act_spec.store.reviews import AnsweredElsewhereError

MAX_BODY_BYTES = 256 * 1024
_RANGE = re.compile(r"bytes=(\d{1,12})-(\d{1,12})?")
Reply = Callable[[Request], Awaitable[Response]]


class _Posted(PageAnswer):
    """An answer with the revision that it is given on."""

    revision: int


class _TooLargeError(ValueError):
    """More was sent than any answer needs."""


@dataclass(frozen=True)
class ReviewApp:
    """
    The page's replies.

    They run on one event loop and never wait between reading and writing the
    desk, so two answers cannot cross.
    """

    desk: Desk
    facts: PageFacts
    doorkeeper: Doorkeeper

    async def enter(self, request: Request) -> Response:
        """Take the token of the printed link for a session."""
        session = self.doorkeeper.enter(request.query_params.get("token", ""))
        if session is None:
            return PlainTextResponse(
                "This link was used already, or is of an earlier start. Take the last one that was printed.",
                403,
            )
        return RedirectResponse("/", 303, headers={"Set-Cookie": self.doorkeeper.set_cookie(session)})

    async def start(self, _: Request) -> Response:
        """The only reviewer's page, or the question who it is."""
        if len(self.desk.reviewers) == 1:
            return RedirectResponse("/as/0", 303)
        links = [(name, f"/as/{number}") for number, name in enumerate(self.desk.reviewers)]
        return HTMLResponse(people_page(self.facts.title, links))

    async def page(self, request: Request) -> Response:
        """The page of one reviewer."""
        name = self._reviewer(request)
        base = f"/as/{request.path_params['number']}"
        csrf = self.doorkeeper.csrf(request.headers)
        more = {"base": base, "csrf": csrf, "memory": f"act-spec {base} "}
        return HTMLResponse(review_page(replace(self.facts, reviewer=name, more=more)))

    async def queue(self, request: Request) -> Response:
        """All of one reviewer's items, and how far they are."""
        name = self._reviewer(request)
        listed = [{"id": number, "outcome": outcome} for number, outcome in self.desk.queue(name)]
        return JSONResponse({"items": listed, **vars(self.desk.progress(name))})

    async def item(self, request: Request) -> Response:
        """One item."""
        return JSONResponse(self.desk.item(self._reviewer(request), request.path_params["item"]))

    async def media(self, request: Request) -> Response:
        """An image or a sound of an item, whole or the part that a player asks for."""
        asked = request.path_params
        mime, data = self.desk.media(self._reviewer(request), asked["item"], asked["sha256"])
        headers = {"Accept-Ranges": "bytes"}
        part = _RANGE.fullmatch(request.headers.get("range", ""))
        if part is None or int(part[1]) >= len(data):
            return Response(data, media_type=mime, headers=headers)
        first, last = int(part[1]), min(int(part[2] or len(data) - 1), len(data) - 1)
        headers["Content-Range"] = f"bytes {first}-{last}/{len(data)}"
        return Response(data[first : last + 1], 206, media_type=mime, headers=headers)

    async def machine(self, request: Request) -> Response:
        """What the machine had said, where that may show."""
        machine = self.desk.machine(self._reviewer(request), request.path_params["item"])
        return JSONResponse({"machine": machine})

    async def answer(self, request: Request) -> Response:
        """Take an answer; the reply comes when it is committed."""
        name = self._reviewer(request)
        posted = _Posted.model_validate_json(await _body(request))
        try:
            return JSONResponse(self.desk.answer(name, request.path_params["item"], posted, posted.revision))
        except AnsweredElsewhereError as error:
            return JSONResponse(self.desk.as_said(error.given), 409)

    def _reviewer(self, request: Request) -> str:
        number: int = request.path_params["number"]
        if number >= len(self.desk.reviewers):
            raise NotYoursError("There is no such reviewer.")
        return self.desk.reviewers[number]


def review_app(desk: Desk, facts: PageFacts, announce: Callable[[str], None], port: int) -> ASGIApp:
    """
    The whole page behind its gate.

    Args:
        desk: Queues and answers.
        facts: What every page shows; reviewer and addresses are filled in.
        announce: Told each link's path with its one-time token.
        port: On which the page is served, at 127.0.0.1.
    """
    doorkeeper = Doorkeeper(lambda token: announce(f"{ENTRANCE}?token={token}"), port)
    made = ReviewApp(desk, facts, doorkeeper)
    item = "/as/{number:int}/items/{item:int}"
    app = Starlette(
        exception_handlers={
            NotYoursError: _refused,
            ValidationError: _malformed,
            ValueError: _no_answer,
        }
    )
    # Starlette would build a redirect to /x/ from the request's own words.
    app.router = Router(
        [
            Route(ENTRANCE, made.enter),
            Route("/", made.start),
            Route("/as/{number:int}", made.page),
            Route("/as/{number:int}/queue", made.queue),
            Route(item, made.item, methods=["GET"]),
            Route(item, made.answer, methods=["POST"]),
            Route(f"{item}/machine", made.machine),
            Route(f"{item}/media/{{sha256}}", made.media),
        ],
        redirect_slashes=False,
    )
    return Gate(app, doorkeeper, port)


async def _body(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise _TooLargeError("The answer is too long.")
    return body


async def _refused(_: Request, error: Exception) -> Response:
    return JSONResponse({"message": str(error)}, 404)


async def _malformed(_: Request, __: Exception) -> Response:
    return JSONResponse({"message": "This is not an answer of the review page."}, 400)


async def _no_answer(_: Request, error: Exception) -> Response:
    return JSONResponse({"message": f"Not saved: {error}"}, 400)
