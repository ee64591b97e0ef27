"""
The pilot: a small random sample is reviewed first, and says which judge to use and whether to go on.

Its reviews count towards the result like any others, with the weights of a
first round.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from act_spec.errors import StoppedEarly
from act_spec.plan.model import Answering, Plan
from act_spec.run.allocate import allocate
from act_spec.run.estimate import machine_accuracy_bound
from act_spec.run.judge import judge
from act_spec.run.stage import Engine, StageReport
from act_spec.store import allocations, plans
from act_spec.store.database import Store
from act_spec.store.pending import Scope
from act_spec.store.pilots import PilotRow, pilot_items, read_pilot, write_pilot
from act_spec.strategies.estimators.mix import combined_score
from act_spec.strategies.estimators.pilot import Verdict, accuracy_upper_bound, rank_judges

_CERTAINTY = 0.95


class Unfit(StoppedEarly):
    """The annotator is so often wrong that going on would waste the budget."""


def draw_pilot(plan: Plan, store: Store, engine: Engine) -> Iterator[StageReport]:
    """Draw the pilot's items, once, and let every candidate judge them."""
    if not allocations.rounds(store):
        yield allocate(plan, store)
    for candidate in _candidates(plan):
        yield judge(_shown(plan, store, candidate), store, engine, Scope(drawn=True))


def is_decided(plan: Plan, store: Store) -> bool:
    """Whether the pilot has had its say."""
    return bool(read_pilot(store, plan.spending.key))


def decide(plan: Plan, store: Store) -> Plan:
    """Rank the candidates on the answers, record the verdict, and return the plan with its judge."""
    candidates = _candidates(plan)
    found = pilot_items(store, [candidate.key for candidate in candidates])
    right = int((~found["wrong"] & ~found["failed"]).sum())
    reviewed = len(found["wrong"])
    bound = accuracy_upper_bound(right, reviewed, plan.data.items, certainty=_CERTAINTY)
    verdict = _verdict(plan, candidates, found)
    write_pilot(store, list(_rows(plan, candidates, verdict, (reviewed, right, bound))))
    return with_chosen_judge(plan, store)


def with_chosen_judge(plan: Plan, store: Store) -> Plan:
    """The plan with the judge that its pilot chose; before there is a verdict, with the first, whose rows are shown."""
    used = next((row.judge_key for row in read_pilot(store, plan.spending.key) if row.used), None)
    known = (*plan.candidates, *plan.combinations)
    chosen = next((one for one in known if one.key == used), plan.judge)
    return plan if chosen is None else _shown(plan, store, chosen)


def check_fit(plan: Plan, store: Store) -> None:
    """
    Go no further with an annotator that is surely below `fit_accuracy`.

    Raises:
        Unfit: If the one-sided 95% upper bound of its accuracy is below.
    """
    limit = plan.spending.fit_accuracy
    if not limit:
        return
    pilot = read_pilot(store, plan.spending.key)
    bound = pilot[0].accuracy_bound if pilot else machine_accuracy_bound(plan, store)
    if bound < limit:
        seen = (
            f" ({pilot[0].machine_right} of {pilot[0].reviewed} reviewed labels are right)" if pilot else ""
        )
        raise Unfit(
            f"The annotator is unfit: its accuracy is at most {bound:.1%}{seen}, with 95% certainty, below "
            f"budget.fit_accuracy of {limit:.0%}. Nothing more is spent. Take another annotator or prompt; "
            "to go on all the same, write fit_accuracy: 0%."
        )


def _candidates(plan: Plan) -> tuple[Answering, ...]:
    return plan.candidates or ((plan.judge,) if plan.judge else ())


def _shown(plan: Plan, store: Store, judge_: Answering) -> Plan:
    """The plan with this judge, whose rows the views show from now on."""
    chosen = plan.with_judge(judge_)
    plans.show_rows_of(store, "judge", chosen.judge_key)
    return chosen


def _verdict(plan: Plan, candidates: tuple[Answering, ...], found: dict[str, np.ndarray]) -> Verdict | None:
    if not candidates:
        return None
    share = max(plan.spending.reviews / plan.data.items, 1 / max(1, len(found["wrong"])))
    groups = np.unique(found["group"], return_inverse=True)[1] if plan.data.query.group else None
    wrong = (found["wrong"] | found["failed"]).astype(np.float64)
    scores = {
        candidate.key: np.where(found["failed"], np.nan, found[candidate.key]) for candidate in candidates
    }
    combined = {
        one.key: combined_score(
            np.stack([scores[part.key] for part in one.parts]),
            wrong,
            fitted=one.calibrate != "none",
            groups=groups,
            seed=plan.seed,
        )
        for one in plan.combinations
    }
    return rank_judges(scores, wrong, share, groups, combinations=combined, seed=plan.seed)


def _rows(
    plan: Plan, candidates: tuple[Answering, ...], verdict: Verdict | None, seen: tuple[int, int, float]
) -> Iterator[PilotRow]:
    """The verdict as rows; without a judge, one that only tells of the annotator."""
    names = {one.key: one.name for one in (*candidates, *plan.combinations)}
    ranked = {one.name: one for one in verdict.ranking} if verdict else {}
    listed = [*ranked, *(key for key in names if key not in ranked)] or [""]
    reviewed, right, bound = seen
    for position, key in enumerate(listed):
        one = ranked.get(key)
        yield PilotRow(
            stage_key=plan.spending.key,
            position=position,
            name=names.get(key, "no judge"),
            judge_key=key,
            gain=one.gain.value if one else None,
            gain_low=one.gain.low if one else None,
            gain_high=one.gain.high if one else None,
            behind=one.behind.value if one else None,
            behind_low=one.behind.low if one else None,
            behind_high=one.behind.high if one else None,
            used=verdict is not None and key == verdict.used,
            told_apart=verdict is not None and verdict.told_apart,
            beats_chance=verdict is not None and verdict.beats_chance,
            reviewed=reviewed,
            machine_right=right,
            accuracy_bound=bound,
        )
