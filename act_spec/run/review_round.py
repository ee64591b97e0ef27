"""What people do in a round: they answer, and what several of them answered is settled."""

from __future__ import annotations

from dataclasses import replace

from act_spec.plan.model import Plan
from act_spec.run.adjudicate import adjudicate
from act_spec.run.review import review
from act_spec.run.stage import Folder, StageReport
from act_spec.store.database import Store


def review_and_settle(plan: Plan, store: Store, folder: Folder | None) -> StageReport:
    """Let people answer, and settle what several of them answered."""
    report = review(plan, store, folder)
    # Both count what a person has to settle.
    return replace(report, waiting=max(report.waiting, adjudicate(plan, store).waiting))
