"""What a report and a methods paragraph are made of: figures and names, no items."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from act_spec.records import Metric

__all__ = ["Confusion", "Metric", "ReportFacts", "RoleFacts", "StageCost", "SuspicionBin"]


@dataclass(frozen=True)
class RoleFacts:
    """
    The annotator or the judge.

    Attributes:
        strategy: Name with version.
        models: As the provider answered, not only as the recipe asked; empty
            for recorded answers.
    """

    strategy: str
    models: tuple[str, ...] = ()


@dataclass(frozen=True)
class StageCost:
    """What a stage called and paid. None means unknown, which is never 0."""

    stage: str
    model: str
    calls: int
    failed: int = 0
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cost_usd: float | None = None


@dataclass(frozen=True)
class SuspicionBin:
    """Items whose error probability lies in [low, high), the last bin with its upper end."""

    low: float
    high: float
    items: int
    reviewed: int


@dataclass(frozen=True)
class Confusion:
    """
    How often one label met another.

    Attributes:
        title: What is compared with what, over which items.
        rows: What the rows are, such as `machine`.
        columns: What the columns are, such as `human`.
        cells: Row label, column label (both as people read them) and count.
    """

    title: str
    rows: str
    columns: str
    cells: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True)
class ReportFacts:
    """
    A run as its report tells it.

    Attributes:
        name: The recipe's.
        title: Heads the report.
        items: All items of the run.
        selected: Items drawn for review, of which `reviewed` have an answer.
        reviewed: Items with a settled answer of a person.
        by_rule: Drawn by suspicion.
        at_random: Drawn by the audit.
        for_failure: Drawn because the machine gave no label or error probability.
        rule: Name with version of the rule that set the probabilities.
        annotator: Who labelled.
        judge: Who judged; None if nobody did.
        reviewers: How many people reviewed.
        outcomes: Reviews by outcome: `keep`, `change`, `ambiguous`, `skip`.
        simulated: Whether known answers stood in for people.
        metrics: As the table holds them.
        gold_items: Items with a known answer; None where all or none have one.
        errors: Wrong machine labels among them; None without gold.
        errors_reviewed: Those of them among the reviewed items.
        gain_curve: Share of the items reviewed in order of suspicion, and the
            share of all wrong labels among them, from (0, 0) to (1, 1); empty
            without gold.
        suspicion: Adjoining bins from 0 to 1; empty without a judge.
        confusions: Before and after review, in that order.
        stages: In the order of the walk.
        seed: Of the draw.
        plan_hash: Of the plan.
        data_hash: Of the data.
        versions: Package to version.
        price_date: Of the price file, as 2026-11-20; empty where nothing was priced.
        provenance: Further names and values to print, such as prompt hashes.
        language: Of the recipe's texts.
    """

    name: str
    title: str
    items: int
    selected: int
    reviewed: int
    by_rule: int
    at_random: int
    rule: str
    annotator: RoleFacts
    judge: RoleFacts | None
    seed: int
    plan_hash: str
    for_failure: int = 0
    reviewers: int = 1
    outcomes: Mapping[str, int] = field(default_factory=dict)
    simulated: bool = False
    metrics: tuple[Metric, ...] = ()
    gold_items: int | None = None
    errors: int | None = None
    errors_reviewed: int | None = None
    gain_curve: tuple[tuple[float, float], ...] = ()
    suspicion: tuple[SuspicionBin, ...] = ()
    confusions: tuple[Confusion, ...] = ()
    stages: tuple[StageCost, ...] = ()
    data_hash: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    price_date: str = ""
    provenance: tuple[tuple[str, str], ...] = ()
    language: str = "en"

    def metric(self, name: str) -> Metric:
        """The metric of that name; one without a value where the run has none."""
        absent = Metric(name, None, note="not computed")
        return next((metric for metric in self.metrics if metric.name == name), absent)

    @property
    def cost_usd(self) -> float | None:
        """Of all stages together; None if any is unknown."""
        costs = [stage.cost_usd for stage in self.stages]
        return None if None in costs else sum(cost for cost in costs if cost is not None)
