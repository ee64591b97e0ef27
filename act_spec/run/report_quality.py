"""What the report says about judge and labels beyond the headline: reliability, quality, pilot, rounds, warnings."""

from __future__ import annotations

import math

import numpy as np

from act_spec.documents.run_facts import JudgedPart, LabelQuality, PilotFacts, Reliability, RoundFacts
from act_spec.plan.model import Plan
from act_spec.records import Metric
from act_spec.run.calibration import cross_fitted_scores
from act_spec.run.grouping import groups_warning
from act_spec.run.response import BOUNDS, NOTHING_YET, RESPONSE
from act_spec.store import quality
from act_spec.store.answers import CHEAP_SIGNAL
from act_spec.store.calls import snapshots
from act_spec.store.database import Store
from act_spec.store.metrics import read_metrics
from act_spec.store.pilots import PilotRow, read_pilot
from act_spec.strategies.estimators.label_quality import Estimate
from act_spec.strategies.estimators.pilot import Candidate, Verdict
from act_spec.strategies.estimators.reliability import expected_calibration_error, reliability

_ACCURACY = "estimated_machine_accuracy"
_BINS = 10


def warnings(store: Store) -> tuple[str, ...]:
    """What a reader has to know before any figure."""
    found = {metric.name: metric for metric in read_metrics(store)}
    said = [
        groups_warning(store),
        *snapshot_warnings(store),
        *(_nonresponse(found[name]) for name in (RESPONSE, BOUNDS) if name in found),
    ]
    return tuple(one for one in said if one)


def snapshot_warnings(store: Store) -> tuple[str, ...]:
    """A sentence for each model that did not answer as one snapshot all along."""
    return tuple(
        f"{model} did not answer as one snapshot: "
        + ", ".join(f"{name or 'unnamed'} ({count:,} replies)" for name, count in names.items())
        + ". The figures mix them; `pin: exact` beside the model stops a run where that happens."
        for model, names in snapshots(store).items()
        if len(names) > 1
    )


def _nonresponse(metric: Metric) -> str:
    if metric.low is None or metric.high is None:
        said = "" if metric.value is None or metric.note == NOTHING_YET else metric.note
        return f"{said}." if said else ""
    return (
        f"Whatever the missing answers are, the estimate of right machine labels lies between {metric.low:.1%} "
        f"and {metric.high:.1%}, before sampling is counted."
    )


def reliabilities(plan: Plan, store: Store, columns: dict[str, np.ndarray]) -> tuple[Reliability, ...]:
    """The judge's scores, then the calibrated ones if the recipe calibrates; empty without judge or reviews."""
    reviewed = columns["reviewed"]
    if plan.judge is None or not reviewed.any():
        return ()
    scores = {"as judged": columns["error_probability"]}
    if plan.judge.calibrate != "none":
        scores[f"calibrated ({plan.judge.calibrate})"] = cross_fitted_scores(plan, store, columns)
    weight = np.where(reviewed, np.nan_to_num(columns["sampling_weight"]), 0.0)
    wrong = columns["corrected"].astype(np.float64)
    return tuple(
        Reliability(
            name,
            tuple(reliability(score, wrong, weight, bins=_BINS)),
            expected_calibration_error(score, wrong, weight, bins=_BINS),
        )
        for name, score in scores.items()
        if ((weight > 0) & ~np.isnan(score)).any()
    )


def label_quality(plan: Plan, store: Store) -> tuple[LabelQuality, ...]:
    """All labels together, then label by label, from the figures that `measure` wrote; empty before reviews."""
    metrics = {metric.name: metric for metric in read_metrics(store)}
    overall = metrics.get(_ACCURACY)
    counts = quality.label_counts(store)
    if overall is None or not any(seen for _, _, seen in counts):
        return ()
    items, reviewed = sum(count for _, count, _ in counts), sum(seen for _, _, seen in counts)
    rows = [LabelQuality("all labels", items, reviewed, _estimate(overall), _why_not(overall))]
    for label, count, seen in counts:
        shown = plan.task.show(label)
        told = metrics.get(f"{_ACCURACY}:{shown}")
        rows.append(LabelQuality(shown, count, seen, _estimate(told) if told else None))
    return tuple(rows) if len(rows) > 1 else ()


def pilot(plan: Plan, store: Store) -> PilotFacts | None:
    """What the pilot said; None if there was none, or it had no judges to rank."""
    rows = read_pilot(store, plan.spending.key)
    used = next((row.name for row in rows if row.used), None)
    if not rows or used is None:
        return None
    combined = {one.key for one in plan.combinations}
    ranked = tuple(
        one for row in rows if (one := _candidate(row, combined=row.judge_key in combined)) is not None
    )
    return PilotFacts(
        reviews=rows[0].reviewed,
        wrong=rows[0].reviewed - rows[0].machine_right,
        share=plan.spending.reviews / max(1, plan.data.items),
        verdict=Verdict(ranked, used, told_apart=rows[0].told_apart, beats_chance=rows[0].beats_chance),
        most_accuracy=rows[0].accuracy_bound,
        fit_accuracy=plan.spending.fit_accuracy,
    )


def rounds(store: Store) -> tuple[RoundFacts, ...]:
    """The rounds of review, where there are several."""
    found = quality.round_counts(store)
    return tuple(RoundFacts(*row) for row in found) if len(found) > 1 else ()


def judged_part(plan: Plan, store: Store) -> JudgedPart | None:
    """What the judge scored and what only the annotator's confidence did; None if the judge scores all."""
    if plan.judge is None or plan.judge.judged is None:
        return None
    judges = quality.judged_by(store)
    others = judges.pop(CHEAP_SIGNAL, 0)
    return JudgedPart(sum(judges.values()), others, "one minus the annotator's confidence")


def _candidate(row: PilotRow, *, combined: bool) -> Candidate | None:
    gain = _interval(row.gain, row.gain_low, row.gain_high)
    behind = _interval(row.behind, row.behind_low, row.behind_high)
    return None if gain is None or behind is None else Candidate(row.name, gain, behind, combined)


def _estimate(metric: Metric) -> Estimate | None:
    return _interval(metric.value, metric.low, metric.high)


def _interval(value: float | None, low: float | None, high: float | None) -> Estimate | None:
    if value is None or math.isnan(value):
        return None
    return Estimate(value, value if low is None else low, value if high is None else high)


def _why_not(metric: Metric) -> str:
    return metric.note if metric.value is None else ""
