"""Which plan is current, and which stages' rows the views show."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from act_spec.store.database import Store


def make_current(
    store: Store,
    plan_hash: str,
    plan_json: str,
    keys: Mapping[str, str],
    max_weight: float | None,
    now: datetime,
    design: str = "",
) -> None:
    """
    Record a plan and let every view show its rows.

    Without a largest weight the one that was chosen before stays, or there is none.
    `design` is empty, or for rounds `drawn` where reviews are a random sample of
    all items, else `chosen`.
    """
    with store.transaction():
        store.run(
            "INSERT INTO history.plans VALUES (?, ?, ?) ON CONFLICT DO NOTHING", [plan_hash, plan_json, now]
        )
        for stage, stage_key in keys.items():
            store.run("INSERT OR REPLACE INTO history.current_keys VALUES (?, ?)", [stage, stage_key])
        store.run("INSERT OR REPLACE INTO meta VALUES ('plan_hash', ?)", [plan_hash])
        store.run("INSERT OR REPLACE INTO meta VALUES ('design', ?)", [design])
        if max_weight is None:
            store.run("INSERT OR IGNORE INTO meta VALUES ('max_weight', 'inf')")
        else:
            set_max_weight(store, max_weight)


def set_max_weight(store: Store, max_weight: float) -> None:
    """The largest weight that `labels.loss_weight` has from now on."""
    store.run("INSERT OR REPLACE INTO meta VALUES ('max_weight', ?)", [repr(max_weight)])


def show_rows_of(store: Store, stage: str, stage_key: str) -> None:
    """Let the views show another key's rows of one stage: a judge that the pilot tries or chooses."""
    store.run("INSERT OR REPLACE INTO history.current_keys VALUES (?, ?)", [stage, stage_key])


def current_plan(store: Store) -> tuple[str, str] | None:
    """Hash and JSON of the plan that the views show; None before the first run."""
    rows = store.rows(
        "SELECT plan_hash, plan FROM history.plans WHERE plan_hash = (SELECT value FROM meta WHERE key = 'plan_hash')"
    )
    return (rows[0][0], rows[0][1]) if rows else None


def recipe_of(store: Store) -> tuple[str | None, dict[str, str]]:
    """Path of the recipe that made the current plan, and how its parameters were set; None before the first run."""
    found = current_plan(store)
    if found is None:
        return None, {}
    plan = json.loads(found[1])
    return plan["recipe"], plan.get("settings", {})
