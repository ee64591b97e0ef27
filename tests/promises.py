"""
What each promise was last measured at: `make promises` runs the tests that hold them and writes it down.

A test says `@pytest.mark.promise("kills")`, a word of `PROMISES`, and tells
the fixture `measured` its figure in a few words. Those of one function are one
row of docs/promises.json, from which `make docs` writes docs/promises.md.
"""

from __future__ import annotations

import json
from collections.abc import Generator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

PROMISES = {
    "kills": "No committed result is ever lost, and none is paid for twice.",
    "cap": "The spend cap holds, whatever fails and however many calls run at once.",
    "faults": "Faults of providers, disks, clocks and people end as docs/promises.md says.",
    "inputs": "A bad input gives one clear sentence with its place, and nothing half-written.",
    "code": "No code runs from a recipe, a template, a data file, a reply, a packet, a review file or a checkpoint.",
    "secrets": "No key leaves, and items go to the declared models only.",
    "injection": "Text in an item changes neither recipe, routing nor other items.",
    "bytes": "The same inputs give the same bytes.",
}
_ORDER = list(PROMISES.values())


class Measured:
    """A plugin that keeps what the tests of promises measured, and merges it into a file at the end."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._rows: dict[str, dict[str, Any]] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Count the test, and keep its figures if it passed."""
        report = yield
        mark = item.get_closest_marker("promise")
        if mark is None or not (report.when == "call" or report.failed):
            return report
        row = self._rows.setdefault(
            item.nodeid.partition("[")[0],
            {"promise": PROMISES[mark.args[0]], "passed": 0, "failed": 0, "measured": []},
        )
        row["passed"] += report.passed
        row["failed"] += report.failed
        if report.passed:
            row["measured"] += [value for name, value in item.user_properties if name == "measured"]
        return report

    def pytest_sessionfinish(self) -> None:
        """Rows of tests that did not run keep what they say, with their date."""
        known = json.loads(self._file.read_text(encoding="utf-8")) if self._file.exists() else []
        rows = {row["test"]: row for row in known}
        today = datetime.now(UTC).date().isoformat()
        rows |= {
            test: {"test": test, **row, "date": today}
            for test, row in self._rows.items()
            if row["passed"] or row["failed"]
        }
        made = sorted(rows.values(), key=lambda row: (_ORDER.index(row["promise"]), row["test"]))
        self._file.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
