"""What a plan would do beside a run that is there: as text for a terminal and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

from act_spec.documents.printable import printable

_SHOWN = 40
_CONTEXT = 10
_MOST_CHANGES = 12
Dollars = tuple[float, float, float] | None
"""Low, likely and high; None where a price is unknown."""


@dataclass(frozen=True)
class Change:
    """A part of the recipe that differs: its path, its value in the run and now; None where it was left out."""

    path: str
    before: Any
    now: Any


@dataclass(frozen=True)
class StageCalls:
    """
    What a stage would ask.

    Attributes:
        stage: `annotate` or `judge`.
        name: Who answers.
        items: Items that it settles.
        low: Calls that it makes in any case.
        high: Calls that it makes at most; more than `low` where they depend on answers to come.
        cached: Calls whose replies the run has.
        cost_usd: Of the calls that are made.
        reasons: Changed parts of the recipe on which it rests; empty where it only goes on.
    """

    stage: str
    name: str
    items: int = 0
    low: int = 0
    high: int = 0
    cached: int = 0
    cost_usd: Dollars = (0.0, 0.0, 0.0)
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class PeoplesAnswers:
    """
    What becomes of items that people answered.

    Attributes:
        kept: Stay with their items.
        renamed: Whether they do under new names of labels.
        aside: Answered another question, or chose from other labels: kept, and not counted.
        back: Were set aside before, and count again.
        gone: Belong to items that the data do not have any more.
        leaning: Whether reviewers could see the former machine label before they answered.
    """

    kept: int = 0
    renamed: bool = False
    aside: int = 0
    back: int = 0
    gone: int = 0
    leaning: bool = False


@dataclass(frozen=True)
class PlanDiff:
    """
    A plan beside a run.

    Attributes:
        plan_hash: Of the plan.
        plan_before: Of the run's plan.
        changes: Where the recipe differs.
        stages: What is called.
        people: What becomes of their answers.
        drawn_anew: Whether items are drawn for review from new suspicions.
        about: Whether calls are extrapolated from a part of the items.
    """

    plan_hash: str
    plan_before: str
    changes: tuple[Change, ...]
    stages: tuple[StageCalls, ...]
    people: PeoplesAnswers
    drawn_anew: bool
    about: bool

    @property
    def calls(self) -> tuple[int, int]:
        """Calls in any case, and at most."""
        return sum(one.low for one in self.stages), sum(one.high for one in self.stages)

    @property
    def cost_usd(self) -> Dollars:
        """Of all calls."""
        costs = [one.cost_usd for one in self.stages]
        known = [cost for cost in costs if cost is not None]
        if len(known) < len(costs):
            return None
        low, likely, high = (sum(cost[part] for cost in known) for part in range(3))
        return low, likely, high

    def as_json(self) -> dict[str, Any]:
        """For `--json`."""
        low, high = self.calls
        return {
            "plan_before": self.plan_before,
            "changes": [asdict(change) for change in self.changes],
            "calls": {"low": low, "high": high, "extrapolated": self.about},
            "cost_usd": _dollars_json(self.cost_usd),
            "stages": [
                asdict(replace(one, cost_usd=None)) | {"cost_usd": _dollars_json(one.cost_usd)}
                for one in self.stages
            ],
            "human_labels": asdict(self.people),
            "drawn_anew": self.drawn_anew,
        }


def diff_text(diff: PlanDiff) -> str:
    """What differs, what is called again and why, and what becomes of people's answers."""
    if diff.plan_before == diff.plan_hash:
        head = "Beside the run of this plan:"
    else:
        head = f"Beside the run of plan {diff.plan_before[:8]}:"
    lines = [head, *_change_lines(diff.changes)]
    lines += [_stage_line(one, about=diff.about) for one in diff.stages]
    lines += list(_people_lines(diff))
    low, high = diff.calls
    lines.append(f"  {'to call':<10} {_calls(low, high, about=diff.about)}   {_dollars(diff.cost_usd)}")
    return "\n".join(lines)


def _change_lines(changes: tuple[Change, ...]) -> Iterator[str]:
    for change in changes[:_MOST_CHANGES]:
        shown = f"{_short(change.before, change.now)} -> {_short(change.now, change.before)}"
        yield f"  {'changed':<10} {printable(change.path)}: {shown}"
    if len(changes) > _MOST_CHANGES:
        yield f"  {'changed':<10} and {len(changes) - _MOST_CHANGES} more"


def _stage_line(one: StageCalls, *, about: bool) -> str:
    if not one.items and not one.high:
        return f"  {one.stage:<10} nothing"
    why = f", for {', '.join(one.reasons)}" if one.reasons else ", still to do"
    parts = [_calls(one.low, one.high, about=about)]
    if one.cached:
        parts.append(f"{one.cached:,} from the cache")
    items = f"{one.items:,} items" if one.items else "items"
    return f"  {one.stage:<10} {items}{why}: {', '.join(parts)}   {_dollars(one.cost_usd)}"


def _people_lines(diff: PlanDiff) -> Iterator[str]:
    people = diff.people
    if people.kept:
        names = " under the new names" if people.renamed else ""
        yield f"  {'review':<10} {people.kept:,} human labels stay with their items{names}"
    if people.aside:
        yield (
            f"  {'review':<10} {people.aside:,} human labels answered another question or chose from other labels: "
            "kept aside, they count again if that comes back"
        )
    if people.back:
        yield f"  {'review':<10} {people.back:,} human labels that were set aside count again"
    if people.gone:
        yield f"  {'review':<10} {people.gone:,} human labels belong to items that the data do not have any more"
    if people.leaning:
        yield f"  {'':<10} they may lean on the former machine labels, which reviewers could ask to see (reveal: ask)"
    if diff.drawn_anew:
        yield f"  {'draw':<10} anew, from the suspicions and the rule as they are then"


def _calls(low: int, high: int, *, about: bool) -> str:
    count = f"{low:,}" if low == high else f"{low:,} to {high:,}"
    return f"{'about ' if about else ''}{count} calls"


def _dollars(cost: Dollars) -> str:
    if cost is None:
        return "price unknown"
    if cost[2] == 0:
        return "$0.00"
    return " … ".join(f"${part:,.2f}" if part >= 0.01 or part == 0 else f"${part:.4f}" for part in cost)


def _dollars_json(cost: Dollars) -> dict[str, float] | None:
    return None if cost is None else {"low": cost[0], "likely": cost[1], "high": cost[2]}


def _short(value: Any, other: Any) -> str:
    """A value for one line; of a long text the part at which it begins to differ from another."""
    if value is None:
        return "(left out)"
    text = printable(str(value))
    if isinstance(value, str):
        pairs = enumerate(zip(text, printable(other), strict=False)) if isinstance(other, str) else ()
        same = next((index for index, (one, two) in pairs if one != two), 0)
        start = same - _CONTEXT if same > _CONTEXT and len(text) > _SHOWN else 0
        text = f"'{'…' if start else ''}{text[start:]}'"
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
