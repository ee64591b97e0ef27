"""The page behind its gate, without a socket: requests as a browser would send them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from reviewed import waiting_run
from starlette.testclient import TestClient
from walking import plan_of

from act_spec.plan.compile import run_folder
from act_spec.plan.model import Plan
from act_spec.review_app.app import review_app
from act_spec.review_app.desk import Desk
from act_spec.run.reviewing import page_facts, reviewers_of
from act_spec.run.stage import Folder
from act_spec.run.walk import open_run
from act_spec.store.database import Store

PORT = 8765
ORIGIN = f"http://127.0.0.1:{PORT}"


class Browser:
    """A browser with cookies of its own that has a page open as one of the reviewers."""

    def __init__(self, app: Any, link: str, number: int = 0) -> None:
        self.client = TestClient(app, base_url=ORIGIN, follow_redirects=False)
        if link:
            self.client.get(link)
        self.base = f"/as/{number}"
        self.csrf = self._csrf() if link else ""

    def _csrf(self) -> str:
        page = self.client.get(self.base).text
        return page.partition('"csrf":"')[2].partition('"')[0]

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(self.base + path, headers=headers)

    def post(self, item: int, answer: Any = None, revision: int = 0, **more: Any) -> Any:
        """Answer as the page does; `headers` replaces some, None leaves one out."""
        headers = {"Origin": ORIGIN, "X-CSRF-Token": self.csrf, **more.pop("headers", {})}
        body = {"answer": answer, "outcome": None, "note": "", "seconds": 1.5, "revision": revision, **more}
        return self.client.post(
            f"{self.base}/items/{item}",
            json=body,
            headers={name: value for name, value in headers.items() if value is not None},
        )


class Page:
    """One run's page: its store, the links that it printed, and browsers on it."""

    def __init__(self, plan: Plan, folder: Folder, stack: ExitStack) -> None:
        self.store = stack.enter_context(Store.open(folder.database))
        self.plan = open_run(plan, self.store)
        self.links: list[str] = []
        self.desk = Desk(self.plan, self.store, reviewers_of(self.plan, None))
        self.app = review_app(self.desk, page_facts(self.plan, self.store), self.links.append, PORT)

    def browser(self, number: int = 0) -> Browser:
        return Browser(self.app, self.links[-1], number)

    def stranger(self) -> Browser:
        """A browser that has no link."""
        return Browser(self.app, "")

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self.store.rows(sql)


@pytest.fixture(scope="session")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., tuple[Plan, Path]]:
    """Walks a run that waits for people, once for the same wishes: its plan and folder."""
    made: dict[str, tuple[Plan, Path]] = {}

    def walk(**said: Any) -> tuple[Plan, Path]:
        wishes = repr(sorted(said.items()))
        if wishes not in made:
            plan = plan_of(waiting_run(tmp_path_factory.mktemp("walked"), **said))
            made[wishes] = plan, run_folder(plan)
        return made[wishes]

    return walk


@pytest.fixture(scope="module")
def shared(
    tmp_path_factory: pytest.TempPathFactory, walked: Callable[..., tuple[Plan, Path]]
) -> Iterator[Page]:
    """One page for tests that leave it as it was."""
    plan, source = walked()
    folder = tmp_path_factory.mktemp("shared") / "run"
    shutil.copytree(source, folder)
    with ExitStack() as stack:
        yield Page(plan, Folder(folder), stack)


@pytest.fixture
def opened(tmp_path: Path, walked: Callable[..., tuple[Plan, Path]]) -> Iterator[Callable[..., Page]]:
    """Opens the page of a copy of such a run; see `reviewed.waiting_run`."""

    def open_page(**said: Any) -> Page:
        plan, source = walked(**said)
        shutil.copytree(source, tmp_path / "run")
        return Page(plan, Folder(tmp_path / "run"), stack)

    with ExitStack() as stack:
        yield open_page
