"""
The recipe language as pydantic models: the schema gives every value its type.

Scalars arrive as text, exactly as written, and short forms are written out
before (see `normal`). What a key means stands in its description, which the
JSON Schema and the recipe reference repeat.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)

from act_spec.errors import did_you_mean
from act_spec.recipe.by_name import (
    AnnotatorStrategy,
    JudgeStrategy,
    Learner,
    LossByName,
    Rule,
    Strategy,
    TaskByKind,
)
from act_spec.recipe.silence import CODES
from act_spec.recipe.values import Accuracy, Amount, Reviews, Share
from act_spec.registry import Entry, find, names
from act_spec.tasks.kind import fault

__all__ = [
    "MAX_NAME_CHARS",
    "NAME",
    "Annotator",
    "Budget",
    "Data",
    "Gold",
    "Guideline",
    "Judge",
    "Price",
    "Recipe",
    "Review",
    "Role",
    "Section",
    "ShownField",
    "Strategy",
    "Train",
]

NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")
MAX_NAME_CHARS = 100
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*")
_MODEL = r"^[^\s,;]+$"
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")


class Section(BaseModel):
    """A mapping of the recipe: unknown keys are errors, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class ShownField(Section):
    """A column that models and reviewers see, under its shown name, with its modality."""

    column: str = Field(min_length=1, description="Column of the data.")
    type: str = Field("text", description="Modality of the column.")
    root: str | None = Field(None, description="Folder that media paths are relative to.")

    @field_validator("type")
    @classmethod
    def _type(cls, modality: str) -> str:
        try:
            return find("content", modality).name
        except KeyError as error:
            known = f"Modalities: {', '.join(names('content'))}."
            raise fault(f"'{modality}' is not a modality.", hint=known) from error


class Gold(Section):
    """Known answers: for measuring only, never shown to a model."""

    column: str = Field(min_length=1, description="Column of the data.")
    map: dict[str, str] = Field(default_factory=dict, description="Value in the data to label.")


class Data(Section):
    """What is labelled."""

    source: str = Field(
        min_length=1, description="Parquet, CSV or JSON lines; a path or a glob, relative to the recipe."
    )
    id: str | None = Field(None, description="Column with unique ids; without it ids are content hashes.")
    show: dict[str, ShownField] = Field(
        min_length=1, description="What models and reviewers see, and nothing else."
    )
    where: dict[str, str] = Field(default_factory=dict, description="Keep rows whose column has this value.")
    sample: int | None = Field(None, ge=1, description="Take a seeded random part of this many items.")
    gold: Gold | None = Field(None, description="Known answers, for measuring only.")
    group: str | None = Field(None, description="Column that names items which belong together.")
    send_to: tuple[str, ...] | None = Field(None, description="Hosts that items may be sent to; no other.")

    @field_validator("send_to")
    @classmethod
    def _hosts(cls, hosts: tuple[str, ...] | None) -> tuple[str, ...] | None:
        for index, host in enumerate(hosts or ()):
            if not _HOST.fullmatch(host):
                bare = (urlsplit(host).hostname if "://" in host else "") or "api.example.com"
                raise fault(f"'{host}' is not the name of a host.", index, hint=f"Write {bare}.")
        return hosts


class Price(Section):
    """Prices of a model that the price file does not know."""

    input_usd_per_million: float = Field(ge=0, description="USD for a million tokens sent.")
    output_usd_per_million: float = Field(ge=0, description="USD for a million tokens received.")


class Endpoint(Section):
    """Where a model answers, with whose key, and at what price."""

    api_base: str | None = Field(None, description="Address of an OpenAI-compatible server.")
    api_key_env: str | None = Field(None, description="Name of the environment variable that holds the key.")
    temperature: float | None = Field(None, ge=0, le=2, description="Left to the provider if not given.")
    price: Price | None = Field(None, description="Where the price file does not know the model.")

    @field_validator("api_base")
    @classmethod
    def _address(cls, address: str | None) -> str | None:
        if address is None:
            return None
        try:
            parts = urlsplit(address)
            host = parts.hostname
            parts.port  # noqa: B018 - raises where the port is not a number
        except ValueError:
            host = None
        if host is None or parts.scheme not in ("http", "https"):
            raise fault(
                "this is not the address of a server.", hint="Write it like http://localhost:8000/v1."
            )
        if parts.username or parts.password or parts.query:
            raise fault(
                "an address may not carry a user, a password or a query.",
                hint="Name the variable that holds the key with api_key_env.",
            )
        return address

    @field_validator("api_key_env")
    @classmethod
    def _variable(cls, name: str | None) -> str | None:
        # The value may be a pasted key, so no message repeats it.
        if name is not None and (not _VARIABLE.fullmatch(name) or _like_a_token(name)):
            raise fault(
                "this is not the name of an environment variable.",
                hint="Keys never stand in a recipe; write the variable's name, such as OPENAI_API_KEY.",
            )
        return name


