"""
The third stage: the rule turns suspicion into probabilities, and the draw picks who is reviewed.

Probability and draw are stored for every item, drawn or not; estimates and
the training loss live on them. A larger budget adds a round; nothing that was
drawn is ever drawn again.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from act_spec import registry
from act_spec.errors import Problem, RecipeError
from act_spec.plan.model import Plan
from act_spec.run.calibration import calibrated_scores
from act_spec.run.schedule import NextRound, next_round
from act_spec.run.stage import StageReport
from act_spec.store import allocations
from act_spec.store.database import Store
from act_spec.store.times import utc_now
from act_spec.strategies import sampling
from act_spec.strategies.estimators.rounds import round_shares


def allocate(plan: Plan, store: Store) -> StageReport:
    """
    Draw the next round, if there is one to draw now.

    Raises:
        RecipeError: If the rule cannot spend the budget on these suspicions.
    """
    coming = next_round(plan, store)
    if coming is None:
        return StageReport("allocate")
    candidates = allocations.candidates(store)
    drawn = draw_round(plan, store, candidates, coming)
    sizes = [(population, size) for _, population, size in allocations.rounds(store)]
    sizes.append((len(candidates.places), int(drawn.selected.sum())))
    shares = [
        (number, *size, float(share))
        for number, (size, share) in enumerate(zip(sizes, round_shares(sizes), strict=True), 1)
    ]
    allocations.write_round(store, plan.spending.key, drawn, shares, utc_now())
    return StageReport("allocate", settled=sizes[-1][1])


def draw_round(
    plan: Plan, store: Store, candidates: allocations.Candidates, coming: NextRound
) -> allocations.Round:
    """One round's design and draw; the same for the same plan, candidates and number."""
    entry = registry.find("allocator", coming.rule)
    budget = min(coming.reviews, len(candidates.places))
    audit = sampling.audit_size(budget, coming.audit_share) if entry.traits.get("audit", True) else 0
    suspicion = candidates.error_probability
    if coming.number > 1:
        suspicion = calibrated_scores(plan, store)[candidates.places - 1]
    if plan.judge is None:
        suspicion = np.where(candidates.failed, np.nan, 0.0)
    # A label that the item may have asked for is as good as wrong; the judge may have obeyed it, too.
    addressed = candidates.addressed & (plan.spending.injection and not coming.pilot)
    suspicion = np.where(addressed & ~np.isnan(suspicion), 1.0, suspicion)
    try:
        design = sampling.design(suspicion, budget, audit, partial(entry.build, **coming.parameters))
    except ValueError as error:
        raise RecipeError([Problem(str(plan.recipe_path), 0, 0, "budget", str(error))]) from error
    selected = sampling.draw(design, plan.seed, round_number=coming.number)
    # Before a pilot nothing is judged yet, which is no failure.
    missing = candidates.failed if coming.pilot else candidates.failed | np.isnan(suspicion)
    reason = sampling.reasons(design, selected, missing, plan.seed, round_number=coming.number)
    if entry.traits.get("audit", True):
        reason[addressed & (reason == "rule")] = "injection"
    if coming.pilot:
        reason[reason == "rule"] = "audit"
    worklist = np.full(len(selected), -1, dtype=np.int64)
    worklist[selected] = np.argsort(
        sampling.seeded_order(int(selected.sum()), plan.seed, round_number=coming.number)
    )
    return allocations.Round(
        coming.number,
        coming.rule,
        candidates.places,
        design.inclusion_probability,
        selected,
        reason,
        worklist,
    )
