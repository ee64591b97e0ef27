"""The workers that a plan wants for its calls."""

from __future__ import annotations

from act_spec.engine.workers.pool import Pool
from act_spec.engine.workers.process import start_process
from act_spec.plan.model import Plan


def pool_of(plan: Plan) -> Pool | None:
    """Workers, not yet started; None where this process calls."""
    if not plan.workers.apart:
        return None
    return Pool(plan.workers.count, start_process)
