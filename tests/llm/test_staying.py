"""Items, and the key beside them, go to the declared address, wherever a server there points."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import canary
import httpx
import pytest

from act_spec.llm.model import Model
from act_spec.llm.retry import AttemptFailed

SCHEMA = {"type": "object", "properties": {"label": {"type": "string"}}}


@contextmanager
def servers(status: int) -> Iterator[tuple[str, list[str], list[bytes]]]:
    """A server that points to another: its address, the paths that it was asked for, and what reached the other."""
    asked: list[str] = []
    arrived: list[bytes] = []

    class Elsewhere(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            arrived.append(str(self.headers).encode() + body)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"{}")

        do_GET = do_POST  # noqa: N815 - as the library calls it

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    class Declared(Elsewhere):
        def do_POST(self) -> None:
            asked.append(self.path)
            self.rfile.read(int(self.headers.get("content-length", 0)))
            self.send_response(status)
            self.send_header("location", f"http://localhost:{elsewhere.server_port}{self.path}")
            self.send_header("content-length", "0")
            self.end_headers()

        do_GET = do_POST  # noqa: N815 - likewise

    with (
        ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere) as elsewhere,
        ThreadingHTTPServer(("127.0.0.1", 0), Declared) as declared,
    ):
        for one in (elsewhere, declared):
            threading.Thread(target=one.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{declared.server_port}/v1", asked, arrived
        for one in (elsewhere, declared):
            one.shutdown()


@pytest.mark.promise("secrets")
@pytest.mark.parametrize("fast", ["0", "1"])
@pytest.mark.parametrize(
    "provider", ["openai", "hosted_vllm", "mistral", "anthropic", "ollama_chat", "gemini"]
)
def test_no_item_and_no_key_follow_a_redirect(monkeypatch, provider, fast):
    from act_spec.llm import provider as llm

    monkeypatch.setenv("ACT_SPEC_FAST_PATH", fast)

    async def ask(url: str) -> None:
        model = Model(f"{provider}/tested", api_base=url, api_key_env=canary.VARIABLE, timeout_s=30)
        messages = ({"role": "user", "content": "what an item says"},)
        try:
            await llm.ask(model, messages, SCHEMA, sample=0, logprobs=False)
        finally:
            await llm.close()

    with servers(307) as (url, asked, arrived), pytest.raises(AttemptFailed) as failed:
        asyncio.run(ask(url))

    assert asked
    assert arrived == []
    assert failed.value.kind == "moved"
    assert "write that address as api_base" in str(failed.value)


def test_batches_follow_no_redirect_either():
    from act_spec.llm import openai_files

    async def look(url: str) -> None:
        model = Model("openai/tested", api_base=url, api_key_env=canary.VARIABLE, timeout_s=30)
        await openai_files.batch_file(model, "file-1")

    with servers(302) as (url, asked, arrived), pytest.raises(AttemptFailed, match="api_base"):
        asyncio.run(look(url))

    assert (bool(asked), arrived) == (True, [])


def test_whoever_else_uses_the_http_package_follows_them():
    import act_spec.llm.staying  # noqa: F401 - with it loaded

    async def get(url: str) -> int:
        async with httpx.AsyncClient(follow_redirects=True) as client:
            return (await client.get(url)).status_code

    with servers(302) as (url, _, arrived):
        assert asyncio.run(get(url)) == 200
    assert len(arrived) == 1
