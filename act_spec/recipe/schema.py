"""
The recipe language as pydantic models: the schema gives every value its type.

Scalars arrive as text, exactly as written, and short forms are written out
before (see `normal`). What a key means stands in its description, which the
JSON Schema and the recipe reference repeat.
"""

from __future__ import annotations

import re
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from act_spec.errors import did_you_mean
from act_spec.recipe.blind_spots import BlindSpots
from act_spec.recipe.budget import Budget, Target
from act_spec.recipe.by_name import Learner, LossByName, Strategy, TaskByKind
from act_spec.recipe.expect import Expectation
from act_spec.recipe.matrix import Matrix
from act_spec.recipe.review import Review
from act_spec.recipe.roles import Annotator, Judge, Member, Price, Role, Writer
from act_spec.recipe.rounds import Rounds
from act_spec.recipe.section import Section
from act_spec.recipe.silence import CODES
from act_spec.recipe.values import Share
from act_spec.registry import find, names
from act_spec.tasks.kind import fault

__all__ = [
    "MAX_NAME_CHARS",
    "NAME",
    "UNWRITTEN",
    "Annotator",
    "Budget",
    "Data",
    "Gold",
    "Guideline",
    "Judge",
    "Member",
    "Price",
    "Recipe",
    "Review",
    "Role",
    "Section",
    "ShownField",
    "Strategy",
    "Target",
    "Train",
]

UNWRITTEN = frozenset({"judges"})
"""Fields at the top that reading fills and nobody writes."""
NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")
MAX_NAME_CHARS = 100
Reading = Literal["text", "number", "category", "pixels", "none"]
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*")


class ShownField(Section):
    """A column that models and reviewers see, under its shown name, with its modality."""

    column: str = Field(min_length=1, description="Column of the data.")
    type: str = Field("text", description="Modality of the column.")
    root: str | None = Field(
        None,
        description="Folder of the files, relative to the recipe, else the data's; nothing outside it is read.",
    )
    max_px: int | None = Field(
        None, ge=64, le=8192, description="Of images and pages: longest edge that is sent, 1568 if not given."
    )
    max_pages: int | None = Field(
        None, ge=1, le=200, description="Of PDFs: longer ones are refused, 20 if not given."
    )
    send: Literal["both", "pages", "text"] | None = Field(
        None, description="Of PDFs: what models get, images of pages, text, or both (as if not given)."
    )
    max_chars: int | None = Field(
        None, ge=100, description="Of text: the longest that is sent, in characters."
    )
    longer: Literal["refuse", "cut", "pieces"] | None = Field(
        None,
        description="Of text: what becomes of longer ones; refuse (as if not given) records the item as failed, cut sends the beginning with a mark, pieces asks about each part and puts the answers together.",
    )
    transcript: str | None = Field(
        None, min_length=1, description="Of audio: column with the words, for models that take no sound."
    )

    @property
    def options(self) -> dict[str, Any]:
        """What is set for the modality itself."""
        kept = set(find("content", self.type).traits.get("options", ())) - {"root"}
        return {name: value for name in sorted(kept) if (value := getattr(self, name)) is not None}

    @model_validator(mode="after")
    def _options(self) -> ShownField:
        taken = find("content", self.type).traits.get("options", ())
        for name in sorted(self.model_fields_set - {"column", "type"}):
            if getattr(self, name) is not None and name not in taken:
                known = f"It takes: {', '.join(taken)}." if taken else "Leave it out."
                raise fault(f"'{name}' says nothing about {self.type}.", name, hint=known)
        if self.longer is not None and self.max_chars is None:
            raise fault("'longer' wants a length.", "longer", hint="Write max_chars beside it.")
        return self

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
        min_length=1,
        description="Parquet, CSV or JSON lines; a path or a glob, relative to the recipe; or a folder of files.",
    )
    id: str | None = Field(
        None, description="Column with unique ids; without it ids are content hashes, in a folder file names."
    )
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


