"""What the command line prints at the end: plain sentences with the run's own figures."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from act_spec.documents.failed import Failures, failed_lines
from act_spec.documents.figures import percent
from act_spec.documents.printable import printable
from act_spec.documents.report import headline
from act_spec.documents.round_picture import round_lines
from act_spec.documents.run_facts import Metric, ReportFacts
from act_spec.documents.ticks import told_text
from act_spec.errors import Problem
from act_spec.plan.model import Workers
from act_spec.plan.wording import amount, duration

_WIDTH = 100


@dataclass(frozen=True)
class RunFacts:
    """
    Where a walk ended.

    Attributes:
        report: The run as its report tells it.
        folder: The run's.
        recipe: Its path, for the next command.
        waiting: Answers still due; 0 if all is done.
        hours: What they take.
        reviewers: Whom they are due from.
        failed: Items that failed, by stage and status.
        pilot: What the pilot found, a sentence a line.
        target: Whether an automatic budget has reached its target; empty without one.
        elapsed_s: Seconds that the command took.
        built_in: Whether no model but the built-in one was asked.
    """

    report: ReportFacts
    folder: str
    recipe: str
    waiting: int
    hours: float
    reviewers: tuple[str, ...]
    failed: Sequence[Failures]
    elapsed_s: float
    built_in: bool
    pilot: tuple[str, ...] = ()
    target: str = ""

    def as_json(self) -> dict[str, Any]:
        """The same as one JSON document."""
        return {
            "format": 1,
            "name": self.report.name,
            "plan": self.report.plan_hash,
            "folder": self.folder,
            "items": self.report.items,
            "selected": self.report.selected,
            "reviewed": self.report.reviewed,
            "waiting": self.waiting,
            "failed": {f"{one.stage}: {one.status}": one.items for one in self.failed},
            "failures": [one.as_json() for one in self.failed],
            "pilot": list(self.pilot),
            "target": self.target or None,
            "simulated": self.report.simulated,
            "metrics": [_metric_json(metric) for metric in self.report.metrics],
        }


@dataclass(frozen=True)
class ImportFacts:
    """
    What files of answers held: new or changed answers, rows left blank, faults; and how the review stands.

    `notes` say what was settled without a loss, a sentence each.
    """

    name: str
    plan_hash: str
    taken: int
    blanks: int
    reviewed: int
    selected: int
    problems: tuple[Problem, ...]
    notes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The same as one JSON document."""
        return {
            "format": 1,
            "name": self.name,
            "plan": self.plan_hash,
            "taken": self.taken,
            "blank": self.blanks,
            "reviewed": self.reviewed,
            "selected": self.selected,
            "notes": list(self.notes),
            "errors": [problem.as_json() for problem in self.problems],
        }


@dataclass(frozen=True)
class StatusFacts:
    """Where a run stands; `progress` is set while another process writes it, and is then all that is known."""

    name: str
    folder: str
    plan_hash: str
    recipe: str = ""
    items: int = 0
    annotated: Mapping[str, int] = field(default_factory=dict)
    judged: Mapping[str, int] = field(default_factory=dict)
    has_judge: bool = True
    selected: int = 0
    reviewed: int = 0
    by_reviewer: Mapping[str, int] = field(default_factory=dict)
    outcomes: Mapping[str, int] = field(default_factory=dict)
    response: str = ""
    failed: Sequence[Failures] = ()
    cost_usd: float | None = 0.0
    rounds: int = 0
    round: int = 0
    progress: Mapping[str, Any] | None = None
    batches: Mapping[str, int] = field(default_factory=dict)
    shard: str = ""

    @property
    def waiting(self) -> int:
        """Drawn items that no one has answered, skipped or called ambiguous."""
        return self.selected - sum(self.outcomes.values())

    @property
    def next_words(self) -> tuple[str, ...]:
        """What to type next, after `act-spec`."""
        if self.progress is not None:
            return "status", self.folder
        if self.selected and self.waiting > 0:
            return "import", f"{self.folder}/worklist.csv"
        if self.selected and self.round >= self.rounds:
            return "labels", self.folder, "-o", "labels.parquet"
        shard = ("--shard", self.shard) if self.shard else ()
        return ("run", *((self.recipe,) if self.recipe else ()), *shard)

    def as_json(self) -> dict[str, Any]:
        """The same as one JSON document."""
        return {
            "format": 1,
            "name": self.name,
            "plan": self.plan_hash,
            "folder": self.folder,
            "items": self.items,
            "annotations": dict(self.annotated),
            "judgments": dict(self.judged),
            "failures": [one.as_json() for one in self.failed],
            "selected": self.selected,
            "reviewed": self.reviewed,
            "waiting": max(0, self.waiting),
            "by_reviewer": dict(self.by_reviewer),
            "response": self.response or None,
            "cost_usd": self.cost_usd,
            "batches_out": dict(self.batches),
            **({"round": self.round, "rounds": self.rounds} if self.rounds else {}),
            "progress": None if self.progress is None else dict(self.progress),
            "next": shlex.join(["act-spec", *self.next_words]),
        }


