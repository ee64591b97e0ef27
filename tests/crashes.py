"""
Lives of a run from its first call to its last file, every command of which is killed at random instants first.

Commands run in children forked from a process that has imported everything,
so that a kill costs a fraction of a second. What a life claims after every
kill stands in `Life.claims`, and what it ends in is compared with a life
that nothing interrupted.
"""

from __future__ import annotations

import csv
import http.client
import json
import os
import random
import re
import signal
import threading
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import duckdb
from model_server import ModelServer
from safetensors.numpy import load_file
from walking import command_child, write_recipe

from act_spec.errors import StoreError
from act_spec.store.database import Store

ITEMS = 48
CONCURRENCY = 8
ON_PAGE = 4
_TRAIN = "train: {epochs: 10, seeds: 2}\n"
_KEPT = ("calls", "items", "votes", "annotations", "judgments", "allocations", "round_shares", "reviews",
         "guidelines", "training")  # fmt: skip
Rows = dict[str, Counter[str]]


def rows_of(store: Store, only: Collection[str] = ()) -> Rows:
    """Every row of every table, or of some, as JSON, without times and how long things took."""
    columns = store.rows(
        """
        SELECT schema_name || '.' || table_name, string_agg(column_name, ', ' ORDER BY column_index)
        FROM duckdb_columns() JOIN duckdb_tables() USING (schema_name, table_name)
        WHERE data_type <> 'TIMESTAMP' AND column_name <> 'latency_s' GROUP BY ALL
        """
    )
    return {
        name: Counter(
            row[0] for row in store.rows(f"SELECT to_json(t)::VARCHAR FROM (SELECT {listed} FROM {table}) t")
        )
        for table, listed in columns
        if (name := table.partition(".")[2]) in only or not only
    }


@dataclass
class Step:
    """A command of a life: its words, how it ends if nobody stops it, and how long that took."""

    name: str
    words: tuple[str, ...]
    kills: int
    took_s: float = 1.0


