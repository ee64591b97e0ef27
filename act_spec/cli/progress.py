"""How far a run is: bars on a terminal, plain lines elsewhere; always on stderr."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Any, Self

import click

from act_spec.documents.summary import Tick, tick_text

_EVERY_S = 10.0


class ProgressLines:
    """Shows ticks; on a terminal one live bar a stage, elsewhere a line every ten seconds."""

    def __init__(self, *, quiet: bool) -> None:
        """Prepare; `quiet` shows nothing."""
        self._quiet = quiet
        self._started = time.monotonic()
        self._said = 0.0
        self._bars: Any = None
        self._tasks: dict[str, Any] = {}

    @property
    def elapsed_s(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._started

    def __enter__(self) -> Self:
        if not self._quiet and sys.stderr.isatty():
            self._bars = _bars()
            self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bars is not None:
            self._bars.stop()

    def show(self, tick: Tick) -> None:
        """Bring the display up to date."""
        if self._quiet:
            return
        if self._bars is not None:
            if tick.stage not in self._tasks:
                self._tasks[tick.stage] = self._bars.add_task(tick.stage, total=tick.total, note="")
            self._bars.update(self._tasks[tick.stage], completed=tick.done, note=tick_text(tick, short=True))
        elif tick.done == tick.total or time.monotonic() - self._said >= _EVERY_S:
            self._said = time.monotonic()
            click.echo(tick_text(tick), err=True)


def _bars() -> Any:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    return Progress(
        TextColumn("{task.description:<10}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}"),
        console=Console(stderr=True),
    )
