"""From a recipe's annotator or judge to the stage that answers: its models, prompts, key and cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path, PurePath
from typing import Any

from act_spec import resources
from act_spec.llm.adapting import MOST
from act_spec.llm.logprobs import gives_logprobs
from act_spec.llm.model import Model
from act_spec.llm.prices import Price
from act_spec.plan import keys
from act_spec.plan.cost import estimate
from act_spec.plan.example_images import example_images
from act_spec.plan.examples import stand_in
from act_spec.plan.model import Answering
from act_spec.plan.prompting import Asking, previews, task_context
from act_spec.plan.recorded import lookup_of, recorded_source
from act_spec.plan.renaming import as_asked, renaming_of
from act_spec.recipe.schema import Judge, Member, Recipe, Role
from act_spec.recipe.schema import Price as PriceInRecipe
from act_spec.records import Item, Lookup, Task, sha256
from act_spec.registry import declared, most_calls
from act_spec.store.sources import open_source

_REPLY_TOKENS = (10, 50, 300)


@dataclass(frozen=True)
class Recorded:
    """A role's recorded answers: what is taken, and the hash of the file that it comes from."""

    lookup: Lookup[Any]
    sha256: str

    @property
    def own_columns(self) -> tuple[str, ...]:
        """Columns that are taken from the data itself."""
        return tuple(self.lookup.columns.values()) if self.lookup.source is None else ()


@dataclass(frozen=True)
class Stage:
    """
    Where a role stands.

    Attributes:
        name: `annotate` or `judge`.
        role: From the recipe.
        recorded: Where it reads answers instead of asking.
        upstream: Key of what the stage reads.
        items: How many it settles at most.
        pieces: Into how many an item is taken apart on average.
    """

    name: str
    role: Role
    recorded: Recorded | None
    upstream: str
    items: int
    pieces: float = 1.0


def recorded_of(recipe: Recipe, folder: Path, kind: str, role: Role) -> Recorded | None:
    """
    What a role takes from recorded answers; None for one that calls a model.

    Raises:
        RecipeError: If the file cannot be read.
        ValueError: If a column is missing.
    """
    lookup = lookup_of(kind, role.strategy)
    if lookup is None:
        return None
    if lookup.source is not None:
        source, _ = recorded_source(lookup, folder, recipe.data.id)
        return Recorded(lookup, source.sha256())
    own = open_source(recipe.data.source, folder)
    for column in lookup.columns.values():
        own.require(column)
    return Recorded(lookup, "")


def answering(recipe: Recipe, task: Task, folder: Path, stage: Stage, sample: Sequence[Item]) -> Answering:
    """
    The stage as the plan holds it, priced on a sample of items.

    Raises:
        ValueError: If a model gives no log-probabilities and the strategy lives on them.
    """
    role, entry = stage.role, stage.role.strategy.entry
    model, members = models_of(role)
    if (
        declared(entry, "logprobs", role.strategy.parameters)
        and model is not None
        and gives_logprobs(model) is False
    ):
        raise ValueError(
            f"'{entry.name}' reads token log-probabilities, and {model.name} gives none. "
            "Take another model, or a judge such as cot."
        )
    prompts = {
        name: resources.template(name) for name in declared(entry, "prompts", role.strategy.parameters, ())
    }
    written = role.strategy.model_dump()
    made = Answering(
        stage.name,
        _who(role, members),
        entry.full_name,
        role.strategy.parameters,
        model,
        prompts,
        most_calls(entry, role.strategy.parameters, len(members), task) * _ways(task, stage.name),
        key=keys.answering_key(
            stage.upstream,
            task_context(as_asked(task)) | {"definitions": keys.task_identity(as_asked(task))},
            entry.full_name,
            {name: value for name, value in written.items() if name != "name"},
            model=keys.model_identity(model),
            members={name: keys.model_identity(one) for name, one in members.items()},
            renamed=dict(renaming.names) if (renaming := renaming_of(task)) else {},
            prompts={name: sha256(text) for name, text in prompts.items()},
            examples=[one.blob.sha256 for one in example_images(task, recipe.data.show, folder)],
            recorded=stage.recorded.sha256 if stage.recorded else "",
            judged=role.on.fraction.normalize().to_eng_string()
            if isinstance(role, Judge) and role.on
            else "",
        ),
        members=members,
        judged=role.on.of(stage.items) if isinstance(role, Judge) and role.on else None,
        calibrate=role.calibrate if isinstance(role, Judge) else "none",
        deadline=role.deadline,
    )
    return made if model is None else _priced(made, task, recipe, folder, stage, sample)