class Member(Endpoint):
    """One of several models of a role; what it does not say is as the role says it."""

    model: str = Field(pattern=_MODEL, description="As LiteLLM writes it: provider/name.")


class Role(Endpoint):
    """Who answers and how: the annotator or the judge."""

    model: str | None = Field(None, pattern=_MODEL, description="As LiteLLM writes it: provider/name.")
    models: tuple[Member, ...] = Field(
        (), description="Several models in the place of one, for strategies that ask several."
    )
    strategy: Strategy
    max_tokens: int = Field(1024, ge=1, description="Longest reply, in tokens.")
    timeout_s: float = Field(120, gt=0, description="Longest wait for one reply, in seconds.")
    concurrency: int = Field(16, ge=1, le=1024, description="Calls in flight at once.")
    requests_per_minute: float | None = Field(None, gt=0, description="Most calls a minute.")
    tokens_per_minute: float | None = Field(None, gt=0, description="Most tokens a minute.")
    reply_format: Literal["auto", "schema", "object", "text"] = Field(
        "auto", description="How structured replies are asked for; auto follows what the model supports."
    )

    @field_validator("model", mode="before")
    @classmethod
    def _single(cls, model: Any) -> Any:
        if isinstance(model, list):
            raise fault(
                "'model' names one model, and this is a list.",
                hint="Write models: [first, second], with a strategy that asks several.",
            )
        return model

    @field_validator("models")
    @classmethod
    def _several(cls, members: tuple[Member, ...]) -> tuple[Member, ...]:
        if len(members) < 2:
            raise fault("'models' names at least two models.", hint="Write a single one as model.")
        asked = [member.model for member in members]
        for index, name in enumerate(asked):
            if name in asked[:index]:
                raise fault(
                    f"the model '{name}' stands twice, and answers are told apart by their model.",
                    index,
                    hint="Name each once.",
                )
        return members

    @model_validator(mode="after")
    def _models_fit(self) -> Role:
        plain = self.strategy.name.partition(".v")[0]
        several = _asks_several(self.strategy.entry)
        if not self._calls():
            for key in sorted(self.model_fields_set & (Role.model_fields.keys() - {"strategy"})):
                raise fault(
                    f"'{plain}' takes what is recorded and asks no model.", key, hint=f"Leave out '{key}'."
                )
        elif several and self.model is not None:
            raise fault(
                f"'{plain}' asks several models, and 'model' names one.",
                "model",
                hint="Write models: [first, second].",
            )
        elif several and not self.models:
            raise fault(
                f"'{plain}' asks several models, and none is named.",
                "models",
                hint="Write models: [first, second].",
            )
        elif self.models and not several:
            raise fault(
                f"'{plain}' asks one model, and 'models' names several.",
                "models",
                hint=f"Write model: provider/name{_or_ask_several(self.strategy.kind)}.",
            )
        elif not several and self.model is None:
            raise fault(
                f"'{plain}' asks a model, and none is named.", "model", hint="Write model: provider/name."
            )
        return self

    def _calls(self) -> int:
        """The most calls for one item; 0 where no model is asked."""
        declared = self.strategy.entry.traits.get("calls", 0)
        if callable(declared):
            declared = declared(self.strategy.parameters, max(1, len(self.models)))
        return int(declared)


def _asks_several(entry: Entry) -> bool:
    return "members" in entry.traits.get("needs", ())


def _or_ask_several(kind: str) -> str:
    """The strategies that ask several models, as the end of a hint; empty if there are none."""
    known = [name for name in names(kind) if _asks_several(find(kind, name))]
    return f", or a strategy that asks several: {', '.join(known)}" if known else ""


