"""A cap given on the command line."""

from __future__ import annotations

from dataclasses import replace

from act_spec.plan.model import Plan


def with_cap(plan: Plan, spend_usd: float | None) -> Plan:
    """The plan under a cap of its own; results do not depend on it, so no key changes."""
    if spend_usd is None:
        return plan
    return replace(plan, spending=replace(plan.spending, spend_usd=spend_usd))
