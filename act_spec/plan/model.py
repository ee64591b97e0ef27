"""
The plan: everything that a run will do, as one frozen value.

`plan` prints it and `run` consumes it, so preview and run cannot drift apart.
Stages are keyed by what decides their result and by the key of what they
read; an edit of the recipe changes the keys of what follows it, and no other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from act_spec.llm.batching import why_no_batches
from act_spec.llm.model import Model
from act_spec.plan.media import NO_MEDIA, MediaPlan
from act_spec.plan.rounds import RoundsPlan
from act_spec.plan.shard import Shard
from act_spec.recipe.blind_spots import BlindSpots
from act_spec.recipe.deadline import Deadline
from act_spec.recipe.schema import Guideline, Review, ShownField, Strategy, Train
from act_spec.records import Item, Presentation, Task
from act_spec.store.staging import ItemsQuery
from act_spec.strategies.estimators.target import Target

DRAFT = "draft to edit"
"""The name under which people see a machine's text that they edit."""


@dataclass(frozen=True)
class Range:
    """An amount as low, likely and high."""

    low: float
    likely: float
    high: float

    def __add__(self, other: Range) -> Range:
        return Range(self.low + other.low, self.likely + other.likely, self.high + other.high)


@dataclass(frozen=True)
class DataPlan:
    """
    What is labelled.

    Attributes:
        query: How items are read from the source.
        show: Shown name to field.
        sample: Only the walk's first so many; None for all.
        items: How many there are.
        sha256: Of the source's bytes.
        content_key: Of what models see of an item; walks and samples leave it alone.
        key: Of the items as the run holds them.
        media: The files that items name; none where no field holds files.
        longest: Characters of the longest item's text.
        pieces: Into how many an item is taken apart on average, because it is long.
    """

    query: ItemsQuery
    show: Mapping[str, ShownField]
    sample: int | None
    items: int
    sha256: str
    content_key: str
    key: str
    media: MediaPlan = NO_MEDIA
    longest: int = 0
    pieces: float = 1.0


@dataclass(frozen=True)
class Answering:
    """
    A stage at which a model, or a record of one, answers.

    Attributes:
        stage: `annotate` or `judge`.
        name: Who answers, as tables show it.
        strategy: Name with version.
        parameters: What the recipe sets, defaults filled in.
        model: Who is called; None where recorded answers are read.
        members: Where several models are asked: name to model.
        judged: How many items a judge is asked about, those that the annotator
            was least sure of; None for all.
        calibrate: How a judge's scores become probabilities once there are
            reviews: `none`, `logistic` or `isotonic`.
        parts: The candidate judges that are combined into this one; empty for any other.
        deadline: When the replies of batches are wanted; None for whenever they come.
        prompts: Template name to text.
        calls_per_item: The most calls for one item, re-asks apart.
        key: Of the stage.
        calls: Calls for all items.
        prompt_tokens: Estimated from a sample of rendered prompts.
        completion_tokens: Estimated from the form of the reply.
        cost_usd: None where a price is unknown.
    """

    stage: str
    name: str
    strategy: str
    parameters: Mapping[str, Any]
    model: Model | None
    prompts: Mapping[str, str]
    calls_per_item: int
    key: str
    calls: int = 0
    prompt_tokens: Range = Range(0, 0, 0)
    completion_tokens: Range = Range(0, 0, 0)
    cost_usd: Range | None = Range(0, 0, 0)
    members: Mapping[str, Model] = field(default_factory=dict)
    judged: int | None = None
    calibrate: str = "none"
    parts: tuple[Answering, ...] = ()
    deadline: Deadline | None = None

    def asked(self, member: str) -> Model:
        """The model that answers for a member; the role's own for any that is not listed."""
        model = self.members.get(member, self.model)
        if model is None:
            raise ValueError(f"{self.strategy} asks no model.")
        return model

    @property
    def models(self) -> dict[str, Model]:
        """Member to model, `""` for the role's own; empty where no model is asked."""
        return {} if self.model is None else {"": self.model, **self.members}

    @property
    def by_batch(self) -> bool:
        """Whether its models are asked by their providers' batches."""
        return self.wants_batches and not any(map(why_no_batches, self.models.values()))

    @property
    def wants_batches(self) -> bool:
        """Whether the recipe says so; where a provider takes none, calls are made instead."""
        return self.model is not None and self.model.mode == "batch"

    @property
    def model_names(self) -> frozenset[str]:
        """Of every model that is asked, those of its parts included, as the recipe names them."""
        own = {model.name for model in self.models.values()}
        return frozenset(own.union(*(part.model_names for part in self.parts)))