class Guideline(Section):
    """What heads the document for reviewers."""

    title: str | None = Field(None, description="Else the recipe's name.")
    purpose: str = Field("", description="What the labels are for.")
    contact: str = Field("", description="Whom reviewers ask.")
    language: str = Field("en", pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]+)*$", description="As HTML names it.")
    writer: Writer | None = Field(
        None,
        description="A model that drafts rules where labels are confused; a person accepts or declines them.",
    )
    template: str = Field(
        "guideline",
        pattern=r"^[a-z][a-z0-9_]*(\.v[1-9][0-9]*)?$",
        description="A template that ships or is your own; without its version, the newest that ships.",
    )
    templates: str | None = Field(
        None,
        min_length=1,
        description="Folder beside the recipe with templates of your own, which replace ours.",
    )


class Train(Section):
    """What `act-spec train` does with the labels."""

    learner: Learner = Field("linear", validate_default=True, description="What is trained.")
    features: dict[str, Reading] = Field(
        default_factory=dict, description="How a shown field is read, where it is not what it looks like."
    )
    test: str | None = Field(
        None, min_length=1, description="File with the data's columns and gold, to test on; else parts of it."
    )
    test_share: Share = Field(Share.parse("20%"), description="Part of the items to test on, without a file.")
    seeds: int = Field(5, ge=1, le=100, description="How often everything is trained, from new seeds.")
    compare: Literal["curve", "budget", "nothing"] = Field(
        "curve",
        description="Human, machine and delivered labels at this budget and at others, at this one alone, or nothing.",
    )
    epochs: int = Field(60, ge=1, le=10_000, description="Most passes over the items.")
    patience: int = Field(6, ge=1, description="Passes without gain after which training stops.")
    batch: int = Field(64, ge=1, description="Items a step.")
    learning_rate: float | None = Field(
        None, gt=0, le=10, description="Of the optimiser, AdamW; else the learner's own."
    )
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
    extends: str | None = Field(
        None,
        description="Another recipe, whose values hold where this one says nothing: a path, or"
        " `pack/recipe@version` of an installed pack, or an https address with `#sha256=…`.",
    )
    partial: bool = Field(default=False, description="A base for others, not whole by itself.")
    params: dict[str, Any] = Field(
        default_factory=dict,
        description="Values with names: `$name` in the place of a value, `--set name=value`.",
    )
    plugins: tuple[str, ...] = Field(
        (),
        description="Plugins that it needs, as their packages call them; each wants --allow-plugin NAME too.",
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
    combine: bool = Field(
        default=True,
        description="With several judges: let the pilot rank combinations of them too; each judge in one judges every item.",
    )
    budget: Budget = Field(description="How much review, spent by which rule.")
    rounds: Rounds | None = Field(None, description="Label some, learn, choose the next; several times.")
    review: Review = Field(Review(), description="Who reviews.")
    guideline: Guideline = Field(Guideline(), description="What heads the document for reviewers.")
    blind_spots: BlindSpots | None = Field(
        None, description="Errors that the machine was sure of: found, told, and taught by examples."
    )
    loss: LossByName = Field("act", validate_default=True, description="How training weighs reviewed items.")
    train: Train = Field(Train(), description="What `act-spec train` does with the labels.")
    seed: int = Field(0, ge=0, lt=2**63, description="Of every random choice.")
    matrix: Matrix | None = Field(None, description="Run in several settings, and compare.")
    expect: tuple[Expectation, ...] = Field((), description="What is to come out; `act-spec test` looks.")
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
                raise fault(
                    f"this judge is the same as number {first} of the list.", index, hint="Keep one of them."
                )
        return judges

    @field_validator("silence")
    @classmethod
    def _codes(cls, codes: tuple[str, ...]) -> tuple[str, ...]:
        for index, code in enumerate(codes):
            if code not in CODES:
                raise fault(f"no advice has the code '{code}'.", index, hint=did_you_mean(code, list(CODES)))
        return codes
