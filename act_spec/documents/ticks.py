"""How far a stage is: one value for bars, lines, `progress.json` and `status`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from act_spec.documents.printable import printable
from act_spec.plan.wording import duration

_FEW_A_SECOND = 10


@dataclass(frozen=True)
class Tick:
    """
    How far a stage is.

    Attributes:
        stage: Its name.
        done: Items, or parts of the work, that are settled.
        total: All of them.
        failed: How many of those done brought no result.
        spent_usd: What the run cost so far.
        elapsed_s: Since the stage began.
        failures: The failed ones by status.
        per_s: Settled in a second, of late; None where that is not watched.
        foreseen_usd: What the run will have cost at the end; None where it cannot be told.
        note: What it waits for, if that is no reply.
        at_most: Calls that may be in flight now, where that is found out or has been lowered; else None.
    """

    stage: str
    done: int
    total: int
    failed: int
    spent_usd: float
    elapsed_s: float
    failures: Mapping[str, int] = field(default_factory=dict)
    per_s: float | None = None
    foreseen_usd: float | None = None
    note: str = ""
    at_most: int | None = None

    @property
    def left_s(self) -> float | None:
        """Seconds to go at this pace; None before anything is done, or while nothing is."""
        if self.per_s is not None:
            return (self.total - self.done) / self.per_s if self.per_s else None
        return None if not self.done else self.elapsed_s / self.done * (self.total - self.done)

    def as_json(self) -> dict[str, Any]:
        """The same as a JSON object."""
        return asdict(self) | {"left_s": self.left_s}


def tick_parts(tick: Tick) -> dict[str, str]:
    """What a line says beside the stage and its counts; parts that say nothing are left out."""
    return _parts(tick, tick.left_s)


def _parts(tick: Tick, left_s: float | None) -> dict[str, str]:
    parts = {
        "pace": "" if not tick.per_s else pace_text(tick.per_s),
        "at_most": "" if tick.at_most is None else f"at most {tick.at_most} in flight",
        "cost": _cost(tick),
        "left": "" if left_s is None or tick.done == tick.total else f"about {duration(left_s)} left",
        "failures": failures_text(tick.failed, tick.failures),
        "note": printable(tick.note),
    }
    return {name: text for name, text in parts.items() if text}


def tick_text(tick: Tick) -> str:
    """A stage's progress as one line."""
    return _line(tick, tick.left_s)


def told_text(said: Mapping[str, Any]) -> str:
    """The same from what another process wrote to `progress.json`."""
    names = Tick.__dataclass_fields__.keys() & said.keys()
    made = Tick(**{"failed": 0, "spent_usd": 0.0, "elapsed_s": 0.0} | {name: said[name] for name in names})
    return _line(made, said.get("left_s"))


def _line(tick: Tick, left_s: float | None) -> str:
    return "   ".join((f"{tick.stage}  {tick.done:,} of {tick.total:,}", *_parts(tick, left_s).values()))


def pace_text(per_s: float) -> str:
    """`1,204/s`, or by the minute where it is slow."""
    if per_s >= _FEW_A_SECOND:
        return f"{per_s:,.0f}/s"
    return f"{per_s:.1f}/s" if per_s >= 1 else f"{per_s * 60:.1f}/min"


def failures_text(failed: int, failures: Mapping[str, int]) -> str:
    """`3 failed (2 invalid, 1 refused)`; empty where nothing has."""
    if not failed:
        return ""
    kinds = ", ".join(
        f"{count:,} {name}" for name, count in sorted(failures.items(), key=lambda one: -one[1])
    )
    return f"{failed:,} failed ({kinds})" if kinds else f"{failed:,} failed"


def _cost(tick: Tick) -> str:
    spent = f"${tick.spent_usd:.2f}" if tick.spent_usd else ""
    if not tick.foreseen_usd or tick.foreseen_usd < 0.01:
        return spent
    return f"{spent or '$0.00'} of about ${tick.foreseen_usd:.2f}"