@dataclass(frozen=True)
class Spending:
    """
    How the review budget is spent.

    Attributes:
        reviews: Items that people review.
        audit: How many of them are drawn at random.
        audit_share: The same as the recipe writes it, as a fraction.
        rule: Name with version.
        parameters: What the recipe sets of the rule, defaults filled in.
        spend_usd: Cap on model calls; None for none.
        pilot: Reviews of the first round, drawn at random before any judge is chosen.
        batch: Fewest reviews of each further round, where their number is automatic.
        target: What an automatic number of reviews is to reach; None where it is fixed.
        fit_accuracy: Below it, the pilot calls the annotator unfit; 0 for never.
        injection: Whether items that speak to the model are drawn as if their label were wrong.
        key: Of the allocation; more reviews leave it alone and add a round.
    """

    reviews: int
    audit: int
    audit_share: float
    rule: str
    parameters: Mapping[str, Any]
    spend_usd: float | None
    key: str
    pilot: int = 0
    batch: int = 0
    target: Target | None = None
    fit_accuracy: float = 0.0
    injection: bool = False


@dataclass(frozen=True)
class Workers:
    """
    Where calls go out from; results do not depend on it, so no key knows it.

    Attributes:
        engine: `local`, or `ray` for a cluster.
        count: Processes that call; 1 on this machine is the run's own.
    """

    engine: str = "local"
    count: int = 1

    @property
    def apart(self) -> bool:
        """Whether other processes than the run's own make the calls."""
        return self.engine != "local" or self.count > 1

    def __str__(self) -> str:
        if self.engine == "ray":
            return f"{self.count} {'worker' if self.count == 1 else 'workers'} of a Ray cluster"
        return f"{self.count} worker processes" if self.count > 1 else "this process"

    def as_json(self) -> dict[str, Any]:
        """The same as a JSON object."""
        return {"engine": self.engine, "count": self.count}


@dataclass(frozen=True)
class Forecast:
    """
    What the reviews can do, before any is made.

    Attributes:
        most_changed: Largest share of labels that reviews can change, in [0, 1].
        half_width: Expected half-width of the estimated accuracy's 95% interval
            at an assumed error rate; None without an audit.
        error_rate: The assumed share of wrong machine labels.
        other_rule: A rule that would know the accuracy better, and its half-width.
        hours: Of review.
    """

    most_changed: float
    half_width: float | None
    error_rate: float
    other_rule: tuple[str, float] | None
    hours: float


