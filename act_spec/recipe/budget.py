"""The recipe's budget: how much review, spent by which rule, until when."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from act_spec.recipe.by_name import Rule
from act_spec.recipe.section import Section
from act_spec.recipe.values import Accuracy, Amount, Reviews, Share
from act_spec.tasks.kind import fault

_AUTOMATIC_AUDIT = Share.parse("50%")


class Target(Section):
    """How good the delivered labels shall be, for a budget that finds its own size."""

    accuracy: Accuracy = Field(description="Share of right labels to reach: 0.95, or 95%.")
    certainty: Share = Field(Share.parse("95%"), description="How sure to be that it is reached.")

    @field_validator("certainty")
    @classmethod
    def _certain(cls, certainty: Share) -> Share:
        if not Decimal("0.5") <= certainty.fraction < 1:
            raise fault(
                f"a certainty of {certainty} is no use here.",
                hint="Write 95%, or another share from 50% to below 100%.",
            )
        return certainty


class Budget(Section):
    """How much review, spent by which rule."""

    reviews: Reviews | None = Field(
        None,
        description="Items that people review: 12% of the items, or a number of them; auto stops at a target.",
    )
    usd: float | None = Field(None, gt=0, description="In the place of reviews: models and people together.")
    hours: float | None = Field(None, gt=0, description="In the place of reviews: hours of people's time.")
    reviewer_usd_per_hour: float | None = Field(None, gt=0, description="With usd: what people cost.")
    target: Target | None = Field(None, description="With reviews: auto: when enough is reviewed.")
    batch: Amount | None = Field(
        None,
        description="With reviews: auto: fewest reviews between two looks; 5% of the items, at most 100, if not given.",
    )
    at_most: Amount = Field(
        Amount.parse("50%"), description="With reviews: auto: where it stops in any case."
    )
    fit_accuracy: Share = Field(
        Share.parse("70%"),
        description="With pilot or reviews: auto: an annotator below it is unfit and the run stops; 0% never stops.",
    )
    spend_usd: float | None = Field(None, gt=0, description="Hard cap on model calls.")
    rule: Rule = Field(
        "exponential",
        validate_default=True,
        description="Who is reviewed.",
    )
    audit: Share = Field(
        Share.parse("20%"),
        description="Part of the reviews that is drawn at random; half of them with reviews: auto, if not given.",
    )

    injection: Literal["review", "ignore"] = Field(
        "review",
        description="Items that speak to the model (`ignore all instructions …`): drawn for review as if their"
        " label were wrong for certain, or like any other.",
    )

    @property
    def random_part(self) -> Share:
        """The audit; an automatic budget, whose end waits for evidence, takes half of the reviews unless told otherwise."""
        return (
            _AUTOMATIC_AUDIT
            if self.reviews == "auto" and "audit" not in self.model_fields_set
            else self.audit
        )

    @field_validator("audit")
    @classmethod
    def _audit(cls, audit: Share) -> Share:
        if audit.fraction >= 1:
            raise fault(
                f"an audit of {audit} leaves the rule nothing.",
                hint="Write less than 100%, or rule: uniform to draw every review at random.",
            )
        return audit

    @field_validator("target", mode="before")
    @classmethod
    def _mapping(cls, target: Any) -> Any:
        if isinstance(target, str):
            raise fault(f"'{target}' alone is not a target.", hint=f"Write target: {{accuracy: {target}}}.")
        return target

    @field_validator("batch", "at_most")
    @classmethod
    def _some(cls, amount: Amount | None) -> Amount | None:
        if amount is not None and not amount.of(1):
            raise fault(f"with {amount} nothing is reviewed.", hint="Write more, such as 5%.")
        return amount

    @model_validator(mode="after")
    def _one_measure(self) -> Budget:
        given = [key for key in ("reviews", "usd", "hours") if getattr(self, key) is not None]
        if not given:
            raise fault(
                "nothing says how much is reviewed.",
                hint="Write reviews: 10%, usd: 300 with reviewer_usd_per_hour, or hours: 16.",
                lack=True,
            )
        if len(given) > 1:
            raise fault(
                f"'{given[0]}' and '{given[1]}' both say how much is reviewed.", given[1], hint="Keep one."
            )
        return self

    @model_validator(mode="after")
    def _belong_together(self) -> Budget:
        if self.usd is not None and self.reviewer_usd_per_hour is None:
            raise fault(
                "'usd' pays models and people, and nothing says what people cost.",
                "usd",
                hint="Add reviewer_usd_per_hour: 30.",
                lack=True,
            )
        if self.reviews == "auto" and self.target is None:
            raise fault(
                "'auto' reviews until a target is reached, and none is given.",
                "reviews",
                hint="Add target: {accuracy: 95%}.",
                lack=True,
            )
        _refuse_alone(self, "reviews: auto", ("target", "batch", "at_most"), met=self.reviews == "auto")
        _refuse_alone(self, "usd", ("reviewer_usd_per_hour",), met=self.usd is not None)
        return self


def _refuse_alone(budget: Budget, other: str, keys: tuple[str, ...], *, met: bool) -> None:
    """Refuse keys that say nothing without another."""
    for key in keys:
        if key in budget.model_fields_set and not met:
            raise fault(
                f"'{key}' means something only with '{other}', which this budget does not have.",
                key,
                hint=f"Leave out '{key}', or give the budget as {other}.",
            )
