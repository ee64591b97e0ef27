"""What a report and a methods paragraph are made of: figures and names, no items."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from act_spec.documents.round_facts import LearningFacts
from act_spec.documents.training_facts import TrainingFacts
from act_spec.records import Metric

if TYPE_CHECKING:
    from act_spec.strategies.estimators.label_quality import Estimate
    from act_spec.strategies.estimators.pilot import Verdict
    from act_spec.strategies.estimators.reliability import Bin

__all__ = [
    "Confusion",
    "JudgedPart",
    "LabelQuality",
    "Metric",
    "PilotFacts",
    "Reliability",
    "ReportFacts",
    "RoleFacts",
    "RoundFacts",
    "StageCost",
    "SuspicionBin",
]


@dataclass(frozen=True)
class RoleFacts:
    """
    The annotator or the judge.

    Attributes:
        strategy: Name with version; where no model was asked, with what it reads.
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
class Reliability:
    """
    Error probabilities beside the shares of errors that reviews found.

    Attributes:
        scores: What is pictured, such as `as judged` or `calibrated`.
        bins: Lowest probability first.
        ece: Expected calibration error, in [0, 1].
    """

    scores: str
    bins: tuple[Bin, ...]
    ece: float


@dataclass(frozen=True)
class LabelQuality:
    """
    How right the labels of one kind are, as reviews tell.

    Attributes:
        label: As people read it, or words for all labels together.
        items: Items that carry it.
        reviewed: Those of them that people reviewed.
        accuracy: Share of them that is right; None where that cannot be told.
        note: Why not, or what was assumed.
    """

    label: str
    items: int
    reviewed: int
    accuracy: Estimate | None
    note: str = ""


@dataclass(frozen=True)
class PilotFacts:
    """
    What the random reviews before the others told about the candidate judges.

    Attributes:
        reviews: Items of the pilot that have an answer.
        wrong: Machine labels among them that are wrong.
        share: Share of the items that the budget reviews; gains are at this share.
        verdict: The ranking, and which judge is used.
        most_accuracy: Highest accuracy of the annotator that the pilot leaves
            plausible, in [0, 1]; None where it was not asked.
        fit_accuracy: Below it the annotator is called unfit.
    """

    reviews: int
    wrong: int
    share: float
    verdict: Verdict
    most_accuracy: float | None = None
    fit_accuracy: float = 0.0

    @property
    def combination(self) -> bool:
        """Whether a combination of judges is used."""
        return any(one.combined and one.name == self.verdict.used for one in self.verdict.ranking)


@dataclass(frozen=True)
class RoundFacts:
    """
    One round of reviews.

    Attributes:
        number: From 1.
        drawn: Items sent to people.
        answered: Those of them with an answer.
        rule: Name with version of the rule that set the probabilities.
        share: How much the round counts in the estimates, in [0, 1].
    """

    number: int
    drawn: int
    answered: int
    rule: str
    share: float


@dataclass(frozen=True)
class JudgedPart:
    """
    Where only a part of the items went to the judge.

    Attributes:
        judged: Items that the judge scored.
        others: Items that only the cheap signal scored.
        signal: What the cheap signal is, such as `the annotator's own confidence`.
    """

    judged: int
    others: int
    signal: str


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
        unanswered: Drawn items on which nobody has said anything.
        earlier: Answers kept from an earlier draw, which an edit of the recipe replaced.
        by_rule: Drawn by suspicion.
        at_random: Drawn by the audit.
        for_failure: Drawn because the machine gave no label or error probability.
        for_injection: Drawn because the item speaks to the model instead of being labelled by it.
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
        warnings: Sentences that a reader has to know before any figure.
        reliability: The judge's scores, then the calibrated ones if there are any.
        quality: All labels together first, then label by label.
        pilot: None where there was none.
        rounds: Told where there are several.
        judged_part: None where the judge scored every item.
        training: None where no model was trained.
        learning: The rounds of labelling and learning; None for a recipe without.
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
    for_injection: int = 0
    unanswered: int = 0
    earlier: int = 0
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
    warnings: tuple[str, ...] = ()
    reliability: tuple[Reliability, ...] = ()
    quality: tuple[LabelQuality, ...] = ()
    pilot: PilotFacts | None = None
    rounds: tuple[RoundFacts, ...] = ()
    judged_part: JudgedPart | None = None
    training: TrainingFacts | None = None
    learning: LearningFacts | None = None

    def metric(self, name: str) -> Metric:
        """The metric of that name; one without a value where the run has none."""
        absent = Metric(name, None, note="not computed")
        return next((metric for metric in self.metrics if metric.name == name), absent)

    @property
    def cost_usd(self) -> float | None:
        """Of all stages together; None if any is unknown."""
        costs = [stage.cost_usd for stage in self.stages]
        return None if None in costs else sum(cost for cost in costs if cost is not None)
