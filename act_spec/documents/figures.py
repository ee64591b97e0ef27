"""Figures as people read them, and what each metric means."""

from __future__ import annotations

from act_spec.documents.run_facts import Metric

MEANING = {
    "machine_accuracy": "share of the machine's labels that equal the known answer",
    "final_accuracy": "share of the delivered labels that equal the known answer",
    "auroc": "how well the judge ranks wrong labels above right ones; 0.5 is chance",
    "gain": "share of all wrong labels that were among the reviewed items (our definition)",
    "gain_at_error_rate": "gain, had as many items been reviewed as there are wrong labels (our definition)",
    "norm_area": "area under the gain curve; 0 is chance, 1 a perfect judge (our definition)",
    "reviewed_share": "items reviewed by people",
    "labelled_share": "items that have a label; no round has chosen the others",
    "student_score": "how right the model trained in that round is, on known answers that no round labels",
    "estimated_student_score": "how right it is on what was open after its round, from people's answers in the next",
    "labels": "labels up to that round",
    "labelling_cost_usd": "what people and model calls cost up to that round",
    "estimated_machine_accuracy": "machine accuracy of these items, estimated from the reviews alone",
    "estimated_final_accuracy": "final accuracy of these items, estimated from the reviews alone",
    "unassisted_machine_accuracy": "the same by inverse probability, without the judge's word",
    "unassisted_final_accuracy": "the same by inverse probability, without the judge's word",
    "calibration_error": "mean distance of error probabilities from the shares that reviews found wrong (our definition)",
    "calibration_error_fitted": "the same after calibration, each item by a fit that did not see it",
    "reviewed_by_several": "items that two reviewers or more answered",
    "observed_agreement": "share of pairs of answers to an item that are equal",
    "krippendorffs_alpha": "agreement beyond chance, nearly equal answers counting as such; 1 is perfect, 0 chance",
    "fleiss_kappa": "agreement beyond chance; 1 is perfect, 0 chance",
    "gwet_ac1": "agreement beyond chance, less lowered by rare labels than kappa",
    "cohens_kappa": "agreement of two reviewers beyond chance",
    "answers_settled": "items of which several answers were settled as one",
    "answers_ambiguous": "items that most of their reviewers call ambiguous; the machine's label stays",
    "answers_open": "items whose answers settle nothing yet; the machine's label stays",
    "reviewer_quality": "what a reviewer's answers tell of the others' beyond the machine's label; 0 for a copy of it",
    "effective_sample_size": "reviews that a plain random sample would need to know as much (Kish)",
    "largest_weight": "largest 1/probability among the reviewed items, unclipped",
    "calls": "model calls",
    "cost_usd": "paid for model calls",
    "failed_annotations": "items that the machine could not label",
}
_FORMATS = {
    "auroc": "{:.3f}",
    "norm_area": "{:.3f}",
    "calibration_error": "{:.3f}",
    "calibration_error_fitted": "{:.3f}",
    "krippendorffs_alpha": "{:.3f}",
    "fleiss_kappa": "{:.3f}",
    "gwet_ac1": "{:.3f}",
    "cohens_kappa": "{:.3f}",
    "reviewer_quality": "{:.3f}",
    "reviewed_by_several": "{:,.0f}",
    "effective_sample_size": "{:,.1f}",
    "largest_weight": "{:,.1f}",
    "calls": "{:,.0f}",
    "failed_annotations": "{:,.0f}",
}
_SHARES = ("accuracy", "agreement", "gain", "gain_at_error_rate", "share", "f1", "student_score")


def percent(share: float) -> str:
    """A share in percent, with one decimal."""
    return f"{100 * share:.1f}%"


def money(usd: float | None) -> str:
    """Dollars and cents; fractions of a cent where that is all there is."""
    if usd is None:
        return "unknown"
    return f"${usd:,.2f}" if usd == 0 or usd >= 0.01 else f"${usd:.2g}"


def count(number: int | None) -> str:
    """A whole number with separators, `unknown` for None."""
    return "unknown" if number is None else f"{number:,}"


def figure_name(metric: Metric) -> str:
    """What is measured: the metric's name without the label that follows a colon."""
    return metric.name.partition(":")[0]


def metric_figure(metric: Metric, value: float | None) -> str:
    """A value, or an end of its interval, in the metric's own unit; a dash for None."""
    if value is None:
        return "—"
    name = figure_name(metric)
    if name.endswith("_usd"):
        return money(value)
    if name.endswith(_SHARES):
        return percent(value)
    return _FORMATS.get(name, "{:,.4g}").format(value)


def interval(metric: Metric) -> str:
    """`[74.9%, 85.2%]`, empty where the metric has no interval."""
    if metric.low is None or metric.high is None:
        return ""
    return f"[{metric_figure(metric, metric.low)}, {metric_figure(metric, metric.high)}]"
