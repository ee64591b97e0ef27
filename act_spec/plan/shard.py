"""A part of a run: what of a plan can be done in one, and what it may spend."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

from act_spec.errors import Problem, RecipeError

if TYPE_CHECKING:
    from act_spec.plan.model import Plan


MOST = 10_000


@dataclass(frozen=True, order=True)
class Shard:
    """One of several parts of a run's items: `number` of `of`, from 1."""

    number: int
    of: int

    @classmethod
    def parse(cls, written: str) -> Self:
        """
        From `2/4`.

        Raises:
            ValueError: If it is none.
        """
        number, sign, of = written.partition("/")
        if not (sign and number.strip().isdecimal() and of.strip().isdecimal()):
            raise ValueError(f"'{written}' names no shard. Write the second of four as 2/4.")
        made = cls(int(number), int(of))
        if not 1 <= made.of <= MOST:
            raise ValueError(f"'{written}' names no shard: a run has 1 to {MOST:,} of them.")
        if not 1 <= made.number <= made.of:
            raise ValueError(f"'{written}' names no shard: they go from 1/{made.of} to {made.of}/{made.of}.")
        return made

    def __str__(self) -> str:
        """As it is written on the command line."""
        return f"{self.number}/{self.of}"


def with_shard(plan: Plan, shard: Shard | None) -> Plan:
    """
    The plan for one part of its items; no key changes, so that parts fit together.

    Each part has the same share of the cap, so that together they keep it.

    Raises:
        RecipeError: If it labels in rounds, which look at all items again and again.
    """
    if shard is None:
        return plan
    if plan.rounds is not None:
        message = "rounds choose among all items again and again, so there are no shards of them."
        raise RecipeError([Problem(str(plan.recipe_path), 0, 0, "rounds", message, "Leave out --shard.")])
    cap = plan.spending.spend_usd
    share = None if cap is None else cap / shard.of
    return replace(plan, shard=shard, spending=replace(plan.spending, spend_usd=share))


def judged_alone(plan: Plan) -> bool:
    """
    Whether a shard can judge: what every item is judged by depends on no other item.

    A pilot is drawn from all items, and so are those of which `judge.on`
    takes the least sure; then judging waits for the merge.
    """
    return plan.judge is not None and plan.judge.judged is None and not plan.spending.pilot