def _ways(task: Task, stage: str) -> int:
    """In how many ways an annotator is asked for one label."""
    return len(task.present(Item("", {}))) if stage == "annotate" else 1


def _who(role: Role, members: Mapping[str, Model]) -> str:
    """Who answers, told apart from other candidates: models with the strategy, or where answers are recorded."""
    if members or role.model:
        return f"{', '.join(members) or role.model} {role.strategy.name}"
    parameters = role.strategy.parameters
    where = [f"{column}={value}" for column, value in (parameters.get("where") or {}).items()]
    source = parameters.get("source")
    names = [parameters.get("as_"), parameters.get("error_probability"), source and PurePath(source).name]
    parts = [role.strategy.name, *names, *where]
    return " ".join(str(part) for part in parts if part)


def models_of(role: Role) -> tuple[Model | None, dict[str, Model]]:
    """The role's model, and the members where it asks several; a member twice is told apart by a number."""
    members: dict[str, Model] = {}
    for member in role.models:
        repeat = sum(name.split("#")[0] == member.model for name in members)
        members[f"{member.model}#{repeat + 1}" if repeat else member.model] = _model(role, member)
    if members:
        return next(iter(members.values())), members
    return (_model(role, role) if role.model else None), {}


def _model(role: Role, named: Role | Member) -> Model:
    """One model: what a member does not say is as the role says it."""

    def said(name: str) -> Any:
        value = getattr(named, name)
        return getattr(role, name) if value is None else value

    price = said("price")
    return Model(
        name=named.model or "",
        api_base=said("api_base"),
        api_key_env=said("api_key_env"),
        temperature=said("temperature"),
        pin=said("pin"),
        max_tokens=role.max_tokens,
        timeout_s=role.timeout_s,
        concurrency=MOST if role.concurrency == "auto" else role.concurrency,
        adaptive=role.concurrency == "auto",
        requests_per_minute=role.requests_per_minute,
        tokens_per_minute=role.tokens_per_minute,
        reply_format=role.reply_format,
        accepts=tuple(said("accepts") or ()),
        price=price and _stated(price, 1.0),
        mode=role.mode,
        batch_price=price and price.batch and _stated(price, float(price.batch)),
    )


def _stated(price: PriceInRecipe, share: float) -> Price:
    """A price as the recipe states it, or that share of it."""
    return Price(price.input_usd_per_million / 1e6 * share, price.output_usd_per_million / 1e6 * share)


def _priced(
    made: Answering, task: Task, recipe: Recipe, folder: Path, stage: Stage, sample: Sequence[Item]
) -> Answering:
    """With calls, tokens and cost; several members share the calls evenly."""
    pool = stand_in(recipe, task, sample) if made.stage == "annotate" else None
    sent = previews(Asking(made, task, recipe.data.show, folder, pool), sample)
    calls = ceil((stage.items if made.judged is None else made.judged) * made.calls_per_item * stage.pieces)
    models = list(made.members.values()) or [made.asked("")]
    strategy = stage.role.strategy
    reply_tokens = declared(strategy.entry, "reply_tokens", strategy.parameters, _REPLY_TOKENS)
    made = replace(made, calls=calls)
    for number, model in enumerate(models):
        part = calls * (number + 1) // len(models) - calls * number // len(models)
        one = estimate(model, sent, part, reply_tokens)
        made = replace(
            made,
            prompt_tokens=made.prompt_tokens + one.prompt_tokens,
            completion_tokens=made.completion_tokens + one.completion_tokens,
            cost_usd=None if made.cost_usd is None or one.cost_usd is None else made.cost_usd + one.cost_usd,
        )
    return made
