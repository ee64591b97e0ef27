"""What a comparison of runs is made of: each run's figures, and what pairs of them have in common."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from act_spec.records import Metric

if TYPE_CHECKING:
    from act_spec.strategies.estimators.label_quality import Estimate

ACCURACIES = (
    "machine_accuracy",
    "final_accuracy",
    "estimated_machine_accuracy",
    "estimated_final_accuracy",
)
SUSPICIONS = ("auroc", "norm_area", "gain")
SPENT = ("calls", "cost_usd")
"""The metrics that runs are put side by side with: of labels, of judges, of effort."""


@dataclass(frozen=True)
class ComparedRun:
    """
    One run.

    Attributes:
        key: `A`, `B` and so on, in the order in which runs were named.
        name: The recipe's.
        folder: The run's.
        plan_hash: Of its plan.
        data_hash: Of its data.
        items: How many.
        selected: Items drawn for review, of which `reviewed` have an answer.
        reviewed: Items with a settled answer of a person.
        annotator: Who labelled, as tables show it.
        judge: Who judged; empty if nobody did.
        rule: Name with version.
        simulated: Whether known answers stood in for people.
        hours: Of review.
        hours_measured: Whether reviewers' times were recorded; otherwise
            `hours` is what the recipe expects for these reviews.
        metrics: As the table holds them.
        gain_curve: As in `ReportFacts`; empty without gold or judge.
    """

    key: str
    name: str
    folder: str
    plan_hash: str
    data_hash: str
    items: int
    selected: int
    reviewed: int
    annotator: str
    judge: str
    rule: str
    simulated: bool
    hours: float
    hours_measured: bool
    metrics: tuple[Metric, ...] = ()
    gain_curve: tuple[tuple[float, float], ...] = ()

    def metric(self, name: str) -> Metric:
        """The metric of that name; one without a value where the run has none."""
        absent = Metric(name, None, note="not computed")
        return next((metric for metric in self.metrics if metric.name == name), absent)


@dataclass(frozen=True)
class Agreement:
    """
    How far the labels of two runs agree.

    Attributes:
        items: Common items to which both give a label.
        equal: Share of these with equal labels; None where there are none.
        kappa: Cohen's; None where it is not defined.
    """

    items: int
    equal: float | None
    kappa: float | None


@dataclass(frozen=True)
class Difference:
    """A figure of the second run minus that of the first on common items; `note` says why there is none."""

    name: str
    estimate: Estimate | None
    note: str = ""


@dataclass(frozen=True)
class ComparedPair:
    """
    Two runs on the items that both have.

    Attributes:
        first: Key of a run.
        second: Key of a later one.
        common: Items that both have.
        same_data: Whether both read the very same data.
        delivered: Agreement of the delivered labels.
        machine: Agreement of the machine's labels.
        known: Common items with a known answer on which both runs agree.
        groups: Number of groups that were resampled; None where items were.
        differences: Empty unless `first` is the first run of all.
    """

    first: str
    second: str
    common: int
    same_data: bool
    delivered: Agreement
    machine: Agreement
    known: int
    groups: int | None
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True)
class CompareFacts:
    """Runs side by side, every pair of them, and sentences that a reader has to know before any figure."""

    runs: tuple[ComparedRun, ...]
    pairs: tuple[ComparedPair, ...]
    warnings: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The same as one JSON document."""
        return {"format": 1, **asdict(self)}
