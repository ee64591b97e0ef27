"""The recipe's annotator and judges: who answers, and how."""

from __future__ import annotations

import re
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from act_spec.recipe.by_name import AnnotatorStrategy, JudgeStrategy, Strategy
from act_spec.recipe.deadline import Deadline
from act_spec.recipe.section import Section
from act_spec.recipe.values import Concurrency, Share
from act_spec.registry import Entry, find, names
from act_spec.tasks.kind import fault

_MODEL = r"^[^\s,;]+$"
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")


class Price(Section):
    """Prices of a model that the price file does not know."""

    input_usd_per_million: float = Field(ge=0, description="USD for a million tokens sent.")
    output_usd_per_million: float = Field(ge=0, description="USD for a million tokens received.")
    batch: Share | None = Field(
        None, description="What mode: batch costs of these prices, such as 50%; all of them if not given."
    )


class Endpoint(Section):
    """Where a model answers, with whose key, and at what price."""

    api_base: str | None = Field(None, description="Address of an OpenAI-compatible server.")
    api_key_env: str | None = Field(None, description="Name of the environment variable that holds the key.")
    temperature: float | None = Field(None, ge=0, le=2, description="Left to the provider if not given.")
    price: Price | None = Field(None, description="Where the price file does not know the model.")
    accepts: tuple[Literal["image", "audio"], ...] | None = Field(
        None, description="Media that the model takes, where the price file does not know it."
    )
    pin: Literal["exact"] | None = Field(
        None, description="exact stops the run where another snapshot of the model answers than before."
    )

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


class Writer(Member):
    """A model that drafts rules for the guideline; nothing that it writes counts until a person accepts it."""

    max_tokens: int = Field(1024, ge=1, description="Longest reply, in tokens.")
    timeout_s: float = Field(120, gt=0, description="Longest wait for one reply, in seconds.")


class Role(Endpoint):
    """Who answers and how: the annotator or the judge."""

    model: str | None = Field(None, pattern=_MODEL, description="As LiteLLM writes it: provider/name.")
    models: tuple[Member, ...] = Field(
        (), description="Several models in the place of one, for strategies that ask several."
    )
    strategy: Strategy
    mode: Literal["calls", "batch"] = Field(
        "calls",
        description="batch asks by the provider's batches, which answer within a day at a lower price.",
    )
    deadline: Deadline | None = Field(
        None,
        description="With mode: batch: when replies are wanted, such as 09:00; what is still out shortly before is asked by calls.",
    )
    max_tokens: int = Field(1024, ge=1, description="Longest reply, in tokens.")
    timeout_s: float = Field(120, gt=0, description="Longest wait for one reply, in seconds.")
    concurrency: Concurrency = Field(
        16,
        description="The most calls in flight at once; auto finds out how many the provider has use for.",
    )
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
            raise fault(
                "'models' needs at least two.", hint="Add another, or take a strategy that asks one model."
            )
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
    def _deadline_of_batches(self) -> Role:
        if self.deadline is not None and self.mode != "batch":
            raise fault(
                "a deadline is for batches, and calls are made at once.",
                "deadline",
                hint="Write mode: batch, or leave it out.",
            )
        return self

    @model_validator(mode="after")
    def _models_fit(self) -> Role:
        plain = self.strategy.name.partition(".v")[0]
        if not self._calls():
            self._ask_nobody(plain)
        elif _asks_several(self.strategy.entry):
            self._ask_several(plain)
        else:
            self._ask_one(plain)
        return self

    def _ask_nobody(self, plain: str) -> None:
        for key in sorted(self.model_fields_set & (Role.model_fields.keys() - {"strategy"})):
            message = f"'{plain}' takes what is recorded and asks no model."
            raise fault(message, key, hint=f"Leave out '{key}'.")

    def _ask_several(self, plain: str) -> None:
        hint = "Write models: [first, second]."
        if self.model is not None:
            raise fault(f"'{plain}' asks several models, and 'model' names one.", "model", hint=hint)
        if not self.models:
            raise fault(f"'{plain}' asks several models, and none is named.", "models", hint=hint)

    def _ask_one(self, plain: str) -> None:
        hint = "Write model: provider/name"
        if self.models:
            hint += f"{_or_ask_several(self.strategy.kind)}."
            raise fault(f"'{plain}' asks one model, and 'models' names several.", "models", hint=hint)
        if self.model is None:
            raise fault(f"'{plain}' asks a model, and none is named.", "model", hint=f"{hint}.")

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
            raise fault(f"{on} would judge nothing.", hint="Write a larger share, or no judge.")
        return on
