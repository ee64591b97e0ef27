"""A run that waits for people, and its review page served from a thread."""

from __future__ import annotations

import csv
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Queue
from typing import Any

from media_files import write
from walking import plan_of, walk_recipe

from act_spec.plan.compile import run_folder
from act_spec.run.reviewing import Reviewed, review_on_page
from act_spec.store.database import Store

_RECIPE = """\
act: 1
name: walked
task: {task}
data: {{source: data.csv, id: id, show: {show}}}
annotator: {{strategy: {{name: recorded, label: machine, confidence: sure}}}}
judge: {{strategy: {{name: recorded, as: own_confidence, confidence: sure}}}}
budget: {{reviews: {reviews}, rule: sqrt, audit: 20%}}
review: {review}
seed: 3
"""
ONE = "{kind: classification, question: Is it good?, labels: {good: It is., bad: It is not.}}"
SEVERAL = "{kind: multilabel, question: What is it about?, none: allowed, labels: [price, battery, screen]}"


def waiting_run(
    folder: Path,
    texts: Sequence[str] | int = 40,
    *,
    task: str = ONE,
    machine: str = "good",
    review: str = "{reviewers: [ada]}",
    reviews: int = 20,
    show: str = "[text]",
    files: Mapping[str, bytes] | None = None,
) -> Path:
    """
    A recipe beside its data, walked until people are needed; machine labels are recorded, so nothing is asked.

    With `files`, write these beside the recipe; the column `text` names them, and `show` says what they are.
    """
    write(folder, dict(files or {}))
    if isinstance(texts, int):
        texts = [f"text number {number}" for number in range(texts)]
    recipe = folder / "walked.act.yaml"
    recipe.write_text(_RECIPE.format(task=task, review=review, reviews=reviews, show=show), encoding="utf-8")
    with (folder / "data.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "text", "machine", "sure"])
        writer.writerows(
            [f"i{number}", text, machine, 0.5 + number % 5 / 10] for number, text in enumerate(texts)
        )
    walk_recipe(recipe)
    return recipe


@dataclass
class Served:
    """A page under way; links work once each, and another comes when one is used."""

    links: Queue[str]
    server: Any = None
    closed: Reviewed | None = None
    failed: BaseException | None = None

    def link(self) -> str:
        """The next link."""
        return self.links.get(timeout=120)


@contextmanager
def served(recipe: Path, *, reviewer: str | None = None) -> Iterator[Served]:
    """`act-spec review`, in a thread."""
    running = Served(Queue())
    plan = plan_of(recipe)

    def serve() -> None:
        try:
            running.closed = review_on_page(
                plan,
                run_folder(plan),
                reviewer=reviewer,
                port=0,
                announce=running.links.put,
                ready=lambda server: setattr(running, "server", server),
            )
        except BaseException as error:  # noqa: BLE001 - the test's own thread tells it
            running.failed = error
            running.links.put("")

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield running
    finally:
        if running.server is not None:
            running.server.should_exit = True
        thread.join(timeout=120)
        if running.failed is not None:
            raise running.failed


def rows(recipe: Path, sql: str) -> list[tuple[Any, ...]]:
    """What the run's tables say, once nobody writes them."""
    with Store.open(run_folder(plan_of(recipe)) / "run.duckdb", read_only=True) as store:
        return store.rows(sql)
