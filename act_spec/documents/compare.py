"""Runs side by side: one page with their gain curves, figures, agreement and differences; the same in lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from act_spec import resources
from act_spec.documents.compare_facts import (
    ACCURACIES,
    SPENT,
    SUSPICIONS,
    Agreement,
    ComparedPair,
    ComparedRun,
    CompareFacts,
    Difference,
)
from act_spec.documents.compare_picture import curves_picture
from act_spec.documents.figures import MEANING, count, interval, metric_figure, percent
from act_spec.documents.page import html_page
from act_spec.documents.printable import each_text, printable, visible
from act_spec.records import Metric
from act_spec.templating import render

if TYPE_CHECKING:
    from act_spec.strategies.estimators.label_quality import Estimate

_NAME_COLUMNS = 30


def compare_html(facts: CompareFacts) -> str:
    """The comparison as one self-contained page; the same facts give the same bytes."""
    name = "compare.v1.html"
    body = render(name, resources.template(name), each_text(_context(facts), visible), html=True)
    return html_page("Runs compared: " + ", ".join(run.name for run in facts.runs), body)


def compare_text(facts: CompareFacts) -> str:
    """The comparison for a terminal."""
    lines = [_run_line(run) for run in facts.runs]
    lines += ["", *_table_lines(facts.runs)]
    lines += ["", *(_agreement_line(pair) for pair in facts.pairs)]
    lines += [line for pair in facts.pairs for line in _difference_lines(pair)]
    lines += [f"Note: {printable(warning)}" for warning in facts.warnings]
    return "\n".join(lines)


def difference_verdict(difference: Difference, pair: ComparedPair) -> str:
    """Which run the interval speaks for, in words."""
    told = difference.estimate
    if told is None:
        return ""
    if told.low > 0:
        return f"{pair.second} is higher"
    if told.high < 0:
        return f"{pair.first} is higher"
    return "equal" if told.low == told.high else "the data do not tell them apart"


def _context(facts: CompareFacts) -> dict[str, Any]:
    return {
        "warnings": facts.warnings,
        "runs": [_run(run) for run in facts.runs],
        "tables": [_table("labels", ACCURACIES, facts.runs), _table("judges", SUSPICIONS, facts.runs)],
        "effort": _effort(facts.runs),
        "curves": curves_picture(facts.runs),
        "pairs": [_pair(pair) for pair in facts.pairs],
        "differences": [
            _difference(difference, pair) for pair in facts.pairs for difference in pair.differences
        ],
        "yardstick": facts.runs[0].key,
        "resampled": _resampled(facts),
    }


def _run(run: ComparedRun) -> dict[str, str]:
    return {
        "key": run.key,
        "name": run.name,
        "folder": run.folder,
        "annotator": run.annotator,
        "judge": run.judge or "none",
        "rule": run.rule,
        "plan": run.plan_hash[:8],
        "data": run.data_hash[:8],
        "total": count(run.items),
    }


def _table(title: str, names: Sequence[str], runs: Sequence[ComparedRun]) -> dict[str, Any]:
    return {
        "title": title,
        "heads": [_words(name) for name in names],
        "rows": [{"key": run.key, "cells": [_cell(run.metric(name)) for name in names]} for run in runs],
        "meanings": [(_words(name), MEANING[name]) for name in names],
    }


def _words(name: str) -> str:
    return "cost" if name == "cost_usd" else name.replace("_", " ")


def _cell(metric: Metric) -> dict[str, str]:
    return {"figure": metric_figure(metric, metric.value), "interval": interval(metric)}


def _effort(runs: Sequence[ComparedRun]) -> dict[str, Any]:
    return {
        "heads": ["reviews", "hours of review", *map(_words, SPENT)],
        "rows": [
            {
                "key": run.key,
                "cells": [
                    f"{count(run.reviewed)} of {count(run.items)}",
                    f"{run.hours:.1f}" if run.hours_measured else f"about {run.hours:.1f}",
                    *(_cell(run.metric(name))["figure"] for name in SPENT),
                ],
            }
            for run in runs
        ],
        "expected": not all(run.hours_measured for run in runs),
    }


def _pair(pair: ComparedPair) -> dict[str, str]:
    return {
        "runs": f"{pair.first} and {pair.second}",
        "common": count(pair.common),
        "delivered": _equal(pair.delivered),
        "delivered_kappa": _kappa(pair.delivered),
        "machine": _equal(pair.machine),
        "machine_kappa": _kappa(pair.machine),
    }


def _equal(agreement: Agreement) -> str:
    return "—" if agreement.equal is None else percent(agreement.equal)


def _kappa(agreement: Agreement) -> str:
    return "—" if agreement.kappa is None else f"{agreement.kappa:.3f}"


def _difference(difference: Difference, pair: ComparedPair) -> dict[str, str]:
    told = difference.estimate
    return {
        "runs": f"{pair.second} - {pair.first}",
        "name": difference.name.replace("_", " "),
        "known": count(pair.known),
        "value": _points(told.value) if told else "—",
        "interval": _points_interval(told) if told else "",
        "verdict": difference_verdict(difference, pair) or f"not computed: {difference.note}",
    }


def _points(share: float) -> str:
    """In percentage points, with its sign; no sign for zero."""
    shown = f"{100 * share:+.1f}"
    return "0.0" if shown in {"+0.0", "-0.0"} else shown


def _points_interval(told: Estimate) -> str:
    return f"[{_points(told.low)}, {_points(told.high)}]"


def _resampled(facts: CompareFacts) -> str:
    """What stands on its own in the intervals of the differences."""
    groups = {pair.groups for pair in facts.pairs if pair.differences and pair.groups is not None}
    if not groups:
        return "items, one by one"
    return f"whole groups of data.group ({' or '.join(count(number) for number in sorted(groups))} groups)"


def _run_line(run: ComparedRun) -> str:
    return (
        f"{run.key}  {printable(run.name)}   plan {run.plan_hash[:8]}   data {run.data_hash[:8]}"
        f"   {count(run.items)} items   {printable(run.folder)}"
    )


def _table_lines(runs: Sequence[ComparedRun]) -> list[str]:
    effort = _effort(runs)
    rows = [["", *(run.key for run in runs)]]
    for name in (*ACCURACIES, *SUSPICIONS):
        cells = [_cell(run.metric(name)) for run in runs]
        rows.append([_words(name), *(f"{cell['figure']} {cell['interval']}".rstrip() for cell in cells)])
    for place, head in enumerate(effort["heads"]):
        rows.append([head, *(row["cells"][place] for row in effort["rows"])])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _agreement_line(pair: ComparedPair) -> str:
    one = _pair(pair)
    if not pair.common:
        return f"{one['runs']}: no item in common"
    return (
        f"{one['runs']}: {one['common']} common items; delivered labels equal {one['delivered']}"
        f" (kappa {one['delivered_kappa']}), machine labels {one['machine']} (kappa {one['machine_kappa']})"
    )


def _difference_lines(pair: ComparedPair) -> list[str]:
    rows = [_difference(difference, pair) for difference in pair.differences if pair.common]
    return [
        f"  {row['runs']}  {row['name']:<{_NAME_COLUMNS}} {row['value']} {row['interval']}".rstrip()
        + f"   {row['verdict']}"
        for row in rows
    ]
