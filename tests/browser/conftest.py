"""A real browser, Debian's Chromium; tests that want it skip where it is not installed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

CHROMIUM = os.environ.get("ACT_SPEC_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
_WAIT_MS = 120_000


# Playwright keeps an event loop running in this thread, beside which no run of ours starts: other
# modules' tests must find it closed.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium without a window."""
    if not Path(CHROMIUM).is_file():
        pytest.skip(f"there is no Chromium at {CHROMIUM}; apt-get install chromium, or set ACT_SPEC_CHROMIUM")
    driven = pytest.importorskip("playwright.sync_api", reason="playwright drives the browser")
    # A busy machine may need long for what takes no time; nothing waits longer than it must.
    driven.expect.set_options(timeout=_WAIT_MS)
    with driven.sync_playwright() as driver:
        # Containers run as root and have a small /dev/shm.
        opened = driver.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
            timeout=_WAIT_MS,
        )
        yield opened
        opened.close()


@pytest.fixture
def profile(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Makes a browser with cookies and storage of its own; a fault on any of its pages fails the test."""
    made: list[BrowserContext] = []
    faults: list[str] = []

    def make(**options: Any) -> BrowserContext:
        context = browser.new_context(**options)
        context.set_default_timeout(_WAIT_MS)
        context.on("weberror", lambda error: faults.append(str(error.error)))
        context.on("console", lambda said: faults.append(said.text) if _is_fault(said) else None)
        made.append(context)
        return context

    yield make
    for context in made:
        context.close()
    assert faults == []


def _is_fault(said: Any) -> bool:
    # The page tells a reviewer of a reply that refused; the browser notes it as well.
    return said.type in {"error", "warning"} and "server responded with a status" not in said.text