def preview_text(plan_hash: str, answers: Sequence[Mapping[str, Any]]) -> str:
    """The first items of the walk with their labels, one a line."""
    lines = [f"plan {plan_hash[:8]}   {len(answers)} random items"]
    width = max([len(one["label"] or one["status"]) for one in answers] or [0])
    for one in answers:
        text = " / ".join(str(value) for value in one["content"].values())
        wrong = one["error_probability"]
        suspicion = "      " if wrong is None else f"{wrong:6.0%}"
        label = printable(one["label"] or f"({one['status']})")
        lines.append(f"  {label:<{width + 2}} {suspicion}  {printable(text, _WIDTH - width - 12)}")
    lines.append("The percentage is the judge's probability that the label is wrong.")
    return "\n".join(lines)


def run_text(facts: RunFacts) -> str:
    """Where a walk ended, for a terminal."""
    lines = _waiting_lines(facts) if facts.waiting else _done_lines(facts)
    lines += failed_lines(facts.failed, facts.folder, 11 if facts.waiting else 15)
    lines += [f"  note           {printable(warning)}" for warning in facts.report.warnings]
    return "\n".join(lines)


def import_text(facts: ImportFacts) -> str:
    """What an import took in, and every row that it did not."""
    lines = [
        (
            f"{facts.name}   plan {facts.plan_hash[:8]}   {amount(facts.taken, 'answer')} new or changed, "
            f"{facts.reviewed:,} of {facts.selected:,} items answered"
        )
    ]
    if facts.blanks:
        lines.append(f"  not answered yet: {amount(facts.blanks, 'row')}")
    lines += [f"  {printable(note)}" for note in facts.notes]
    lines += [f"  not taken: {printable(str(problem))}" for problem in facts.problems]
    return "\n".join(lines)


def status_text(facts: StatusFacts) -> str:
    """Where a run stands, for a terminal."""
    head = f"{facts.name}   plan {facts.plan_hash[:8]}   {facts.folder}"
    if facts.progress is not None:
        one = facts.progress
        who = f"(process {one['process']}{_workers(one.get('workers'))})"
        through = [f"  {_state(stage):<10} {told_text(stage)}" for stage in one.get("stages", ())]
        return "\n".join([head, *through, f"  under way  {told_text(one)}   {who}"])
    part = f"   shard {facts.shard} of the run" if facts.shard else ""
    lines = [head, f"  items      {facts.items:,}{part}", f"  annotated  {statuses(facts.annotated)}"]
    if facts.rounds:
        lines.insert(1, f"  round      {facts.round:,} of {facts.rounds:,}")
    if facts.has_judge:
        lines.append(f"  judged     {statuses(facts.judged)}")
    lines += failed_lines(facts.failed, facts.folder, 11)
    by = "; ".join(f"{printable(name)} {count:,}" for name, count in facts.by_reviewer.items())
    lines.append(f"  reviewed   {facts.reviewed:,} of {facts.selected:,}{f' ({by})' if by else ''}")
    if facts.response and facts.reviewed:
        lines.append(f"  response   {printable(facts.response)}")
    lines.append(f"  cost       {cost_text(facts.cost_usd)}")
    if facts.batches.get("batches"):
        requests = amount(facts.batches["requests"], "request")
        lines.append(f"  batches    {requests} out; act-spec run collects what has come")
    return "\n".join(lines)


def _state(stage: Mapping[str, Any]) -> str:
    """Of a stage that another process has told of before its last one."""
    return "under way" if stage.get("done") != stage.get("total") else "done"


def cost_text(usd: float | None) -> str:
    """What was spent."""
    return "unknown: a price is missing" if usd is None else f"${usd:.2f}"


def _workers(said: Mapping[str, Any] | None) -> str:
    """How many workers call, where others than the run's own process do."""
    workers = Workers(**(said or {}))
    return f", {workers}" if workers.apart else ""


