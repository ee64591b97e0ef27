"""What the command line says of shards and of their merge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from act_spec.documents.summary import cost_text, statuses


@dataclass(frozen=True)
class ShardFacts:
    """
    Where a shard stands.

    Attributes:
        name: The recipe's.
        plan_hash: Of the plan, which is that of the whole run.
        folder: The shard's.
        shard: As `2/4`.
        items: Items of the shard.
        whole: Items of the run.
        annotated: Its annotations by status.
        judged: Its judgments by status; None where judging waits for the merge.
        has_judge: Whether anything judges.
        cost_usd: Spent on its calls; None where a price is unknown.
    """

    name: str
    plan_hash: str
    folder: str
    shard: str
    items: int
    whole: int
    annotated: Mapping[str, int]
    judged: Mapping[str, int] | None
    has_judge: bool
    cost_usd: float | None

    def as_json(self) -> dict[str, Any]:
        """The same as one JSON document."""
        return {"format": 1, **asdict(self)}


@dataclass(frozen=True)
class MergedFacts:
    """A run made of its shards; fields as in `ShardFacts`, over all items."""

    name: str
    plan_hash: str
    folder: str
    recipe: str
    shards: int
    items: int
    annotated: Mapping[str, int]
    cost_usd: float | None

    def as_json(self) -> dict[str, Any]:
        """The same as one JSON document."""
        return {"format": 1, **asdict(self)}


def shard_text(facts: ShardFacts) -> str:
    """Where a shard stands, for a terminal."""
    lines = [
        f"{facts.name}   plan {facts.plan_hash[:8]}   shard {facts.shard}: {facts.items:,} of {facts.whole:,} items",
        f"  annotated  {statuses(facts.annotated)}",
    ]
    if facts.has_judge:
        waits = "after the merge: the recipe judges by a choice among all items"
        lines.append(f"  judged     {waits if facts.judged is None else statuses(facts.judged)}")
    lines.append(f"  cost       {cost_text(facts.cost_usd)}")
    lines.append("The draw is over all items, so it waits for the other shards.")
    return "\n".join(lines)


def merged_text(facts: MergedFacts) -> str:
    """What came of a merge, for a terminal."""
    return "\n".join(
        [
            f"{facts.name}   plan {facts.plan_hash[:8]}   {facts.shards} shards, {facts.items:,} items   {facts.folder}",
            f"  annotated  {statuses(facts.annotated)}",
            f"  cost       {cost_text(facts.cost_usd)}",
        ]
    )
