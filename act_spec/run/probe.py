"""
How fast models answer, tried on a few items, and how long the whole takes at that pace.

A probe is the walk's first items labelled and judged, so nothing is paid for
twice: the run finds them done.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from act_spec.documents.probed import Probed
from act_spec.plan.model import Answering, Plan
from act_spec.run.stage import Engine
from act_spec.run.walk import preview
from act_spec.store.calls import Timed, calls_since, count_calls
from act_spec.store.database import Store
from act_spec.store.times import utc_now

_WAVES = 4
_FEWEST, _MOST = 8, 200


def probe_size(plan: Plan) -> int:
    """Items of a probe: several times what is in flight at once, and at most all."""
    models = [model for role in plan.roles for model in role.models.values()]
    wanted = _WAVES * max((model.concurrency for model in models), default=1)
    return min(plan.data.items, max(_FEWEST, min(wanted, _MOST)))


def probe(plan: Plan, store: Store, engine: Engine) -> tuple[Probed, ...]:
    """Label and judge the walk's first items, one model after the other, and look at the clock."""
    began = utc_now()
    preview(plan, store, engine, probe_size(plan), side_by_side=False)
    stages = [plan.annotate, *([plan.judge] if plan.judge else [])]
    return tuple(_probed(stage, store, began) for stage in stages if stage.model is not None)


def _probed(stage: Answering, store: Store, began: datetime) -> Probed:
    made = calls_since(store, stage.stage, began)
    in_flight = sum(model.concurrency for model in stage.models.values())
    per_s = _per_s(made, in_flight)
    adaptive = any(model.adaptive for model in stage.models.values())
    latencies = sorted(one.latency_s for one in made if one.latency_s is not None)
    return Probed(
        stage.stage,
        f"{stage.name}, by calls" if stage.by_batch else stage.name,
        len(made),
        _at_once(made, per_s) if adaptive and per_s else in_flight,
        per_s,
        latencies[len(latencies) // 2] if latencies else None,
        max(0, stage.calls - count_calls(store, stage.stage)),
        adaptive,
    )


def _at_once(made: Sequence[Timed], per_s: float) -> int:
    """Calls in flight on average in the later half, by Little's law."""
    later = [one.latency_s for one in made[len(made) // 2 :] if one.latency_s is not None]
    return max(1, round(per_s * sum(later) / max(1, len(later))))


def _per_s(made: Sequence[Timed], in_flight: int) -> float | None:
    """Calls that ended after the first wave, by the time that they took together."""
    first = min(in_flight, len(made) // 2)
    if not first or len(made) - first < 2:
        return None
    seconds = (made[-1].finished_at - made[first - 1].finished_at).total_seconds()
    return (len(made) - first) / seconds if seconds > 0 else None