def _waiting_lines(facts: RunFacts) -> list[str]:
    who = " and ".join(facts.reviewers) or "people"
    cost, learning = facts.report.cost_usd, facts.report.learning
    spent = "An unknown amount" if cost is None else f"${cost:.2f}"
    return [
        f"{facts.report.name}   plan {facts.report.plan_hash[:8]}",
        (
            f"Waiting for people: {amount(facts.waiting, 'answer')}, about {duration(facts.hours * 3600)} for {printable(who)}. "
            f"{spent} spent; nothing more runs until then."
        ),
        *([f"  round      {learning.rounds[-1].number} of {learning.planned}"] if learning else []),
        f"  read       {facts.folder}/guideline.html",
        f"  answer     act-spec review {shlex.quote(facts.folder)}      a page in the browser",
        f"  or fill in {facts.folder}/worklist.csv      the column label, or outcome (skip, ambiguous)",
    ]


def _done_lines(facts: RunFacts) -> list[str]:
    report = facts.report
    if report.learning is not None:
        lines = [_whole_run(facts), *round_lines(report.learning), *_earlier_lines(report)]
    else:
        lines = [
            _whole_run(facts),
            *_headline_lines(report),
            *_earlier_lines(report),
            *_mistakes_lines(report),
            *_estimate_lines(report),
        ]
    lines += [
        f"  {'pilot' if number == 0 else '':<14} {said}"
        for number, said in enumerate(map(printable, facts.pilot))
    ]
    lines += [f"  target         {facts.target}"] if facts.target else []
    lines += [
        f"Look:  {facts.folder}/report.html      {facts.folder}/guideline.html",
        f"Ask:   duckdb {facts.folder}/run.duckdb \"from labels where source = 'human' limit 5\"",
    ]
    if facts.built_in and report.simulated:
        lines.append("Yours: act-spec init my-task --data my.csv")
    return lines


def _whole_run(facts: RunFacts) -> str:
    report = facts.report
    cost = "an unknown amount" if report.cost_usd is None else f"${report.cost_usd:.2f}"
    parts = [f"{report.items:,} items", duration(facts.elapsed_s)]
    parts += ["no key, no network"] if facts.built_in else []
    text = f"{report.name}   plan {report.plan_hash[:8]}\nThat was a whole run: {', '.join([*parts, cost])}."
    return text + (" Reviewers were simulated from the known answers." if report.simulated else "")


def _headline_lines(report: ReportFacts) -> list[str]:
    said = headline(report)
    if not said:
        return []
    if report.metric("final_accuracy").value is None:
        return [
            (
                f"  labels right   machine alone about {said['before']}  ->  after {amount(report.reviewed, 'review')} "
                f"about {said['after']}, as the reviews tell"
            )
        ]
    return [
        (
            f"  labels right   machine alone {said['before']}  ->  after {report.reviewed:,} reviews {said['after']}"
            f"      ({report.reviewed:,} random reviews: {said['random']})"
        ),
        *_known_lines(report),
    ]


def _known_lines(report: ReportFacts) -> list[str]:
    """On how many items that was measured, where it was not on all."""
    if report.gold_items is None:
        return []
    return [f"  measured       on the {report.gold_items:,} of {report.items:,} items whose answer is known"]


def _earlier_lines(report: ReportFacts) -> list[str]:
    if not report.earlier:
        return []
    return [f"  kept           {report.earlier:,} answers of an earlier draw are delivered too"]


def _mistakes_lines(report: ReportFacts) -> list[str]:
    if report.errors is None or report.errors_reviewed is None or not report.items:
        return []
    chance = round(report.errors * report.reviewed / report.items)
    who = "the judge put" if report.judge else "the draw put"
    return [
        (
            f"  mistakes       {who} {report.errors_reviewed:,} of {report.errors:,} among the {report.reviewed:,} "
            f"sent to people; chance finds {chance:,}"
        )
    ]


def _estimate_lines(report: ReportFacts) -> list[str]:
    estimated, truth = report.metric("estimated_final_accuracy"), report.metric("final_accuracy")
    if estimated.value is None or estimated.low is None or estimated.high is None:
        return [f"  estimated      not possible: {estimated.note}"]
    whole = truth.value is not None and report.gold_items is None
    told = f"; the truth is {percent(truth.value)}" if whole and truth.value is not None else ""
    return [
        (
            f"  estimated      {percent(estimated.value)} [{estimated.low * 100:.1f}, {estimated.high * 100:.1f}] "
            f"from the reviews alone{told}"
        )
    ]


def statuses(counts: Mapping[str, int]) -> str:
    """How many of each status, the good ones first."""
    ordered = sorted(counts.items(), key=lambda one: one[0] != "ok")
    return ", ".join(f"{count:,} {status}" for status, count in ordered) or "none yet"


def _metric_json(metric: Metric) -> dict[str, Any]:
    return {
        "name": metric.name,
        "value": metric.value,
        "low": metric.low,
        "high": metric.high,
        "note": metric.note or None,
    }
