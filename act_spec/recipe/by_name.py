"""Parts of a recipe whose schema depends on a name in them: strategies and the task."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Annotated, Any, cast

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    SerializeAsAny,
    ValidationError,
    model_serializer,
)

from act_spec.registry import Entry, find, names, parameters
from act_spec.tasks.kind import TaskKind, fault


class Strategy(BaseModel):
    """
    A method by name, with the parameters that its signature declares.

    Attributes:
        kind: Where it is registered: `annotator`, `judge`, `allocator`, `loss`, `learner` or `selector`.
        name: With its version: `sqrt.v1`.
        settings: Its parameters, checked and with their defaults.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str
    name: str
    settings: BaseModel

    @property
    def entry(self) -> Entry:
        """The registered building block."""
        return find(self.kind, self.name)

    @property
    def parameters(self) -> Mapping[str, Any]:
        """What the strategy's function takes as keywords: typed values, defaults filled in."""
        return dict(self.settings)

    @model_serializer
    def _as_written(self) -> dict[str, Any]:
        values = self.settings.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        return {"name": self.name, **values}


def _strategy(kind: str) -> Callable[[Any], Any]:
    """A validator from a name, or a name with parameters, to a checked strategy."""

    def check(value: Any) -> Any:
        if isinstance(value, str):
            value = {"name": value}
        if not isinstance(value, dict):
            return value
        if not isinstance(value.get("name"), str):
            raise fault("the name is missing.", "name", hint=f"Known: {', '.join(names(kind))}.", lack=True)
        try:
            entry = find(kind, value["name"])
        except KeyError as error:
            raise _unregistered(error, kind, "name") from error
        settings = parameters(entry).model_validate({k: v for k, v in value.items() if k != "name"})
        _refuse_infinite(settings)
        if entry.traits.get("lookup"):
            _try(entry, settings)
        return Strategy(kind=kind, name=entry.full_name, settings=settings)

    return check


def _unregistered(error: KeyError, kind: str, key: str) -> ValidationError:
    """The registry's sentence, in the recipe's words for the kinds of building blocks."""
    word = {"allocator": "rule", "task": "task kind"}.get(kind, f"{kind} strategy")
    message, _, hint = str(error.args[0]).partition(". ")
    return fault(f"{message.replace(f'no {kind} is', f'no {word} is')}.", key, hint=hint)


def _refuse_infinite(settings: BaseModel) -> None:
    for name, value in settings:
        if isinstance(value, float) and not math.isfinite(value):
            raise fault(f"'{value}' is not a number.", name.rstrip("_"), hint="Write a finite number.")


def _try(entry: Entry, settings: BaseModel) -> None:
    """A lookup is built from its parameters alone, so it can object to them now."""
    try:
        entry.build(**dict(settings))
    except ValueError as error:
        raise fault(str(error)) from error


def _task(value: Any) -> Any:
    """The task as the model of its kind."""
    if not isinstance(value, dict):
        return value
    kinds = f"Kinds: {', '.join(names('task'))}."
    kind = value.get("kind")
    if kind is None:
        raise fault("'kind' is missing.", "kind", hint=kinds, lack=True)
    if not isinstance(kind, str):
        raise fault("the kind of a task is a word.", "kind", hint=kinds)
    try:
        entry = find("task", kind)
    except KeyError as error:
        raise _unregistered(error, "task", "kind") from error
    return cast("type[BaseModel]", entry.build).model_validate({**value, "kind": entry.name})


AnnotatorStrategy = Annotated[Strategy, BeforeValidator(_strategy("annotator"))]
JudgeStrategy = Annotated[Strategy, BeforeValidator(_strategy("judge"))]
Rule = Annotated[Strategy, BeforeValidator(_strategy("allocator"))]
LossByName = Annotated[Strategy, BeforeValidator(_strategy("loss"))]
Selector = Annotated[Strategy, BeforeValidator(_strategy("selector"))]
Learner = Annotated[Strategy, BeforeValidator(_strategy("learner"))]
TaskByKind = Annotated[SerializeAsAny[TaskKind], BeforeValidator(_task)]
