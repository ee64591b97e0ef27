"""
The fifth stage: how right the labels are, from reviews alone and, where there is gold, against it.

What cannot be computed is a row without a value that says why.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from act_spec.plan.model import Plan
from act_spec.records import Metric
from act_spec.run.stage import StageReport
from act_spec.store import allocations
from act_spec.store.calls import spent_usd
from act_spec.store.database import Store
from act_spec.store.metrics import label_columns, review_rounds, write_metrics
from act_spec.strategies.estimators import detection
from act_spec.strategies.estimators.label_quality import estimate_accuracy
from act_spec.strategies.estimators.rounds import Reviews, returned_probability

_NO_GOLD = "there is no gold"
_NOT_DRAWN = "no reviews are drawn yet"


def measure(plan: Plan, store: Store) -> StageReport:
    """Compute every figure of the contract anew from what the tables hold."""
    columns = label_columns(store)
    if plan.judge is None:
        columns["error_probability"] = np.where(columns["failed"], np.nan, 0.0)
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
        sample = _sample(store, columns)
        keep = sample.keep
        estimate = estimate_accuracy(
            columns["corrected"][keep].astype(np.float64),
            sample.reviews,
            columns["error_probability"][keep],
            failed=columns["failed"][keep],
        )
    except ValueError as error:
        return [Metric(name, None, note=str(error)) for name in names]
    note = "; ".join(
        part
        for part in (
            "reviewers simulated from gold" if plan.review.simulate else "",
            sample.note,
            "95% interval, for these items",
        )
        if part
    )
    machine, final = estimate.machine, estimate.final
    return [
        Metric(names[0], machine.value, machine.low, machine.high, note),
        Metric(names[1], final.value, final.low, final.high, note),
        Metric(names[2], estimate.effective_sample_size),
        Metric(names[3], estimate.largest_weight),
    ]


@dataclass(frozen=True)
class _Sample:
    """The reviews as the estimator wants them, over the items in `keep`; `note` says what was assumed."""

    reviews: Reviews
    keep: np.ndarray
    note: str


def _sample(store: Store, columns: dict[str, np.ndarray]) -> _Sample:
    """
    Which items were reviewed in which round, with what probability.

    A drawn item without an answer: in the last round the probabilities shrink
    to what was returned, which is exact for the first part of a worklist; of
    earlier rounds it is left out. The note says either.
    """
    sizes = allocations.rounds(store)
    if not sizes:
        raise ValueError(_NOT_DRAWN)
    probability, drawn_in = review_rounds(store, len(sizes))
    reviewed = columns["reviewed"]
    last = len(sizes) - 1
    unanswered = (drawn_in >= 0) & ~reviewed
    lost = unanswered & (drawn_in < last)
    drawn, returned = int((drawn_in == last).sum()), int((reviewed & (drawn_in == last)).sum())
    notes = []
    if lost.any():
        notes.append(f"{int(lost.sum())} drawn items of earlier rounds have no answer and are left out")
    if returned < drawn:
        notes.append(f"{returned} of {drawn} answers are in; the rest are taken as missing at random")
        probability[last] = returned_probability(probability[last], drawn, returned)
    keep = ~lost
    return _Sample(
        Reviews(probability[:, keep], np.where(reviewed, drawn_in, -1)[keep]), keep, "; ".join(notes)
    )


def _effort(store: Store, columns: dict[str, np.ndarray]) -> list[Metric]:
    cost, unknown = spent_usd(store)
    calls = float(store.one("SELECT count(*) FROM calls")[0])
    failed = int(columns["failed"].sum())
    return [
        Metric("calls", calls),
        Metric("cost_usd", None, note=f"{unknown} calls of unknown price")
        if unknown
        else Metric("cost_usd", cost),
        Metric("failed_annotations", float(failed)),
    ]
