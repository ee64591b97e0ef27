"""METHODS.md: a paragraph for a paper, with every definition that it leans on."""

from __future__ import annotations

from typing import Any

from act_spec import resources
from act_spec.documents.figures import count, interval, metric_figure, money, percent
from act_spec.documents.markdown import escape
from act_spec.documents.printable import each_text
from act_spec.documents.round_picture import rounds_picture
from act_spec.documents.run_facts import ReportFacts, RoleFacts
from act_spec.templating import render


def methods_markdown(facts: ReportFacts) -> str:
    """
    The run's methods as Markdown; the same facts give the same text.

    It names models as the provider answered, sample sizes, intervals, seeds
    and the price date, and says which definitions are this program's own.
    """
    name = "methods.v1.md"
    return render(name, resources.template(name), each_text(_context(facts), escape))


def _context(facts: ReportFacts) -> dict[str, Any]:
    return {
        "title": facts.title,
        "name": facts.name,
        "plan_hash": facts.plan_hash,
        "data_hash": facts.data_hash,
        "items_count": count(facts.items),
        "selected": count(facts.selected),
        "selected_share": percent(facts.selected / facts.items) if facts.items else percent(0),
        "reviewed": count(facts.reviewed),
        "nobody": not facts.reviewed,
        "gold_items": count(facts.gold_items) if facts.gold_items is not None else "",
        "answered": facts.reviewed == facts.selected,
        "response": response.note if (response := facts.metric("response_share")).value is not None else "",
        "by_rule": count(facts.by_rule),
        "at_random": count(facts.at_random),
        "for_failure": count(facts.for_failure) if facts.for_failure else "",
        "for_injection": count(facts.for_injection) if facts.for_injection else "",
        "reviewers": "one reviewer" if facts.reviewers == 1 else f"{count(facts.reviewers)} reviewers",
        "rule": facts.rule,
        "annotator": _role(facts.annotator),
        "judge": _role(facts.judge) if facts.judge else "",
        "learning": rounds_picture(facts.learning) if facts.learning else None,
        "seed": str(facts.seed),
        "simulated": facts.simulated,
        "known": _sentences(facts, ("machine_accuracy", "final_accuracy", "auroc", "gain", "norm_area")),
        "estimated": _sentences(facts, ("estimated_machine_accuracy", "estimated_final_accuracy")),
        "weights": _sentences(facts, ("effective_sample_size", "largest_weight")),
        "cost": money(facts.cost_usd),
        "calls": count(sum(stage.calls for stage in facts.stages)),
        "price_date": facts.price_date,
        "versions": [f"{package} {version}" for package, version in sorted(facts.versions.items())],
        "provenance": [*facts.provenance],
    }


def _role(role: RoleFacts) -> dict[str, str]:
    return {"strategy": role.strategy, "models": ", ".join(role.models)}


def _sentences(facts: ReportFacts, names: tuple[str, ...]) -> list[dict[str, str]]:
    present = [metric for metric in map(facts.metric, names) if metric.value is not None]
    return [
        {
            "name": metric.name.replace("_", " "),
            "figure": metric_figure(metric, metric.value),
            "interval": interval(metric),
        }
        for metric in present
    ]
