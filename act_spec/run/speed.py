"""How fast a stage goes of late, and what the run will cost if it goes on like that."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from act_spec.plan.model import Plan

_WINDOW_S = 30.0
_SHORTEST_S = 0.2


class Speed:
    """Items a second over the last half minute: what was fast or slow an hour ago says little about the rest."""

    def __init__(self, window_s: float = _WINDOW_S) -> None:
        self._window_s = window_s
        self._seen: deque[tuple[float, int]] = deque()

    def of(self, now_s: float, done: int) -> float | None:
        """
        The pace with this look taken in.

        Args:
            now_s: Seconds on a clock that never goes back.
            done: Items that are settled now.

        Returns:
            None before there is enough to tell, 0 where nothing was settled for the whole window.
        """
        self._seen.append((now_s, done))
        while len(self._seen) > 2 and self._seen[1][0] <= now_s - self._window_s:
            self._seen.popleft()
        began_s, before = self._seen[0]
        if now_s - began_s < _SHORTEST_S or (done == before and now_s - began_s < self._window_s):
            return None
        return (done - before) / (now_s - began_s)


@dataclass(frozen=True)
class Stretch:
    """A stage under way: its name, its settled items, and all that it settles."""

    stage: str
    done: int
    total: int


def foreseen_usd(
    plan: Plan, under_way: Sequence[Stretch], spent_usd: float, before_usd: float
) -> float | None:
    """
    What the run will have cost: the rest of what is under way at its mean cost, and later stages as planned.

    Of stages that go together, one item is to another's as the plan prices them.

    Args:
        plan: Prices what follows, and caps it.
        under_way: One stage, or the annotator and the judge side by side.
        spent_usd: By the run so far.
        before_usd: By the run when they began.

    Returns:
        None before anything is settled, or where a price is unknown.
    """
    whole, annotating = plan.cost_usd, plan.annotate.cost_usd
    prices = [_price(plan, one.stage) if len(under_way) > 1 else 1.0 for one in under_way]
    done = sum(price * one.done for price, one in zip(prices, under_way, strict=True))
    total = sum(price * one.total for price, one in zip(prices, under_way, strict=True))
    if not any(one.done for one in under_way) or whole is None or annotating is None:
        return None
    rest = (spent_usd - before_usd) / done * (total - done) if done else 0.0
    later = whole.likely - annotating.likely if [one.stage for one in under_way] == ["annotate"] else 0.0
    cap = plan.spending.spend_usd
    found = spent_usd + rest + later
    return found if cap is None else max(spent_usd, min(found, cap))


def _price(plan: Plan, stage: str) -> float:
    """Likely, of all items, of the annotator or the judge; 0 where it is not known."""
    role = plan.annotate if stage == "annotate" else plan.judge
    return role.cost_usd.likely if role is not None and role.cost_usd is not None else 0.0
