"""
The fifth stage: how right the labels are, from reviews alone and, where there is gold, against it.

What cannot be computed is a row without a value that says why.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from act_spec.plan.model import Plan
from act_spec.records import Metric
from act_spec.run.agreement import agreement_metrics
from act_spec.run.calibration import cross_fitted_scores
from act_spec.run.discussing import discussion_metrics
from act_spec.run.estimate import Evidence, evidence, scored_columns
from act_spec.run.response import response_metrics
from act_spec.run.round_figures import kind_figures, round_metrics
from act_spec.run.stage import StageReport
from act_spec.run.teaching import spot_metrics
from act_spec.store.answers import repair_counts, status_counts
from act_spec.store.calls import bill
from act_spec.store.database import Store
from act_spec.store.metrics import labelled, machine_labels, write_metrics
from act_spec.strategies.estimators import detection
from act_spec.strategies.estimators.by_label import estimate_by_label
from act_spec.strategies.estimators.label_quality import ESTIMATORS
from act_spec.strategies.estimators.reliability import expected_calibration_error
from act_spec.strategies.settling import answers_are_composed

MOST_LABELS = 50
_NO_GOLD = "there is no gold"


def measure(plan: Plan, store: Store) -> StageReport:
    """Compute every figure of the contract anew from what the tables hold."""
    columns = scored_columns(plan, store)
    if plan.rounds is not None:
        told = [*round_metrics(plan, plan.rounds, store), *kind_figures(plan, store)]
    else:
        kind = plan.task.figures(labelled(store, plan.task))
        talk = discussion_metrics(plan, store)
        told = [*_against_gold(columns), *kind, *talk, *_from_reviews(plan, store)]
    metrics = [
        *told,
        *response_metrics(plan, store),
        *_calibration(plan, store, columns),
        *agreement_metrics(plan, store),
        *spot_metrics(plan, store),
        *_effort(plan, store, columns),
    ]
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


def _from_reviews(plan: Plan, store: Store) -> list[Metric]:
    """Estimates for these very items from the reviews and the logged probabilities."""
    names = (
        "estimated_machine_accuracy",
        "estimated_final_accuracy",
        "unassisted_machine_accuracy",
        "unassisted_final_accuracy",
        "effective_sample_size",
        "largest_weight",
    )
    try:
        known, sample = evidence(plan, store)
        made, plain = known.accuracy(), known.accuracy(estimator="inverse_probability")
    except ValueError as error:
        return [Metric(name, None, note=str(error)) for name in names]
    simulated = "reviewers simulated from gold" if plan.review.simulate else ""
    note = "; ".join(part for part in (simulated, sample.note, "95% interval, for these items") if part)
    return [
        Metric(names[0], made.machine.value, made.machine.low, made.machine.high, note),
        Metric(names[1], made.final.value, made.final.low, made.final.high, note),
        Metric(names[2], plain.machine.value, plain.machine.low, plain.machine.high, note),
        Metric(names[3], plain.final.value, plain.final.low, plain.final.high, note),
        Metric(names[4], made.effective_sample_size),
        Metric(names[5], made.largest_weight),
        *_by_label(plan, store, known, sample.keep),
    ]


def _by_label(plan: Plan, store: Store, known: Evidence, keep: np.ndarray) -> list[Metric]:
    """The same for the items of each machine label, where there are few labels."""
    if answers_are_composed(plan.task) or not 0 < len(plan.task.definitions) <= MOST_LABELS:
        return []
    labels = [label for label, kept in zip(machine_labels(store), keep.tolist(), strict=True) if kept]
    found, plain = (
        estimate_by_label(labels, known.wrong, known.reviews, known.error_probability, estimator=estimator)
        for estimator in ESTIMATORS
    )
    return [
        Metric(
            f"estimated_machine_accuracy:{plan.task.show(one.label)}",
            1 - one.wrong.value,
            1 - one.wrong.high,
            1 - one.wrong.low,
            f"of {one.items:,} items that the machine labelled so, {one.reviewed:,} are reviewed; "
            f"without the judge {1 - bare.wrong.value:.1%}",
        )
        for one, bare in list(zip(found, plain, strict=True))[:MOST_LABELS]
    ]


def _calibration(plan: Plan, store: Store, columns: dict[str, np.ndarray]) -> list[Metric]:
    """How far error probabilities are from the shares of errors that reviews found."""
    if plan.judge is None:
        return []
    weight = np.where(columns["reviewed"], np.nan_to_num(columns["sampling_weight"]), 0.0)
    scores = {"calibration_error": columns["error_probability"]}
    if plan.judge.calibrate != "none":
        scores["calibration_error_fitted"] = cross_fitted_scores(plan, store, columns)
    wrong = columns["corrected"].astype(np.float64)
    return [_calibration_error(name, score, wrong, weight) for name, score in scores.items()]


def _calibration_error(name: str, score: np.ndarray, wrong: np.ndarray, weight: np.ndarray) -> Metric:
    try:
        return Metric(
            name,
            expected_calibration_error(score, wrong, weight),
            note="our definition: bins of equal weight",
        )
    except ValueError as error:
        return Metric(name, None, note=str(error))


def _effort(plan: Plan, store: Store, columns: dict[str, np.ndarray]) -> list[Metric]:
    paid = bill(store)
    failed = int(columns["failed"].sum())
    if plan.rounds is not None:
        # The machine was not asked about the others.
        failed = sum(count for status, count in status_counts(store, "annotations").items() if status != "ok")
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
        Metric("failed_annotations", float(failed)),
        *(
            Metric(f"repaired:{repair}", float(times), note=f"in {answers:,} answers of the machine")
            for repair, (times, answers) in repair_counts(store).items()
        ),
    ]
