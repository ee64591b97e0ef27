"""Where calls go out from, given on the command line."""

from __future__ import annotations

from dataclasses import replace

from act_spec.plan.model import Plan, Workers

_ON_RAY = 2


def with_workers(plan: Plan, engine: str, count: int | None) -> Plan:
    """The plan with its calls made elsewhere; results do not depend on it, so no key changes."""
    usual = _ON_RAY if engine == "ray" else 1
    return replace(plan, workers=Workers(engine, count or usual))
