"""
The recipe language as pydantic models: the schema gives every value its type.

Scalars arrive as text, exactly as written. What a key means stands in its
description, which the JSON Schema and the recipe reference repeat.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SerializeAsAny, field_validator

from act_spec.recipe.values import Amount, Share
from act_spec.tasks.kind import TaskKind

NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")


class Section(BaseModel):
    """A mapping of the recipe: unknown keys are errors, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Strategy(Section):
    """A method by name, with the parameters that its signature declares."""

    model_config = ConfigDict(extra="allow", frozen=True)

    name: str

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Everything but the name, checked against the strategy's signature while loading."""
        return dict(self.model_extra or {})


def _named(value: Any) -> Any:
    return {"name": value} if isinstance(value, str) else value


StrategyField = Annotated[Strategy, BeforeValidator(_named)]


class ShownField(Section):
    """A column that models and reviewers see, under its shown name, with its modality."""

    column: str
    type: str = "text"
    root: str | None = Field(None, description="Folder that media paths are relative to.")


class Gold(Section):
    """Known answers: for measuring only, never shown to a model."""

    column: str
    map: dict[str, str] = Field(default_factory=dict, description="Value in the data to label.")


class Data(Section):
    """What is labelled."""

    source: str = Field(description="Parquet, CSV or JSON lines; a path or a glob, relative to the recipe.")
    id: str | None = Field(None, description="Column with unique ids; without it ids are content hashes.")
    show: dict[str, ShownField] = Field(description="What models and reviewers see, and nothing else.")
    where: dict[str, str] = Field(default_factory=dict, description="Keep rows whose column has this value.")
    sample: int | None = Field(None, ge=1, description="Take a seeded random part of this many items.")
    gold: Gold | None = None
    group: str | None = Field(None, description="Column that names items which belong together.")
    send_to: tuple[str, ...] | None = Field(None, description="Hosts that items may be sent to; no other.")


class Price(Section):
    """Prices of a model that the price file does not know."""

    input_usd_per_million: float = Field(ge=0)
    output_usd_per_million: float = Field(ge=0)


class Role(Section):
    """Who answers and how: the annotator or the judge."""

    model: str | None = Field(None, description="As LiteLLM writes it: provider/name.")
    strategy: StrategyField = Strategy(name="direct")
    api_base: str | None = Field(None, description="Address of an OpenAI-compatible server.")
    api_key_env: str | None = Field(None, description="Name of the environment variable that holds the key.")
    temperature: float | None = Field(None, ge=0, le=2)
    max_tokens: int = Field(1024, ge=1, description="Longest reply, in tokens.")
    timeout_s: float = Field(120, gt=0, description="Longest wait for one reply, in seconds.")
    concurrency: int = Field(16, ge=1, le=1024, description="Calls in flight at once.")
    requests_per_minute: float | None = Field(None, gt=0)
    tokens_per_minute: float | None = Field(None, gt=0)
    reply_format: Literal["auto", "schema", "object", "text"] = Field(
        "auto", description="How structured replies are asked for; auto follows what the model supports."
    )
    price: Price | None = None


class Budget(Section):
    """How much review, spent by which rule."""

    reviews: Amount = Field(description="Items that people review: 12% of the items, or a number of them.")
    spend_usd: float | None = Field(None, gt=0, description="Hard cap on model calls.")
    rule: StrategyField = Strategy(name="exponential")
    audit: Share = Field(Share.parse("20%"), description="Part of the reviews that is drawn at random.")


class Review(Section):
    """Who reviews."""

    reviewers: tuple[str, ...] = ()
    seconds_per_item: float = Field(30, gt=0, description="For the forecast of hours.")
    simulate: Literal["gold"] | None = Field(None, description="Reviewers are simulated; documents say so.")


class Guideline(Section):
    """What heads the document for reviewers."""

    title: str | None = None
    purpose: str = ""
    contact: str = ""
    language: str = "en"
    template: str = "guideline.v1"


class Loss(Section):
    """How training weighs reviewed items."""

    name: Literal["act", "cross_entropy"] = "act"
    max_weight: float = Field(4, ge=1, description="The largest 1/probability that enters the loss.")


class Recipe(Section):
    """One recipe, read and checked."""

    act: int = Field(ge=1, le=1, description="Version of the language.")
    name: str = Field(description="Names the run folder: a-z, 0-9, dot, dash, underscore.")
    task: SerializeAsAny[TaskKind]
    data: Data
    annotator: Role
    judge: Role | None = None
    budget: Budget
    review: Review = Review()
    guideline: Guideline = Guideline()
    loss: Loss = Loss()
    seed: int = Field(0, ge=0, lt=2**63)
    silence: tuple[str, ...] = Field((), description="Codes of advice that is not wanted.")

    @field_validator("name")
    @classmethod
    def _name(cls, name: str) -> str:
        if not NAME.fullmatch(name):
            raise ValueError(f"'{name}' cannot name a folder; use a-z, 0-9, '.', '_' and '-'.")
        return name
