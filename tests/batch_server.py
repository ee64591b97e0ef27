"""
The test suite's model server with files and batches beside it, as OpenAI's interface has them.

A batch waits until it is let go, so that a test decides what happens while it
is out. What becomes of its lines, and of the batch as a whole, can be scripted.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from model_server import Answer, ModelServer, request_key

Fate = Callable[[int], str]
"""Place of a line in its file to what becomes of it: `ok`, `lost`, `error`, `malformed_line`, or a fault of `ModelServer`."""


@dataclass
class Batch:
    """One batch as the server holds it."""

    name: str
    input_file: str
    metadata: Mapping[str, str]
    status: str = "in_progress"
    lines: int = 0
    answered: int = 0
    files: dict[str, str] = field(default_factory=dict)
    errors: list[dict[str, Any]] = field(default_factory=list)


class BatchServer(ModelServer):
    """
    See the module.

    Args:
        fates: What becomes of each line of a batch.
        ends: How batches end, in order: `completed`, `expired`, or `failed:CODE`; `completed` beyond its end.
        ready: Whether batches end by themselves as soon as somebody looks.
        shuffled: Whether results come in another order, with one of them twice.
        listed: Whether batches can be listed.
        drop_creates: How many times a batch is made and the answer never comes.
        latency_s: Before every answer.

    Attributes:
        batches: By name.
        uploads: How many files were taken in.
        by_batch: Request key to the number of times that a batch was billed for it.
        asked: How often each endpoint was asked.
    """

    def __init__(
        self,
        *,
        fates: Fate = lambda _: "ok",
        ends: Sequence[str] = (),
        ready: bool = True,
        shuffled: bool = False,
        listed: bool = True,
        drop_creates: int = 0,
        latency_s: float = 0.0,
        script: Sequence[str] = (),
        answer: Answer | None = None,
    ) -> None:
        super().__init__(script=script, answer=answer, latency_s=latency_s)
        self._fates = fates
        self._ends = list(ends)
        self._shuffled = shuffled
        self._listed = listed
        self._drop_creates = drop_creates
        self._let_go = threading.Event()
        if ready:
            self._let_go.set()
        self.batches: dict[str, Batch] = {}
        self.by_batch: Counter[str] = Counter()
        self.asked: Counter[str] = Counter()
        self.uploads = 0
        self._hanging = False
        self._files: dict[str, bytes] = {}

    @contextmanager
    def hanging_creates(self) -> Iterator[None]:
        """Meanwhile batches are made, and the answer is not sent."""
        self._hanging = True
        try:
            yield
        finally:
            self._hanging = False

    def let_go(self) -> None:
        """From now on batches end as soon as somebody looks."""
        self._let_go.set()

    def _add_routes(self, app: web.Application) -> None:
        super()._add_routes(app)
        for root in ("/v1", "/openai"):  # the second is Azure's
            app.router.add_post(f"{root}/files", self._upload)
            app.router.add_get(f"{root}/files/{{name}}/content", self._content)
            app.router.add_post(f"{root}/batches", self._create)
            app.router.add_get(f"{root}/batches", self._list)
            app.router.add_get(f"{root}/batches/{{name}}", self._retrieve)
            app.router.add_post(f"{root}/batches/{{name}}/cancel", self._cancel)

    async def _upload(self, request: web.Request) -> web.Response:
        await asyncio.sleep(self._latency_s)
        self.asked["upload"] += 1
        form = await request.post()
        sent: Any = form["file"]
        self.uploads += 1
        name = f"file-{self.uploads}"
        self._files[name] = sent.file.read()
        made = {
            "id": name,
            "object": "file",
            "bytes": len(self._files[name]),
            "created_at": 0,
            "filename": sent.filename,
            "purpose": form["purpose"],
            "status": "processed",
        }
        return web.json_response(made)

    async def _content(self, request: web.Request) -> web.Response:
        await asyncio.sleep(self._latency_s)
        return web.Response(body=self._files[request.match_info["name"]])

    async def _create(self, request: web.Request) -> web.Response:
        said = await request.json()
        batch = Batch(f"batch_{len(self.batches) + 1}", said["input_file_id"], said.get("metadata") or {})
        batch.lines = len(self._lines(batch))
        self.batches[batch.name] = batch
        # Not before: a test that waits for this may kill who asks.
        self.asked["create"] += 1
        if self._hanging:
            await asyncio.sleep(3600)
        await asyncio.sleep(self._latency_s)
        if self._drop_creates:
            self._drop_creates -= 1
            return self._drop(request)
        return web.json_response(self._shown(batch))

    async def _list(self, request: web.Request) -> web.Response:
        self.asked["list"] += 1
        if not self._listed:
            return web.json_response({"error": {"message": "Not here."}}, status=404)
        newest = [self._shown(batch) for batch in reversed(self.batches.values())]
        after = request.query.get("after")
        start = 1 + [one["id"] for one in newest].index(after) if after else 0
        page = newest[start : start + int(request.query.get("limit", 20))]
        more = start + len(page) < len(newest)
        made = {"object": "list", "data": page, "has_more": more}
        return web.json_response(made | ({"last_id": page[-1]["id"]} if page else {}))

    async def _retrieve(self, request: web.Request) -> web.Response:
        await asyncio.sleep(self._latency_s)
        self.asked["retrieve"] += 1
        batch = self.batches[request.match_info["name"]]
        if self._let_go.is_set() and batch.status == "in_progress":
            self._end(batch, self._ends.pop(0) if self._ends else "completed")
        return web.json_response(self._shown(batch))

    async def _cancel(self, request: web.Request) -> web.Response:
        self.asked["cancel"] += 1
        batch = self.batches[request.match_info["name"]]
        if batch.status == "in_progress":
            self._end(batch, "cancelled")
        return web.json_response(self._shown(batch))

    def _lines(self, batch: Batch) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self._files[batch.input_file].decode().splitlines()]

    def _end(self, batch: Batch, how: str) -> None:
        batch.status, _, code = how.partition(":")
        if batch.status == "failed":
            batch.errors = [{"code": code, "message": "The batch cannot be processed.", "line": None}]
            return
        lines = self._lines(batch)
        # Of a batch that did not come to its end, every other line was answered.
        answered = lines if batch.status == "completed" else lines[::2]
        good: list[dict[str, Any]] = []
        bad: list[dict[str, Any]] = []
        for place, line in enumerate(answered):
            fate = self._fates(place)
            if fate == "error":
                error = {"status_code": 500, "body": {"error": {"message": "The server had an error."}}}
                bad.append(
                    {"id": f"r{place}", "custom_id": line["custom_id"], "response": error, "error": None}
                )
            elif fate != "lost":
                good.append(self._answered(place, line, fate))
        if batch.status == "expired":
            error = {"code": "batch_expired", "message": "This request could not be executed in time."}
            bad += [
                {"id": "r", "custom_id": line["custom_id"], "response": None, "error": error}
                for line in lines[1::2]
            ]
        batch.answered = len(good)
        if self._shuffled and good:
            good = [*reversed(good), good[0]]
        for name, found in (("output_file_id", good), ("error_file_id", bad)):
            if found:
                batch.files[name] = f"file-{name}-{batch.name}"
                text = "\n".join(json.dumps(one) for one in found)
                self._files[batch.files[name]] = text.encode()

    def _answered(self, place: int, line: Mapping[str, Any], fate: str) -> dict[str, Any]:
        body = line["body"]
        made, tokens = self._completion(body, request_key(body), "ok" if fate == "malformed_line" else fate)
        if fate == "malformed_line":
            return {"custom_id": line["custom_id"], "response": {"status_code": 200, "body": {"choices": []}}}
        self._bill(request_key(body), tokens)
        self.by_batch[request_key(body)] += 1
        response = {"status_code": 200, "request_id": f"q{place}", "body": made}
        return {"id": f"r{place}", "custom_id": line["custom_id"], "response": response, "error": None}

    @staticmethod
    def _shown(batch: Batch) -> dict[str, Any]:
        return {
            "id": batch.name,
            "object": "batch",
            "endpoint": "/v1/chat/completions",
            "input_file_id": batch.input_file,
            "completion_window": "24h",
            "status": batch.status,
            "created_at": 0,
            "metadata": dict(batch.metadata),
            "request_counts": {"total": batch.lines, "completed": batch.answered, "failed": 0},
            "errors": {"object": "list", "data": batch.errors} if batch.errors else None,
            **batch.files,
        }