@dataclass(frozen=True)
class Plan:
    """
    All that a run will do.

    Attributes:
        name: Of the recipe; names the run folder.
        recipe_path: Where the recipe stands.
        recipe_sha256: Of its meaning: comments, key order and formatting do not count.
        task: What is asked.
        data: What is labelled.
        annotate: Who labels.
        judge: Who judges; None leaves the rule without suspicion. Of several
            candidates the first, until the pilot has chosen.
        candidates: The judges that the pilot chooses from; empty where there is no choice.
        combinations: Combinations of them, of which the pilot takes one if it is surely better.
        spending: How reviews are spent.
        review: Who reviews.
        guideline: What heads the document for reviewers.
        writer: Who drafts rules for it; None where nobody does.
        blind_spots: Which confident errors are told, and what is made of them; None for none.
        teacher: The model that writes examples against them; None where people do, or nobody.
        blind_spots_key: Of what is found and written.
        loss: How training weighs reviewed items.
        train: What `train` does with the labels.
        seed: Of every draw.
        price_date: Of the price file.
        versions: Of the program and what decides results.
        files: Every file that went in, with what it is; see `plan.inputs.Input`.
        former_review_keys: Of answers that may have been given when labels had other names; empty where none was renamed.
        settings: What the recipe's parameters were set to from outside.
        values: The recipe as its hash sees it: full form, defaults left out.
        workers: Where calls go out from.
        shard: The part of the items that is walked; None for all of them.
        rounds: Rounds of labelling and learning; None where everything is labelled once.
    """

    name: str
    recipe_path: Path
    recipe_sha256: str
    task: Task
    data: DataPlan
    annotate: Answering
    judge: Answering | None
    spending: Spending
    review: Review
    guideline: Guideline
    loss: Strategy
    train: Train
    seed: int
    price_date: str
    hosts: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    judge_key: str = ""
    review_key: str = ""
    measure_key: str = ""
    hash: str = ""
    candidates: tuple[Answering, ...] = ()
    writer: Answering | None = None
    blind_spots: BlindSpots | None = None
    teacher: Answering | None = None
    blind_spots_key: str = ""
    combinations: tuple[Answering, ...] = ()
    files: tuple[tuple[str, Path], ...] = ()
    former_review_keys: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)
    workers: Workers = Workers()
    rounds: RoundsPlan | None = None
    shard: Shard | None = None

    def put_to_people(self, row: Mapping[str, Any]) -> Presentation:
        """
        An item of the worklist (`item_id`, `content`, `machine_label`) as people are shown it, and as they answer it.

        The machine's label is shown only by kinds whose drafts people edit.
        """
        put = self.task.present(Item(row["item_id"], row["content"]))[-1]
        if not self.task.drafts or "machine_label" not in row:
            return put
        seen = put.item.shown_as or {name: name for name in self.data.show}
        draft = {**put.item.content, DRAFT: row["machine_label"]}
        return replace(put, item=replace(put.item, content=draft, shown_as={**seen, DRAFT: DRAFT}))

    def with_judge(self, judge: Answering) -> Plan:
        """The plan with its judge chosen; no key but the judge's own changes."""
        return replace(self, judge=judge, judge_key=judge.key)

    @property
    def cost_usd(self) -> Range | None:
        """Of all calls; None where a price is unknown."""
        judges = self.candidates or ((self.judge,) if self.judge else ())
        cost = cost_of_calls(
            self.annotate, judges, self.data.items, self.spending.pilot, combined=bool(self.combinations)
        )
        return with_helpers(cost, self.helpers)

    @cached_property
    def forecast(self) -> Forecast:
        """What the reviews can do; reckoned when first asked for, since it is half the time of a `check`."""
        from act_spec.plan.forecasting import forecast

        chosen = self.rounds is not None
        return forecast(self.data.items, self.spending, self.review.seconds_per_item, chosen=chosen)

    @property
    def helpers(self) -> tuple[Answering, ...]:
        """Models that write for people or for training, and label nothing."""
        return tuple(one for one in (self.writer, self.teacher) if one is not None)

    @property
    def max_weight(self) -> float | None:
        """The largest weight in the loss: 1 where it has none, None where the reviews decide."""
        limit: float | None = self.loss.parameters.get("max_weight", 1.0)
        return limit

    @property
    def keys(self) -> dict[str, str]:
        """Stage to the key whose rows the views show."""
        return {
            "data": self.data.key,
            "annotate": self.annotate.key,
            "judge": self.judge_key,
            "allocate": self.spending.key,
            "review": self.review_key,
            "measure": self.measure_key,
            **({"blind_spots": self.blind_spots_key} if self.blind_spots else {}),
        }

    @property
    def roles(self) -> tuple[Answering, ...]:
        """The annotator, every judge that the recipe names, and their combinations."""
        judges = self.candidates or ((self.judge,) if self.judge else ())
        return (self.annotate, *judges, *self.combinations)

    @property
    def calls_models(self) -> bool:
        """Whether any stage calls a model."""
        stages = (self.annotate, self.judge, *self.candidates, *self.helpers)
        return any(stage is not None and stage.model is not None for stage in stages)


def with_helpers(cost: Range | None, helpers: Sequence[Answering]) -> Range | None:
    """The cost of all other calls, and the helpers'; None where a price is unknown."""
    for helper in helpers:
        if cost is None or helper.cost_usd is None:
            return None
        cost += helper.cost_usd
    return cost


def cost_of_calls(
    annotate: Answering, judges: Sequence[Answering], items: int, pilot: int, *, combined: bool = False
) -> Range | None:
    """
    What all calls cost together; None where a price is unknown.

    Of several candidates each judges the pilot. For the rest the dearest is
    taken, and at the low end the cheapest; at the high end all of them, where
    they may be combined.
    """
    if annotate.cost_usd is None or any(judge.cost_usd is None for judge in judges):
        return None
    costs = sorted((judge.cost_usd for judge in judges if judge.cost_usd), key=lambda cost: cost.likely)
    others = [min(1.0, pilot / items) if items else 0.0] * (len(costs) - 1)
    cheapest, dearest = [1.0, *others], [*others, 1.0]
    most = [1.0] * len(costs) if combined else dearest
    return annotate.cost_usd + Range(
        sum(part * cost.low for part, cost in zip(cheapest, costs, strict=False)),
        sum(part * cost.likely for part, cost in zip(dearest, costs, strict=False)),
        sum(part * cost.high for part, cost in zip(most, costs, strict=False)),
    )
