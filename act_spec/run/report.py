"""The last stage: `report.html` and `METHODS.md`, from what the tables hold."""

from __future__ import annotations

import numpy as np

from act_spec.documents.methods import methods_markdown
from act_spec.documents.report import report_html
from act_spec.documents.run_facts import Confusion, ReportFacts, RoleFacts, StageCost, SuspicionBin
from act_spec.plan.model import Answering, Plan
from act_spec.run import report_quality
from act_spec.run.report_training import training_facts
from act_spec.run.round_figures import learning_facts
from act_spec.run.stage import Folder
from act_spec.store import allocations, conflicts, pictures
from act_spec.store.calls import answered_models, calls_by_stage
from act_spec.store.database import Store
from act_spec.store.metrics import label_columns, read_metrics
from act_spec.strategies.estimators.detection import gain_curve

_BINS = 20
_CURVE_POINTS = 200


def write_report(plan: Plan, store: Store, folder: Folder) -> ReportFacts:
    """Write both documents anew; returns what they tell."""
    facts = report_facts(plan, store)
    folder.write("report.html", report_html(facts))
    folder.write("METHODS.md", methods_markdown(facts))
    return facts


def report_facts(plan: Plan, store: Store) -> ReportFacts:
    """The run as its documents tell it."""
    with store.at_rest("labels"):
        return _facts(plan, store)


def _facts(plan: Plan, store: Store) -> ReportFacts:
    counts, why = pictures.counts(store), pictures.reasons(store)
    columns = label_columns(store, plan.task)
    wrong = columns["has_gold"] & ~columns["machine_right"]
    measured = bool(counts["gold"]) and plan.rounds is None
    return ReportFacts(
        name=plan.name,
        title=plan.guideline.title or plan.name,
        items=counts["items"],
        selected=counts["selected"],
        reviewed=counts["reviewed"],
        unanswered=allocations.unanswered(store),
        earlier=counts["earlier"],
        by_rule=why.get("rule", 0),
        at_random=why.get("audit", 0),
        for_failure=why.get("failed", 0),
        for_injection=why.get("injection", 0),
        rule=plan.spending.rule,
        annotator=_role(plan.annotate, store),
        judge=_role(plan.judge, store) if plan.judge else None,
        seed=plan.seed,
        plan_hash=plan.hash,
        reviewers=counts["reviewers"],
        outcomes=pictures.outcomes(store),
        simulated=plan.review.simulate is not None,
        metrics=tuple(read_metrics(store)),
        gold_items=counts["gold"] if 0 < counts["gold"] < counts["items"] else None,
        errors=int(wrong.sum()) if measured else None,
        errors_reviewed=int((wrong & columns["reviewed"]).sum()) if measured else None,
        gain_curve=_curve(columns),
        suspicion=_suspicion(store) if plan.judge else (),
        confusions=_confusions(plan, store, bool(counts["gold"])),
        stages=_stages(store),
        data_hash=plan.data.sha256,
        versions=plan.versions,
        price_date=plan.price_date if plan.hosts else "",
        provenance=tuple(plan.keys.items()),
        language=plan.guideline.language,
        warnings=report_quality.warnings(store),
        reliability=report_quality.reliabilities(plan, store, columns),
        quality=report_quality.label_quality(plan, store) if plan.rounds is None else (),
        pilot=report_quality.pilot(plan, store),
        rounds=report_quality.rounds(store) if plan.rounds is None else (),
        learning=learning_facts(plan, store),
        judged_part=report_quality.judged_part(plan, store),
        training=training_facts(store),
    )


def _role(role: Answering, store: Store) -> RoleFacts:
    """Who answered; a role that asks no model is told by its name, which says where answers were recorded."""
    answered = answered_models(store, role.stage, role.model_names)
    return RoleFacts(role.strategy if role.model else role.name, tuple(answered))


def _curve(columns: dict[str, np.ndarray]) -> tuple[tuple[float, float], ...]:
    """The gain curve over judged items with gold, thinned to what a picture can show."""
    scored = columns["has_gold"] & columns["judged"]
    wrong = ~columns["machine_right"][scored]
    if not wrong.any():
        return ()
    reviewed, gains = gain_curve(columns["error_probability"][scored], wrong)
    shown = np.unique(np.linspace(0, len(reviewed) - 1, _CURVE_POINTS).astype(int))
    return tuple((float(reviewed[index]), float(gains[index])) for index in shown)


def _suspicion(store: Store) -> tuple[SuspicionBin, ...]:
    found = {number: (items, reviewed) for number, items, reviewed in pictures.suspicion_bins(store, _BINS)}
    return tuple(
        SuspicionBin(number / _BINS, (number + 1) / _BINS, *found.get(number, (0, 0)))
        for number in range(_BINS)
    )


def _confusions(plan: Plan, store: Store, gold: bool) -> tuple[Confusion, ...]:
    def shown(column: str, against: str) -> tuple[tuple[str, str, int], ...]:
        return tuple(
            (_show(plan, one), _show(plan, other), count)
            for one, other, count in conflicts.confusion(store, column, against)
            # In rounds most items have no label, which is no mistake.
            if plan.rounds is None or one != conflicts.NO_LABEL
        )

    if gold:
        return (
            Confusion(
                "Machine labels against known answers", "machine", "known", shown("machine_label", "gold")
            ),
            Confusion("Delivered labels against known answers", "delivered", "known", shown("label", "gold")),
        )
    cells = shown("machine_label", "human_label")
    return (
        (Confusion("Machine labels against people, reviewed items", "machine", "human", cells),)
        if cells
        else ()
    )


def _show(plan: Plan, label: str) -> str:
    return label if label == conflicts.NO_LABEL else plan.task.show(label)


def _stages(store: Store) -> tuple[StageCost, ...]:
    return tuple(
        StageCost(
            stage=row["stage"],
            model=row["model"],
            calls=row["calls"],
            failed=row["failed"],
            prompt_tokens=row["prompt_tokens"],
            completion_tokens=row["completion_tokens"],
            cost_usd=row["cost_usd"],
        )
        for row in calls_by_stage(store)
    )
