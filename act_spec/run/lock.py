"""
`act.lock`: everything that decided this run's result, to read and to compare.

It holds hashes and names, no items, no keys and no path of the machine. The
recorded replies and people's answers are in `run.duckdb`; the lock has their
digests, so that a run and its lock cannot drift apart unseen.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic_core import to_jsonable_python

from act_spec import resources
from act_spec.errors import StoreError
from act_spec.plan.inputs import inputs
from act_spec.plan.model import Answering, Plan
from act_spec.records import sha256
from act_spec.run.guiding import guideline_templates
from act_spec.run.stage import Folder
from act_spec.store.calls import answered_models, snapshots
from act_spec.store.database import Store
from act_spec.store.recording import answers_digest, drawn_rounds, replies_digest

NAME = "act.lock"
FORMAT = 2
_DOCUMENTS = ("methods.v1.md", "page.v1.css", "page.v1.html", "report.v1.html")


def lock_text(plan: Plan, store: Store) -> str:
    """The lock as JSON, the same for the same run."""
    judges = [_role(role, store) for role in plan.roles[1:]]
    lock = {
        "act_lock": FORMAT,
        "name": plan.name,
        "plan": plan.hash,
        "recipe_sha256": plan.recipe_sha256,
        "settings": dict(plan.settings),
        "inputs": [{"name": one.name, "what": one.what, "sha256": one.sha256} for one in inputs(plan)],
        "data": {"source": plan.data.query.source.name, "sha256": plan.data.sha256, "items": plan.data.items},
        "annotate": _role(plan.annotate, store),
        "judge": _role(plan.judge, store) if plan.judge else None,
        **({"writer": _role(plan.writer, store)} if plan.writer else {}),
        **({"teacher": _role(plan.teacher, store)} if plan.teacher else {}),
        "candidates": judges if plan.candidates else [],
        "rule": {"name": plan.spending.rule, "parameters": dict(plan.spending.parameters)},
        "reviews": plan.spending.reviews,
        "audit": plan.spending.audit,
        "pilot": plan.spending.pilot,
        "target": to_jsonable_python(plan.spending.target),
        "review": plan.review.model_dump(mode="json"),
        "guideline": plan.guideline.model_dump(mode="json"),
        "loss": plan.loss.model_dump(),
        "train": plan.train.model_dump(mode="json"),
        "seed": plan.seed,
        "keys": plan.keys,
        "rounds": [{"round": one.number, "reviews": one.size} for one in drawn_rounds(store)],
        "snapshots": {model: sorted(names) for model, names in snapshots(store).items()},
        "replies": replies_digest(store),
        "answers": answers_digest(store, plan.review_key),
        "templates": {
            **{name: sha256(resources.template(name)) for name in _DOCUMENTS},
            **{name: sha256(text) for name, text in guideline_templates(plan).items()},
        },
        "price_date": plan.price_date,
        "versions": dict(plan.versions),
        **({"workers": plan.workers.as_json()} if plan.workers.apart else {}),
    }
    return json.dumps(lock, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def write_lock(plan: Plan, store: Store, folder: Folder) -> None:
    """Write `act.lock` anew."""
    folder.write(NAME, lock_text(plan, store))


def read_lock(folder: Folder) -> Mapping[str, Any] | None:
    """
    A run's lock; None where the run has none yet.

    Raises:
        StoreError: If it is no lock, or of a newer version.
    """
    path = folder.path / NAME
    try:
        lock = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise StoreError(f"{path}: not a lock of act-spec, or damaged. Go on with `act-spec run`.") from error
    if not isinstance(lock, dict) or not isinstance(lock.get("act_lock"), int):
        raise StoreError(f"{path}: not a lock of act-spec, or damaged. Go on with `act-spec run`.")
    if lock["act_lock"] > FORMAT:
        raise StoreError(f"{path}: written by a newer act-spec. Install that version to use it.")
    return lock


def known_snapshots(store: Store, folder: Folder) -> dict[str, frozenset[str]]:
    """
    The snapshots that have answered, by model: those of this run, else those that its lock pins.

    A lock from another run, put into a new folder, pins what may answer here.

    Raises:
        StoreError: If there is a lock that cannot be read.
    """
    locked = (read_lock(folder) or {}).get("snapshots", {})
    found = {model: frozenset(names) for model, names in locked.items()}
    for model, names in snapshots(store).items():
        found[model] = found.get(model, frozenset()) | frozenset(names)
    return found


def _role(role: Answering, store: Store) -> dict[str, object]:
    return {
        "strategy": role.strategy,
        "parameters": to_jsonable_python(dict(role.parameters)),
        "model": role.model.name if role.model else None,
        "model_parameters": role.model.parameters() if role.model else {},
        "members": {name: model.parameters() for name, model in role.members.items()},
        "judged": role.judged,
        "calibrate": role.calibrate,
        "pin": role.model.pin if role.model else None,
        "answered_as": answered_models(store, role.stage, role.model_names),
        "prompts": {name: sha256(text) for name, text in sorted(role.prompts.items())},
        "key": role.key,
        **({"parts": [_role(part, store) for part in role.parts]} if role.parts else {}),
    }
