"""The report: one page that says what the run did to the labels, what it cost and how sure that is."""

from __future__ import annotations

from typing import Any

from act_spec import resources
from act_spec.documents.figures import MEANING, count, figure_name, interval, metric_figure, money, percent
from act_spec.documents.page import html_page
from act_spec.documents.pictures import confusion_picture, gain_picture, suspicion_picture
from act_spec.documents.pilot import pilot_table
from act_spec.documents.printable import each_text, visible
from act_spec.documents.quality_pictures import quality_picture, reliability_picture
from act_spec.documents.round_picture import rounds_picture
from act_spec.documents.run_facts import ReportFacts, RoleFacts, RoundFacts, StageCost
from act_spec.documents.training_picture import training_picture
from act_spec.plan.wording import amount
from act_spec.templating import render


def report_html(facts: ReportFacts) -> str:
    """
    The report as one self-contained page; the same facts give the same bytes.

    Every picture has a text alternative and its figures in a table. Texts of
    the facts are shown as they are, never interpreted.
    """
    name = "report.v1.html"
    body = render(name, resources.template(name), each_text(_context(facts), visible), html=True)
    return html_page(facts.title, body, language=facts.language)


def headline(facts: ReportFacts) -> dict[str, str]:
    """
    What review did to the labels, in three figures and where they come from.

    Returns:
        `before`, `after`, `random` (as many random reviews, expected) as
        percentages, `basis`, and `intervals` where they are estimates; empty
        if the run has neither gold nor an estimate, or labels in rounds.
    """
    if facts.learning is not None:
        return {}
    for prefix, basis in (
        ("", f"measured against {_known(facts)}"),
        ("estimated_", "estimated from the reviews alone"),
    ):
        before = facts.metric(f"{prefix}machine_accuracy")
        after = facts.metric(f"{prefix}final_accuracy")
        if before.value is None or after.value is None:
            continue
        reviewed = facts.reviewed / facts.items if facts.items else 0.0
        return {
            "before": percent(before.value),
            "after": percent(after.value),
            "random": percent(before.value + (1 - before.value) * reviewed),
            "basis": basis,
            "intervals": f"before {interval(before)}, after {interval(after)}" if interval(after) else "",
        }
    return {}


def _known(facts: ReportFacts) -> str:
    return (
        "known answers"
        if facts.gold_items is None
        else f"the known answers of {count(facts.gold_items)} items"
    )


def found_sentence(facts: ReportFacts) -> str:
    """How many mistakes went to people, and how many chance would have sent; empty without gold."""
    if facts.errors is None or facts.errors_reviewed is None or not facts.items:
        return ""
    chance = round(facts.errors * facts.reviewed / facts.items)
    return (
        f"{count(facts.errors_reviewed)} of the {count(facts.errors)} wrong machine labels were among the"
        f" {count(facts.reviewed)} reviewed items; chance finds {count(chance)}."
    )


def _context(facts: ReportFacts) -> dict[str, Any]:
    return {
        "name": facts.name,
        "title": facts.title,
        "plan_hash": facts.plan_hash[:8],
        "simulated": facts.simulated,
        "warnings": facts.warnings,
        "headline": headline(facts),
        "found": found_sentence(facts),
        "items_count": count(facts.items),
        "reviewed": count(facts.reviewed),
        "waiting": amount(facts.unanswered, "item") if facts.unanswered else "",
        "chosen": _chosen(facts),
        "outcomes": [(outcome, count(number)) for outcome, number in sorted(facts.outcomes.items())],
        "annotator": _role(facts.annotator),
        "judge": _role(facts.judge) if facts.judge else "",
        "judged_part": _judged_part(facts),
        "rule": facts.rule,
        "quality": quality_picture(facts.quality) if facts.quality else None,
        "pilot": pilot_table(facts.pilot) if facts.pilot else None,
        "rounds": [_round(one) for one in facts.rounds],
        "learning": rounds_picture(facts.learning) if facts.learning else None,
        "gain": _gain(facts),
        "reliability": reliability_picture(facts.reliability) if facts.reliability else None,
        "suspicion": suspicion_picture(facts.suspicion) if facts.suspicion else None,
        "confusions": [confusion_picture(confusion) for confusion in facts.confusions],
        "training": training_picture(facts.training) if facts.training else None,
        "metrics": _metrics(facts),
        "stages": [_stage(stage) for stage in facts.stages],
        "total": _total(facts),
        "provenance": _provenance(facts),
    }


def _gain(facts: ReportFacts) -> dict[str, Any] | None:
    if not facts.gain_curve or not facts.errors or not facts.items:
        return None
    budget = facts.reviewed / facts.items
    found = None if facts.errors_reviewed is None else facts.errors_reviewed / facts.errors
    return gain_picture(facts.gain_curve, facts.errors / (facts.gold_items or facts.items), budget, found)


def _chosen(facts: ReportFacts) -> str:
    by = "by the selector" if facts.learning else "by suspicion"
    parts = [f"{count(facts.by_rule)} {by}", f"{count(facts.at_random)} at random"]
    if facts.for_failure:
        parts.append(f"{count(facts.for_failure)} because the machine gave no answer")
    if facts.for_injection:
        parts.append(f"{count(facts.for_injection)} because the item speaks to the model")
    return " + ".join(parts)


def _role(role: RoleFacts) -> str:
    return f"{role.strategy} with {', '.join(role.models)}" if role.models else role.strategy


def _judged_part(facts: ReportFacts) -> str:
    if facts.judged_part is None:
        return ""
    part = facts.judged_part
    return (
        f"{count(part.judged)} items, those that the annotator was least sure of; the other"
        f" {count(part.others)} are scored by {part.signal} alone"
    )


def _round(one: RoundFacts) -> dict[str, str]:
    return {
        "number": str(one.number),
        "drawn": count(one.drawn),
        "answered": count(one.answered),
        "rule": one.rule,
        "share": percent(one.share),
    }


def _metrics(facts: ReportFacts) -> list[dict[str, str]]:
    return [
        {
            "name": metric.name,
            "figure": metric_figure(metric, metric.value),
            "low": metric_figure(metric, metric.low),
            "high": metric_figure(metric, metric.high),
            "meaning": MEANING.get(figure_name(metric), ""),
            "note": metric.note,
        }
        for metric in facts.metrics
        # Those of single labels have a table of their own.
        if not (facts.quality and metric.name.startswith("estimated_machine_accuracy:"))
    ]


def _stage(stage: StageCost) -> dict[str, str]:
    return {
        "stage": stage.stage,
        "model": stage.model,
        "calls": count(stage.calls),
        "failed": count(stage.failed),
        "prompt_tokens": count(stage.prompt_tokens),
        "completion_tokens": count(stage.completion_tokens),
        "cost": money(stage.cost_usd),
    }


def _total(facts: ReportFacts) -> dict[str, str]:
    known = sum(stage.cost_usd for stage in facts.stages if stage.cost_usd is not None)
    cost = money(facts.cost_usd) if facts.cost_usd is not None else f"at least {money(known)}"
    return {
        "calls": count(sum(stage.calls for stage in facts.stages)),
        "failed": count(sum(stage.failed for stage in facts.stages)),
        "cost": cost,
    }


def _provenance(facts: ReportFacts) -> list[tuple[str, str]]:
    rows = [
        ("recipe", facts.name),
        ("plan", facts.plan_hash),
        ("data", facts.data_hash),
        ("seed", str(facts.seed)),
        ("prices of", facts.price_date),
        *facts.provenance,
        *sorted(facts.versions.items()),
    ]
    return [(name, value) for name, value in rows if value]
