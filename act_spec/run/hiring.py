"""The workers that a plan wants for its calls."""

from __future__ import annotations

import os
from functools import partial

from act_spec.engine.workers.cluster import join, leave, start_actor
from act_spec.engine.workers.pool import Pool
from act_spec.engine.workers.process import start_process
from act_spec.llm.keys import variables_of
from act_spec.plan.model import Plan


def pool_of(plan: Plan) -> Pool | None:
    """
    Workers, not yet started; None where this process calls.

    Raises:
        ModelCallError: If there is no cluster to use.
    """
    if not plan.workers.apart:
        return None
    if plan.workers.engine == "local":
        return Pool(plan.workers.count, start_process)
    join()
    roles = (*plan.roles, *([plan.writer] if plan.writer else []))
    models = [model for role in roles for model in role.models.values()]
    environment = {name: os.environ.get(name) for model in models for name in variables_of(model)}
    return Pool(plan.workers.count, partial(start_actor, environment), end=leave)