def _like_a_token(name: str) -> bool:
    """Whether a word is rather a random token than the name of a variable."""
    return len(name) > 20 and name != name.upper() and any(character.isdigit() for character in name)


class Annotator(Role):
    """Who labels."""

    strategy: AnnotatorStrategy = Field(
        "direct",
        validate_default=True,
        description="How it is asked.",
    )


class Judge(Role):
    """Who says how likely an annotation is wrong."""

    strategy: JudgeStrategy = Field(
        "direct",
        validate_default=True,
        description="How it is asked.",
    )
    on: Share | None = Field(
        None, description="Judge only this part of the items: those that the annotator was least sure of."
    )
    calibrate: Literal["none", "logistic", "isotonic"] = Field(
        "none", description="How its scores become probabilities, by what was reviewed in earlier rounds."
    )

    @field_validator("on")
    @classmethod
    def _some(cls, on: Share | None) -> Share | None:
        if on is not None and not on.fraction:
            raise fault(f"on {on} of the items there is nothing to judge.", hint="Write more, or no judge.")
        return on


class Target(Section):
    """How good the delivered labels shall be, for a budget that finds its own size."""

    accuracy: Accuracy = Field(description="Share of right labels to reach: 0.95, or 95%.")
    certainty: Share = Field(Share.parse("95%"), description="How sure to be that it is reached.")

    @field_validator("certainty")
    @classmethod
    def _certain(cls, certainty: Share) -> Share:
        if not Decimal("0.5") <= certainty.fraction < 1:
            raise fault(
                f"one cannot stop at a certainty of {certainty}.", hint="Write 50% or more, below 100%: 95%."
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
    batch: Amount = Field(Amount.parse("5%"), description="With reviews: auto: reviews between two looks.")
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
    audit: Share = Field(Share.parse("20%"), description="Part of the reviews that is drawn at random.")

    @field_validator("audit")
    @classmethod
    def _audit(cls, audit: Share) -> Share:
        if audit.fraction >= 1:
            raise fault(
                f"an audit of {audit} leaves the rule nothing.",
                hint="Write less than 100%, or rule: uniform to draw every review at random.",
            )
        return audit

    @field_validator("batch", "at_most")
    @classmethod
    def _some(cls, amount: Amount) -> Amount:
        if not amount.of(1):
            raise fault(f"with {amount} nothing is reviewed.", hint="Write more, such as 5%.")
        return amount

    @model_validator(mode="after")
    def _one_measure(self) -> Budget:
        given = [key for key in ("reviews", "usd", "hours") if getattr(self, key) is not None]
        if not given:
            raise fault(
                "nothing says how much is reviewed.",
                hint="Write reviews: 10%, usd: 300 with reviewer_usd_per_hour, or hours: 16.",
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
            )
        if self.reviews == "auto" and self.target is None:
            raise fault(
                "'auto' reviews until a target is reached, and none is given.",
                "reviews",
                hint="Add target: {accuracy: 95%}.",
            )
        lonely = ["target", "batch", "at_most"] if self.reviews != "auto" else []
        lonely += ["reviewer_usd_per_hour"] if self.usd is None else []
        for key in lonely:
            if key in self.model_fields_set:
                measure = "usd" if key == "reviewer_usd_per_hour" else "reviews: auto"
                raise fault(
                    f"'{key}' belongs to a budget of {measure}, and this is none.",
                    key,
                    hint=f"Leave it out, or write {measure}.",
                )
        return self


class Review(Section):
    """Who reviews."""

    reviewers: tuple[str, ...] = Field((), description="Their names or initials.")
    seconds_per_item: float = Field(30, gt=0, description="For the forecast of hours.")
    simulate: Literal["gold"] | None = Field(None, description="Reviewers are simulated; documents say so.")

    @field_validator("reviewers")
    @classmethod
    def _distinct(cls, reviewers: tuple[str, ...]) -> tuple[str, ...]:
        for index, name in enumerate(reviewers):
            if not name.strip() or name in reviewers[:index]:
                raise fault(f"the reviewer '{name}' has no name of their own.", index, hint="Name each once.")
        return reviewers


class Guideline(Section):
    """What heads the document for reviewers."""

    title: str | None = Field(None, description="Else the recipe's name.")
    purpose: str = Field("", description="What the labels are for.")
    contact: str = Field("", description="Whom reviewers ask.")
    language: str = Field("en", pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]+)*$", description="As HTML names it.")
    template: str = Field(
        "guideline.v1", pattern=r"^[a-z][a-z0-9_]*\.v[1-9][0-9]*$", description="A shipped template."
    )


