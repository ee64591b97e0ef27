"""Serving the page on this machine alone, until Ctrl-C."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from act_spec.errors import ReviewError

HOST = "127.0.0.1"
_TRIED = 20


@contextmanager
def listening(port: int) -> Iterator[tuple[socket.socket, int]]:
    """
    A socket on the port, or on the next that is free, and which one that is; 0 is for any that is free.

    Raises:
        ReviewError: If none of the twenty ports from there on is free.
    """
    for candidate in range(port, min(port + _TRIED, 65_536)) if port else (0,):
        opened = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            opened.bind((HOST, candidate))
            opened.listen()
        except OSError:
            opened.close()
            continue
        with opened:
            yield opened, opened.getsockname()[1]
        return
    raise ReviewError(f"None of the ports {port} to {port + _TRIED - 1} is free. Name another with --port.")


class _Server(uvicorn.Server):
    """Ends on the first Ctrl-C as its ordinary end, without handing the signal on."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        signals = (signal.SIGINT, signal.SIGTERM)
        before = {one: signal.signal(one, self.handle_exit) for one in signals}
        try:
            yield
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)


def serve(app: ASGIApp, opened: socket.socket, ready: Callable[[uvicorn.Server], None] | None = None) -> None:
    """
    Serve until Ctrl-C.

    Args:
        app: The page behind its gate.
        opened: From `listening`.
        ready: Given the server before it starts, so that a test can end it.
    """
    config = uvicorn.Config(
        app,
        log_level="error",
        access_log=False,
        lifespan="off",
        ws="none",
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=2,
    )
    server = _Server(config)
    if ready is not None:
        ready(server)
    server.run(sockets=[opened])
