"""`act.lock`: everything that decided this run's result, to read and to compare."""

from __future__ import annotations

import json

from pydantic_core import to_jsonable_python

from act_spec.plan.model import Answering, Plan
from act_spec.records import sha256
from act_spec.store.calls import answered_models
from act_spec.store.database import Store


def lock_text(plan: Plan, store: Store) -> str:
    """The lock as JSON, the same for the same run."""
    answered = answered_models(store)
    lock = {
        "act_lock": 1,
        "name": plan.name,
        "plan": plan.hash,
        "recipe_sha256": plan.recipe_sha256,
        "data": {"source": plan.data.query.source.name, "sha256": plan.data.sha256, "items": plan.data.items},
        "annotate": _role(plan.annotate, answered),
        "judge": _role(plan.judge, answered) if plan.judge else None,
        "rule": {"name": plan.spending.rule, "parameters": dict(plan.spending.parameters)},
        "reviews": plan.spending.reviews,
        "audit": plan.spending.audit,
        "loss": plan.loss.model_dump(),
        "seed": plan.seed,
        "keys": plan.keys,
        "price_date": plan.price_date,
        "versions": dict(plan.versions),
    }
    return json.dumps(lock, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def _role(role: Answering, answered: dict[str, list[str]]) -> dict[str, object]:
    return {
        "strategy": role.strategy,
        "parameters": to_jsonable_python(dict(role.parameters)),
        "model": role.model.name if role.model else None,
        "model_parameters": role.model.parameters() if role.model else {},
        "answered_as": answered.get(role.stage, []),
        "prompts": {name: sha256(text) for name, text in sorted(role.prompts.items())},
        "key": role.key,
    }