class Train(Section):
    """What `act-spec train` does with the labels."""

    learner: Learner = Field("linear", validate_default=True, description="What is trained.")
    test: str | None = Field(
        None, min_length=1, description="File with the data's columns and gold, to test on; else parts of it."
    )
    test_share: Share = Field(Share.parse("20%"), description="Part of the items to test on, without a file.")
    seeds: int = Field(5, ge=1, le=100, description="How often everything is trained, from new seeds.")
    epochs: int = Field(60, ge=1, le=10_000, description="Most passes over the items.")
    patience: int = Field(6, ge=1, description="Passes without gain after which training stops.")
    batch: int = Field(64, ge=1, description="Items a step.")
    learning_rate: float = Field(0.01, gt=0, le=10, description="Of the optimiser, AdamW.")
    weight_decay: float = Field(0.01, ge=0, le=10, description="Likewise.")

    @field_validator("test_share")
    @classmethod
    def _test_share(cls, share: Share) -> Share:
        if not 0 < share.fraction <= Share.parse("50%").fraction:
            raise fault(f"{share} of the items cannot be held out.", hint="Write 1% to 50%.")
        return share


class Recipe(Section):
    """One recipe, read and checked."""

    act: int = Field(ge=1, le=1, description="Version of the language: 1.")
    name: str = Field(
        max_length=MAX_NAME_CHARS,
        description="Names the run folder: a-z, 0-9, dot, dash, underscore.",
        json_schema_extra={"pattern": f"^{NAME.pattern}$"},
    )
    task: TaskByKind = Field(description="What is asked.")
    data: Data = Field(description="What is labelled.")
    annotator: Annotator = Field(description="Who labels.")
    judge: Judge | None = Field(
        None, description="Who says how likely an annotation is wrong; a list names candidates, with pilot."
    )
    judges: tuple[Judge, ...] = Field((), description="The candidates, where judge is written as a list.")
    pilot: int | None = Field(
        None, ge=10, description="Review this many random items first, and measure the machines on them."
    )
    budget: Budget = Field(description="How much review, spent by which rule.")
    review: Review = Field(Review(), description="Who reviews.")
    guideline: Guideline = Field(Guideline(), description="What heads the document for reviewers.")
    loss: LossByName = Field("act", validate_default=True, description="How training weighs reviewed items.")
    train: Train = Field(Train(), description="What `act-spec train` does with the labels.")
    seed: int = Field(0, ge=0, lt=2**63, description="Of every random choice.")
    silence: tuple[str, ...] = Field((), description="Codes of advice that is not wanted.")

    @field_validator("name")
    @classmethod
    def _name(cls, name: str) -> str:
        if not NAME.fullmatch(name):
            raise fault(
                f"'{name}' cannot name a folder.",
                hint="Begin with a-z or 0-9, go on with these, '.', '_' and '-'.",
            )
        return name

    @property
    def candidates(self) -> tuple[Judge, ...]:
        """Every judge that the recipe names: none, one, or several to choose from."""
        return self.judges or ((self.judge,) if self.judge else ())

    @field_validator("judges")
    @classmethod
    def _distinct(cls, judges: tuple[Judge, ...]) -> tuple[Judge, ...]:
        if len(judges) < 2:
            raise fault(
                "a list of judges names candidates, at least two.",
                hint="Write a single judge as a mapping, without the list.",
            )
        for index, judge in enumerate(judges):
            if judge in judges[:index]:
                first = judges.index(judge) + 1
                raise fault(f"this judge is the same as number {first}.", index, hint="Keep one of them.")
        return judges

    @field_validator("silence")
    @classmethod
    def _codes(cls, codes: tuple[str, ...]) -> tuple[str, ...]:
        for index, code in enumerate(codes):
            if code not in CODES:
                raise fault(f"no advice has the code '{code}'.", index, hint=did_you_mean(code, list(CODES)))
        return codes
