"""
A stand-in for a model that answers as fast as one Python process can; for `calls.py`, in a process of its own.

`python fast_server.py LATENCY_S [AT_ONCE refuse|queue]` works on at most AT_ONCE requests at a time, and refuses
further ones with 429, or lets them wait for their turn.
"""

from __future__ import annotations

import asyncio
import json
import math
import sys
from collections import deque
from collections.abc import Mapping
from typing import ClassVar

LABEL = {"label": "good"}
VERDICT = {"reasoning": "It says so.", "error_probability": 0.2, "suggested_label": "good"}


def reply(content: Mapping[str, object]) -> bytes:
    """A whole HTTP reply in OpenAI's form, headers included."""
    message = {"role": "assistant", "content": json.dumps(content), "refusal": None}
    body = json.dumps(
        {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1,
            "model": "stand-in-1",
            "system_fingerprint": "fp_1",
            "choices": [{"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}],
            "usage": {"prompt_tokens": 200, "completion_tokens": 10, "total_tokens": 210},
        }
    ).encode()
    return whole(body)


def models() -> bytes:
    """What answers who asks first which models there are."""
    return whole(
        json.dumps({"object": "list", "data": [{"id": "gpt-3.5-turbo", "object": "model"}]}).encode()
    )


def refusal() -> bytes:
    """What answers who asks beyond what is worked on."""
    return whole(
        json.dumps({"error": {"message": "Too many at once.", "code": "busy"}}).encode(), b"429 Busy"
    )


def whole(body: bytes, status: bytes = b"200 OK") -> bytes:
    """A reply with its headers."""
    head = b"HTTP/1.1 %b\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % (
        status,
        len(body),
    )
    return head + body


class Answering(asyncio.Protocol):
    """Reads requests off one connection and answers each after the latency."""

    latency_s = 0.0
    at_once, refuses = math.inf, False
    working = 0
    waiting: ClassVar[deque[tuple[Answering, bytes]]] = deque()
    label, verdict, models, refusal = reply(LABEL), reply(VERDICT), models(), refusal()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._held = b""

    def data_received(self, data: bytes) -> None:
        self._held += data
        while (end := self._held.find(b"\r\n\r\n")) >= 0:
            start = self._held.lower().find(b"content-length:", 0, end) + 15
            asks = self._held.startswith(b"POST")
            length = int(self._held[start : self._held.index(b"\r\n", start)]) if start >= 15 else 0
            if len(self._held) < end + 4 + length:
                return
            body, self._held = self._held[end + 4 : end + 4 + length], self._held[end + 4 + length :]
            verdict = b"error_probability" in body
            wanted = self.models if not asks else self.verdict if verdict else self.label
            if Answering.working < self.at_once:
                self._work(wanted)
            elif self.refuses:
                self._answer(self.refusal)
            else:
                self.waiting.append((self, wanted))

    def _work(self, wanted: bytes) -> None:
        if self.latency_s:
            Answering.working += 1
            asyncio.get_running_loop().call_later(self.latency_s, self._worked, wanted)
        else:
            self._answer(wanted)

    def _worked(self, wanted: bytes) -> None:
        Answering.working -= 1
        self._answer(wanted)
        if self.waiting:
            connection, other = self.waiting.popleft()
            connection._work(other)

    def _answer(self, wanted: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(wanted)  # type: ignore[attr-defined]


async def serve(latency_s: float, at_once: float = math.inf, beyond: str = "queue") -> None:
    """Print the port, then answer until the process is ended."""
    Answering.latency_s = latency_s
    Answering.at_once, Answering.refuses = at_once, beyond == "refuse"
    server = await asyncio.get_running_loop().create_server(Answering, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    limited = len(sys.argv) > 2
    asyncio.run(
        serve(
            float(sys.argv[1]),
            float(sys.argv[2]) if limited else math.inf,
            sys.argv[3] if limited else "queue",
        )
    )
