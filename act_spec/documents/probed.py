"""What a probe of the models found, for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from act_spec.documents.ticks import pace_text
from act_spec.plan.wording import amount, duration


@dataclass(frozen=True)
class Probed:
    """
    What a probe found for one stage.

    Attributes:
        stage: `annotate` or `judge`.
        who: Who answers.
        calls: That were made for the probe.
        in_flight: The most at once; about how many were, where that is found out.
        per_s: Calls in a second, the first wave left out, which opens connections and fills caches; None
            where too few were made to tell.
        latency_s: Of a call, in the middle; None where none was made.
        left: Calls that the plan has still to make, at most.
        adaptive: Whether the number in flight is found out.
    """

    stage: str
    who: str
    calls: int
    in_flight: int
    per_s: float | None
    latency_s: float | None
    left: int
    adaptive: bool = False

    @property
    def left_s(self) -> float | None:
        """Seconds that these take."""
        return None if not self.per_s else self.left / self.per_s

    def as_json(self) -> dict[str, Any]:
        """The same as a JSON object."""
        return asdict(self) | {"left_s": self.left_s}


def probed_text(found: Sequence[Probed]) -> str:
    """A line a stage, and the time for all that is left."""
    lines = [_line(one) for one in found]
    times = [one.left_s for one in found]
    known = [seconds for seconds in times if seconds is not None]
    if len(known) == len(times) and known:
        lines.append(f"  {'at this pace':<13} {duration(sum(known))} for all that is left, people apart")
    lines.append("The answers of the probe are kept; run finds them done.")
    return "\n".join(lines)


def _line(one: Probed) -> str:
    head = f"  {'probe':<6} {one.stage:<10} {one.who:<40}"
    if one.per_s is None or one.latency_s is None:
        why = "no call was made: its first items are done" if not one.calls else "too few calls to tell"
        return f"{head} {why}; {amount(one.left, 'call')} to go"
    bound = "about" if one.adaptive else "at most"
    return (
        f"{head} {amount(one.calls, 'call')}, {pace_text(one.per_s)} with {bound} {one.in_flight} in flight, "
        f"a reply in {one.latency_s:.2g} s; {amount(one.left, 'call')} to go: about {duration(one.left_s or 0)}"
    )
