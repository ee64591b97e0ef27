"""
The fifth stage: how right the labels are, from reviews alone and, where there is gold, against it.

What cannot be computed is a row without a value that says why.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from act_spec.plan.model import Plan
from act_spec.records import Metric
from act_spec.run.estimate import estimate, sample_of, scored_columns
from act_spec.run.stage import StageReport
from act_spec.store.calls import bill
from act_spec.store.database import Store
from act_spec.store.metrics import write_metrics
from act_spec.strategies.estimators import detection

_NO_GOLD = "there is no gold"


def measure(plan: Plan, store: Store) -> StageReport:
    """Compute every figure of the contract anew from what the tables hold."""
    columns = scored_columns(plan, store)
    metrics = [*_against_gold(columns), *_from_reviews(plan, store, columns), *_effort(store, columns)]
    write_metrics(store, plan.measure_key, metrics)
    return StageReport("measure", settled=len(metrics))


def _against_gold(columns: dict[str, np.ndarray]) -> list[Metric]:
    """Accuracies over the items with gold; a failed label is wrong in them, and left out of `auroc`."""
    known = columns["has_gold"]
    scored = known & ~columns["failed"] & ~np.isnan(columns["error_probability"])
    wrong, suspicion = ~columns["machine_right"][scored], columns["error_probability"][scored]
    all_wrong = known & ~columns["machine_right"]
    note = f"over {int(known.sum()):,} of {known.size:,} items, those with gold" if not known.all() else ""

    def figure(name: str, compute: Callable[[], float]) -> Metric:
        if not known.any():
            return Metric(name, None, note=_NO_GOLD)
        try:
            return Metric(name, float(compute()), note=note)
        except ValueError as error:
            return Metric(name, None, note=str(error))

    def needs_scores(compute: Callable[[], float]) -> Callable[[], float]:
        def checked() -> float:
            if not scored.any():
                raise ValueError("nothing with gold is judged")
            return compute()

        return checked

    return [
        figure("machine_accuracy", columns["machine_right"][known].mean),
        figure("final_accuracy", columns["final_right"][known].mean),
        figure("auroc", needs_scores(lambda: detection.auroc(suspicion, wrong))),
        figure("gain", lambda: detection.gain(columns["reviewed"][known], all_wrong[known])),
        figure("gain_at_error_rate", needs_scores(lambda: detection.gain_at_error_rate(suspicion, wrong))),
        figure("norm_area", needs_scores(lambda: detection.norm_area(suspicion, wrong))),
        Metric("reviewed_share", float(columns["reviewed"].mean())),
    ]


def _from_reviews(plan: Plan, store: Store, columns: dict[str, np.ndarray]) -> list[Metric]:
    """Estimates for these very items from the reviews and the logged probabilities."""
    names = (
        "estimated_machine_accuracy",
        "estimated_final_accuracy",
        "effective_sample_size",
        "largest_weight",
    )
    try:
        note = sample_of(store, columns).note
        made = estimate(plan, store, certainty=0.95)
    except ValueError as error:
        return [Metric(name, None, note=str(error)) for name in names]
    note = "; ".join(
        part
        for part in (
            "reviewers simulated from gold" if plan.review.simulate else "",
            note,
            "95% interval, for these items",
        )
        if part
    )
    machine, final = made.machine, made.final
    return [
        Metric(names[0], machine.value, machine.low, machine.high, note),
        Metric(names[1], final.value, final.low, final.high, note),
        Metric(names[2], made.effective_sample_size),
        Metric(names[3], made.largest_weight),
    ]


def _effort(store: Store, columns: dict[str, np.ndarray]) -> list[Metric]:
    paid = bill(store)
    if paid.unknown:
        cost = Metric("cost_usd", None, note=f"{paid.unknown} calls of unknown price")
    else:
        lost = (
            f"at most ${paid.possible_usd:.4f} more for replies that were lost" if paid.possible_usd else ""
        )
        cost = Metric("cost_usd", paid.cost_usd, note=lost)
    return [
        Metric("calls", float(store.one("SELECT count(*) FROM calls")[0])),
        cost,
        Metric("failed_annotations", float(columns["failed"].sum())),
    ]