class Life:
    """
    One run, in a folder of its own.

    Args:
        folder: Empty.
        server: Answers its calls; lives that follow one another share it, so that they ask the same.
        dice: Draws the instants.
    """

    def __init__(self, folder: Path, server: ModelServer, dice: random.Random) -> None:
        folder.mkdir()
        self.folder, self.server, self.dice = folder, server, dice
        self.recipe = write_recipe(
            folder, server.url, ITEMS, concurrency=CONCURRENCY, reviews=10, review="{reviewers: [ada]}"
        )
        self.recipe.write_text(self.recipe.read_text() + _TRAIN)
        self.run = folder / "runs" / "walked"
        self.out = folder / "out"
        self.out.mkdir()
        self.kills: Counter[str] = Counter()
        self.paid_again = 0
        self._seen: Rows = {}
        self._said_on_page: set[tuple[str, str]] = set()
        server.billed.clear()

    def steps(self, kills: float) -> list[Step]:
        """All commands in their order, with about that many kills among them."""
        run, out = str(self.run), self.out
        labels = [("labels", run, "-o", str(out / f"labels.{form}")) for form in ("csv", "jsonl", "parquet")]
        shares: list[tuple[tuple[str, ...], float]] = [
            (("run", str(self.recipe), "--yes"), 0.22),
            (("guide", run), 0.05),
            (("export", run, "--to", "packet", "-o", str(out / "packet.html")), 0.05),
            (("review", run), 0.14),
            (("import", run, str(self.folder / "answers.csv")), 0.14),
            (("run", str(self.recipe), "--yes"), 0.08),
            (("train", run), 0.10),
            *((words, 0.04) for words in labels),
            (("bundle", run, "-o", str(out / "run.zip")), 0.06),
            (("report", run), 0.04),
        ]
        return [Step(words[0], words, round(share * kills)) for words, share in shares]

    def live(self, kills: float, took_s: list[float] | None = None) -> list[float]:
        """
        Walk through all steps, each killed its share of times before it may end.

        Args:
            kills: How many, in all of the life.
            took_s: How long each step takes undisturbed; kills fall within that.

        Returns:
            How long each step took now.
        """
        taken = []
        for number, step in enumerate(self.steps(kills)):
            if step.name == "import":
                self._fill_in()
            step.took_s = took_s[number] if took_s else 1.0
            left, tries = step.kills, 0
            while left and tries < 4 * step.kills:
                tries += 1
                left -= self._killed(step)
            started = time.monotonic()
            assert (self._page(None) if step.name == "review" else self._ended(step)) == 0, self.said()
            taken.append(time.monotonic() - started)
        self.claims()
        return taken

    def said(self) -> str:
        """What the commands printed."""
        return (self.folder / "said.txt").read_text(encoding="utf-8")

    def result(self) -> tuple[Rows, dict[str, bytes]]:
        """All rows of the run, and the bytes of its files: what a repetition must give again."""
        files = [*self.run.iterdir(), *self.out.iterdir(), *(self.run / "model").iterdir()]
        with Store.open(self.run / "run.duckdb", read_only=True) as store:
            rows = rows_of(store)
        # The plan says where its recipe is.
        plans = Counter(plan.replace(str(self.folder), "") for plan in rows["plans"])
        return {**rows, "plans": plans}, {
            path.name: path.read_bytes()
            for path in files
            if path.is_file() and path.name not in {"run.duckdb", "run.zip"}
        }

    def _ended(self, step: Step) -> int | None:
        process = command_child(self.folder, *step.words)
        process.join()
        return process.exitcode

    def _killed(self, step: Step) -> bool:
        """Start a step and kill it at a random instant; False if it ended before."""
        started, instant = time.monotonic(), self.dice.uniform(0, step.took_s)
        if step.name == "review":
            dead, process_id = self._page(instant) == -signal.SIGKILL, 0
        else:
            process = command_child(self.folder, *step.words)
            if step.name == "run" and len(self.server.billed) < 2 * ITEMS and self.dice.random() < 0.7:
                self._wait_for_calls(process)
            else:
                process.join(instant)
            process_id = process.pid or 0
            with suppress(ProcessLookupError):
                os.kill(process_id, signal.SIGKILL)
            process.join()
            dead = process.exitcode == -signal.SIGKILL
        if not dead:
            step.took_s = 0.9 * (time.monotonic() - started)
        # The server bills what it still answers after the kill.
        while self.server.in_flight:
            time.sleep(0.005)
        self.kills[step.name] += dead
        self.claims(process_id)
        return dead

    def _wait_for_calls(self, process: ForkServerProcess) -> None:
        """Return at an instant at which calls are under way, if any are left to make."""
        before, more = self.server.attempts.total(), self.dice.randint(1, 2 * CONCURRENCY)
        while process.is_alive() and self.server.attempts.total() - before < more:
            time.sleep(0.002)
        time.sleep(self.dice.uniform(0, 0.05))

    def _page(self, instant: float | None) -> int | None:
        """Answer on the page as a browser does, until Ctrl-C after the first items or the kill; its exit code."""
        before = len(self.said())
        process = command_child(self.folder, "review", str(self.run), "--port", "0")
        number = process.pid or 0
        kill = threading.Timer(instant or 0, os.kill, (number, signal.SIGKILL))
        if instant is not None:
            kill.start()
        # An answer that is cut off by the kill was not acknowledged.
        with suppress(OSError, http.client.HTTPException):
            self._answer_some(process, Page(lambda: self.said()[before:]))
        if instant is None:
            os.kill(number, signal.SIGINT)
        process.join()
        kill.cancel()
        return process.exitcode

    def _answer_some(self, process: ForkServerProcess, page: Page) -> None:
        while process.is_alive():
            item = page.next_item()
            if item is None:
                time.sleep(0.002)
            elif item["answered"] >= ON_PAGE:
                return
            else:
                self._said_on_page.add((page.name_of(item), page.answer(item)))

    def _fill_in(self) -> None:
        """The worklist as a person sends it back, those of the page among them."""
        with (self.run / "worklist.csv").open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        with (self.folder / "answers.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows({**row, "label": _answer(row["item_id"]), "reviewer": "ada"} for row in rows)

    def claims(self, process_id: int = 0) -> None:
        """
        What holds after a kill at any instant.

        The file opens clean. What was in it before is in it, and so is what was
        acknowledged: items that `progress.json` counted, answers that the page
        moved on from. What was paid again was in flight. No file is half there.
        """
        self.paid_again = self.server.billed.total() - len(self.server.billed)
        kills = self.kills.total()
        assert self.paid_again <= CONCURRENCY * kills, (
            f"{self.paid_again} calls were paid again, {kills} kills"
        )
        if (self.run / "run.duckdb").exists():
            self._claims_of_tables(process_id)
        for path in (*self.run.glob("*"), *self.out.glob("*"), *self.run.glob("model/*")):
            if not path.name.startswith(".") and path.is_file() and (check := _WHOLE.get(path.suffix)):
                assert check(path), f"{path} is there by half"

    def _claims_of_tables(self, process_id: int) -> None:
        try:
            opened = Store.open(self.run / "run.duckdb", read_only=True)
        except StoreError:
            # So early that there are no tables yet; the next command makes them.
            assert not self._seen
            opened = Store.open(self.run / "run.duckdb")
        with opened as store:
            found = rows_of(store, _KEPT)
            answers = store.rows("SELECT item_id, label FROM history.reviews")
        for table, rows in self._seen.items():
            assert not rows - found[table], f"{table} has lost {rows - found[table]}"
        assert self._said_on_page <= set(answers)
        self._claims_of_progress(process_id, found)
        self._seen = found

    def _claims_of_progress(self, process_id: int, found: Rows) -> None:
        with suppress(FileNotFoundError):
            told = json.loads((self.run / "progress.json").read_text(encoding="utf-8"))
            table = {"annotate": "annotations", "judge": "judgments"}.get(told["stage"])
            if table and told["process"] == process_id:
                settled = found[table].total() - self._seen.get(table, Counter[str]()).total()
                assert settled >= told["done"], f"{told['done']} done, {settled} in the file"


def _answer(item_id: str) -> str:
    return "bad" if int(item_id[1:]) % 2 else "good"


@dataclass
class Page:
    """The review page's side in the browser."""

    said: Callable[[], str]
    headers: Mapping[str, str] = field(default_factory=dict)
    address: str = ""

    def next_item(self) -> dict[str, Any] | None:
        """The first item without an answer; None while the page is not there yet."""
        if not self.headers and not self._enter():
            return None
        listed = json.loads(self._get("/as/0/queue"))["items"]
        answered = sum(one["outcome"] is not None for one in listed)
        number = next((one["id"] for one in listed if one["outcome"] is None), listed[0]["id"])
        return {"number": number, "answered": answered, **json.loads(self._get(f"/as/0/items/{number}"))}

    @staticmethod
    def name_of(item: Mapping[str, Any]) -> str:
        """The item's id, by its text."""
        return "i" + re.findall(r"text number (\d+)", json.dumps(item["fields"]))[0]

    def answer(self, item: Mapping[str, Any]) -> str:
        """Give an answer, and return it once the page would move on."""
        label = _answer(self.name_of(item))
        body = {"answer": label, "outcome": None, "note": "", "seconds": 2.5, "revision": item["revision"]}
        self._send("POST", f"/as/0/items/{item['number']}", json.dumps(body))
        return label

    def _enter(self) -> bool:
        link = re.search(r"open   http://(\S+?)(/enter\S+)\n", self.said())
        if link is None:
            return False
        self.address = link[1]
        connection = http.client.HTTPConnection(self.address, timeout=120)
        connection.request("GET", link[2])
        cookie = connection.getresponse().headers["Set-Cookie"].partition(";")[0]
        connection.close()
        self.headers = {"Cookie": cookie}
        csrf = re.search('"csrf":"([^"]+)"', self._get("/as/0"))
        assert csrf is not None
        self.headers = {
            "Cookie": cookie,
            "Origin": f"http://{self.address}",
            "X-CSRF-Token": csrf[1],
            "Content-Type": "application/json",
        }
        return True

    def _get(self, path: str) -> str:
        return self._send("GET", path, None)

    def _send(self, method: str, path: str, body: str | None) -> str:
        connection = http.client.HTTPConnection(self.address, timeout=120)
        try:
            connection.request(method, path, body, dict(self.headers))
            response = connection.getresponse()
            text = response.read().decode()
            assert response.status == 200, text
            return text
        finally:
            connection.close()


def _whole_csv(path: Path) -> bool:
    text = path.read_bytes().decode("utf-8-sig")
    rows = list(csv.reader(text.splitlines()))
    return text.endswith("\n") and {len(row) for row in rows} == {len(rows[0])}


def _whole_lines(path: Path) -> bool:
    return len([json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]) == ITEMS


def _whole_bundle(path: Path) -> bool:
    with zipfile.ZipFile(path) as archive:
        listed = json.loads(archive.read("bundle.json"))["files"]
        return archive.testzip() is None and set(listed) == set(archive.namelist()) - {"bundle.json"}


def _whole_table(path: Path) -> bool:
    return duckdb.execute("SELECT count(*) FROM read_parquet(?)", [str(path)]).fetchone() == (ITEMS,)


_WHOLE: Mapping[str, Callable[[Path], bool]] = {
    ".csv": _whole_csv,
    ".jsonl": _whole_lines,
    ".parquet": _whole_table,
    ".zip": _whole_bundle,
    ".html": lambda path: path.read_text(encoding="utf-8").rstrip().endswith("</html>"),
    ".md": lambda path: path.read_text(encoding="utf-8").endswith("\n"),
    ".json": lambda path: bool(json.loads(path.read_text(encoding="utf-8"))),
    ".lock": lambda path: path.read_text(encoding="utf-8").endswith("\n"),
    ".safetensors": lambda path: bool(load_file(path)),
}
