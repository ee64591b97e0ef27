"""How far a run is: bars on a terminal, plain lines elsewhere; always on stderr."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import click

from act_spec.documents.ticks import Tick, tick_parts, tick_text

_EVERY_S = 10.0
_SAME_EVERY_S = 600.0


@dataclass
class _Said:
    """When the last line of a stage was said, what it was, and whether the stage has ended since."""

    at: float
    line: str = ""
    ended: bool = False


class ProgressLines:
    """Shows ticks; on a terminal one live bar a stage, elsewhere at most a line of each every ten seconds."""

    def __init__(self, *, quiet: bool, clock: Callable[[], float] = time.monotonic) -> None:
        """Prepare; `quiet` shows nothing, and `clock` gives seconds that never go back."""
        self._quiet = quiet
        self._clock = clock
        self._started = clock()
        self._lines: dict[str, _Said] = {}
        self._bars: Any = None
        self._tasks: dict[str, Any] = {}

    @property
    def elapsed_s(self) -> float:
        """Seconds since the start."""
        return self._clock() - self._started

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
            self._show_bar(tick)
        elif self._is_due(tick, self._clock()):
            click.echo(self._lines[tick.stage].line, err=True)

    def _is_due(self, tick: Tick, now: float) -> bool:
        """A stage's end is told once; all else every ten seconds, and what has not changed hardly ever."""
        line, ended = tick_text(tick), tick.done == tick.total
        # The first stage is told of at once; others that are short, by their end alone.
        said = self._lines.setdefault(tick.stage, _Said(now if self._lines else now - _EVERY_S))
        pause = _SAME_EVERY_S if line == said.line else _EVERY_S
        due = not said.ended if ended else now - said.at >= pause
        said.ended = ended
        if due:
            said.at, said.line = now, line
        return due

    def _show_bar(self, tick: Tick) -> None:
        if tick.stage not in self._tasks:
            self._tasks[tick.stage] = self._bars.add_task(tick.stage, total=tick.total, counts="", said="")
        self._bars.update(
            self._tasks[tick.stage],
            completed=tick.done,
            total=tick.total,
            counts=f"{tick.done:,}/{tick.total:,}",
            said="  ".join(tick_parts(tick).values()),
        )


def _bars() -> Any:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    return Progress(
        TextColumn("{task.description:<10}"),
        BarColumn(bar_width=20),
        TextColumn("{task.fields[counts]}"),
        TextColumn("{task.fields[said]}", markup=False),
        console=Console(stderr=True),
    )
