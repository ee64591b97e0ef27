"""The recipe's `review`: who reviews, what they see, and what happens where they disagree."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator, model_validator

from act_spec.errors import did_you_mean
from act_spec.recipe.section import Section
from act_spec.recipe.values import Share
from act_spec.strategies.estimators.reviewer_quality import LEAST_SHARED
from act_spec.tasks.kind import fault

METHODS = ("majority", "dawid_skene", "expert")
"""Ways to settle a disagreement, besides handing it to one of the reviewers."""
_NONE = Share.parse("0%")


ANNOTATOR = "annotator"
"""Among what quality is conditioned on: the annotator's label, and no column."""


class Quality(Section):
    """What is made of how much reviewers tell."""

    use: Literal["report", "weight", "exclude"] = Field(
        description="Report it, weigh answers by it, or exclude who tells no more than chance."
    )
    condition_on: tuple[str, ...] = Field(
        (ANNOTATOR,),
        min_length=1,
        description="What a reviewer may have copied: annotator, or columns with other machines' labels.",
    )
    min_overlap: int = Field(
        LEAST_SHARED,
        ge=1,
        description="Fewest items shared with others before answers are weighed or left out.",
    )


class Review(Section):
    """Who reviews."""

    reviewers: tuple[str, ...] = Field((), description="Their names or initials.")
    overlap: Share = Field(_NONE, description="Share of the items that a second reviewer answers as well.")
    disagreements: str | None = Field(
        None,
        description="Who or what settles them: a reviewer, majority, dawid_skene, or expert (the last reviewer).",
    )
    quality: Quality | None = Field(
        None,
        description="What reviewers tell beyond the machine's labels; a text is its `use`.",
    )
    reveal: Literal["after", "ask", "never"] = Field(
        "after", description="When the page shows the machine's label: after the answer, when asked, never."
    )
    seconds_per_item: float = Field(30, gt=0, description="For the forecast of hours.")
    simulate: Literal["gold"] | None = Field(None, description="Reviewers are simulated; documents say so.")

    @field_validator("reviewers")
    @classmethod
    def _distinct(cls, reviewers: tuple[str, ...]) -> tuple[str, ...]:
        for index, name in enumerate(reviewers):
            if not name.strip() or name in reviewers[:index]:
                raise fault(f"the reviewer '{name}' has no name of their own.", index, hint="Name each once.")
        return reviewers

    @model_validator(mode="after")
    def _people_enough(self) -> Review:
        if self.overlap != _NONE and len(self.reviewers) < 2:
            raise fault(
                "a second reviewer needs two names.", "overlap", hint="Write reviewers: [first, second]."
            )
        if self.disagreements == "expert" and not self.reviewers:
            raise fault("nobody is the expert.", "disagreements", hint="Write reviewers: [first, expert].")
        known = [*METHODS, *self.reviewers]
        if self.disagreements is not None and self.disagreements not in known:
            raise fault(
                f"'{self.disagreements}' is neither a reviewer nor a method.",
                "disagreements",
                hint=did_you_mean(self.disagreements, known),
            )
        return self


def copied_columns(review: Review) -> tuple[str, ...]:
    """Columns whose labels a reviewer may have copied."""
    named = review.quality.condition_on if review.quality else ()
    return tuple(column for column in named if column != ANNOTATOR)
