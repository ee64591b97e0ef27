"""What every stage returns, and what a stage is given to work with."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from act_spec.engine.job import Job, Progress
from act_spec.errors import StoreError
from act_spec.whole_files import write_whole


@dataclass(frozen=True)
class StageReport:
    """
    What a stage did.

    Attributes:
        stage: Its name.
        settled: Items that it settled now; what earlier runs settled is not counted.
        failed: Items of the current plan without a result, by status.
        waiting: Answers of people that are still due.
    """

    stage: str
    settled: int = 0
    failed: Mapping[str, int] = field(default_factory=dict)
    waiting: int = 0


class Engine(Protocol):
    """
    Where a stage's requests run.

    Attributes:
        side_by_side: Whether what goes on with a job's items does so while the job lasts.
    """

    @property
    def side_by_side(self) -> bool:
        """See the class."""

    def tell(self, stage: str, done: int, total: int) -> None:
        """Say how far a stage is that asks no model."""

    def execute(self, job: Job, total: int) -> Progress:
        """
        Settle every item of the job.

        Raises:
            StoppedEarly: If the cap, the provider or the user ended it.
        """


@dataclass(frozen=True)
class Folder:
    """The run's folder and the files in it whose names others rely on."""

    path: Path

    @property
    def database(self) -> Path:
        """The run's tables."""
        return self.path / "run.duckdb"

    @property
    def progress(self) -> Path:
        """Written while a run is under way; `status` reads it."""
        return self.path / "progress.json"

    @property
    def worklist(self) -> Path:
        """What people fill in."""
        return self.path / "worklist.csv"

    def write(self, name: str, text: str) -> None:
        """Write a text file whole or not at all."""
        self.write_bytes(name, text.encode())

    def write_bytes(self, name: str, data: bytes) -> None:
        """
        Write a file whole or not at all.

        Raises:
            StoreError: If it cannot be written.
        """
        with _writing(self.path / name):
            write_whole(self.path / name, data)

    def write_progress(self, state: Mapping[str, Any]) -> None:
        """
        Say how far a run is; it is out of date in half a second, so nobody waits for the disk.

        Raises:
            StoreError: If it cannot be written.
        """
        with _writing(self.progress):
            write_whole(self.progress, json.dumps(state).encode(), lasting=False)

    def make(self) -> None:
        """
        Make the folder if it is not there.

        Raises:
            StoreError: If it cannot be made.
        """
        with _writing(self.path):
            self.path.mkdir(parents=True, exist_ok=True)


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"{path}: cannot be written: {error.strerror}. Mend that, or name another folder with --run."
        ) from error
