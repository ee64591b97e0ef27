"""What a guideline is made of; there is no place in it for a probability, a model's label or a known answer."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from act_spec.records import Task


@dataclass(frozen=True)
class ConfusablePair:
    """
    Two labels that were taken for one another in this run, and how many times.

    Each is a label's name, or a label in canonical text. `other` is empty where
    the question was whether `label` applies at all.
    """

    label: str
    other: str
    count: int


@dataclass(frozen=True)
class BoundaryCase:
    """
    An item of a finished round whose review is settled.

    Attributes:
        text: What is shown of it, a line for each field; a field's own lines are joined.
        label: The settled label, as people read it.
        note: The reviewer's.
        other: The label that it was taken for, as people read it, by whichever side; empty where it is not known.
        item: Its id, to tell versions apart; never shown.
        fields: Names and texts, where there are several fields.
    """

    text: str
    label: str
    note: str = ""
    other: str = ""
    item: str = ""
    fields: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Rule:
    """
    A rule that a model drafted; `number` is what `act-spec guide --accept` takes.

    Where `blind_spot` is set it is the pattern of a blind spot: machines say
    `other`, and are sure of it, where `label` is right.
    """

    number: int
    text: str
    label: str = ""
    other: str = ""
    blind_spot: bool = False


@dataclass(frozen=True)
class Agreement:
    """How far reviewers agreed: items with several answers, share of equal pairs, Krippendorff's alpha."""

    items: int
    equal: float | None
    alpha: float | None


@dataclass(frozen=True)
class Change:
    """
    One difference between two versions of a guideline.

    Attributes:
        kind: What has changed, as `guideline_changes` names it.
        name: Of the label, or the text of the case.
        before: As it read.
        after: As it reads now.
        count: How many, where they are counted.
    """

    kind: str
    name: str = ""
    before: str = ""
    after: str = ""
    count: int = 0


Settling = Literal["", "person", "majority", "method"]


@dataclass(frozen=True)
class GuidelineFacts:
    """
    What a guideline is made of.

    Attributes:
        recipe: The recipe's name.
        recipe_hash: Of the recipe's meaning.
        title: Heads the document.
        task: Question, labels and the form of an answer.
        fields: Names of what reviewers are shown, in order.
        reviews: Items to review.
        hours: Expected, all reviewers together; None where it is unknown.
        version: Of this guideline, from 1; 0 while it is not known.
        purpose: What the labels are for; blank lines part paragraphs.
        contact: Whom to ask.
        language: Of the recipe's texts, as `en`.
        reviewers: Names; only `guideline.v1` prints them.
        chosen: How the items were chosen; the standard sentences where empty.
        pairs: Labels that this run confused, most frequent first.
        boundary_cases: Settled items of finished rounds, never one that awaits review.
        awaiting: Shown texts of the items that await review, each field on its
            own. Whatever quotes one of them is left out.
        simulated: Whether no person reviews.
        made_on: Day on which the version was made, as 2026-11-24.
        changes: Since the version before.
        rules: Drafted by a model and accepted by a person.
        reveal: When reviewers see the machine's label: `after`, `ask` or `never`.
        overlap: Share of the items that two reviewers answer, as the recipe writes it; empty for none.
        settling: How differing answers become one.
        agreement: So far; None before anything was answered twice.
        own: What the recipe sets of the task's kind alone, for the kind's own words.
        round: Of reviews, from 1.
        images: Of the examples that are images: number to data URL.
    """

    recipe: str
    recipe_hash: str
    title: str
    task: Task
    fields: tuple[str, ...]
    reviews: int
    hours: float | None = None
    version: int = 1
    purpose: str = ""
    contact: str = ""
    language: str = "en"
    reviewers: tuple[str, ...] = ()
    chosen: str = ""
    pairs: tuple[ConfusablePair, ...] = ()
    boundary_cases: tuple[BoundaryCase, ...] = ()
    awaiting: Collection[str] = ()
    simulated: bool = False
    made_on: str = ""
    changes: tuple[Change, ...] = ()
    rules: tuple[Rule, ...] = ()
    reveal: str = "after"
    overlap: str = ""
    settling: Settling = ""
    agreement: Agreement | None = None
    own: Mapping[str, Any] = field(default_factory=dict)
    round: int = 1
    images: Mapping[int, str] = field(default_factory=dict)
