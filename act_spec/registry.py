"""
Named, versioned building blocks, found by name and checked by their own signature.

A strategy is a function under a decorator. What a recipe may set is
keyword-only; that part of the signature *is* the schema of its parameters.
Task kinds and modalities are classes registered the same way. The files of a
package are imported when a name of that kind is first looked up, so adding a
building block is adding a file.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeVar, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, create_model

from act_spec.errors import did_you_mean

Built = TypeVar("Built", bound=Callable[..., Any])

_PACKAGES = {
    "annotator": "act_spec.strategies.annotators",
    "judge": "act_spec.strategies.judges",
    "allocator": "act_spec.strategies.allocators",
    "adjudicator": "act_spec.strategies.adjudicators",
    "estimator": "act_spec.strategies.estimators",
    "selector": "act_spec.strategies.selectors",
    "task": "act_spec.tasks",
    "content": "act_spec.content",
    "loss": "act_spec.losses",
    "learner": "act_spec.train.learners",
    "exchange": "act_spec.exchange",
    "control": "act_spec.exchange.controls",
}
_NAME = re.compile(r"(?P<name>[a-z][a-z0-9_]*)\.v(?P<version>[1-9][0-9]*)")


@dataclass(frozen=True, eq=False)
class Entry:
    """
    One registered building block.

    Attributes:
        kind: `annotator`, `judge`, `allocator`, `adjudicator`, `estimator`, `selector`,
            `task`, `content`, `loss`, `learner`, `exchange` or `control`.
        name: Without its version.
        version: From 1; new behaviour under an old name is a new version.
        build: The function or class itself.
        traits: What the registration declares besides, such as `calls` and `prompts`.
    """

    kind: str
    name: str
    version: int
    build: Callable[..., Any]
    traits: Mapping[str, Any] = field(default_factory=dict)

    @property
    def full_name(self) -> str:
        """Name with version, as plans and locks hold it: `sqrt.v1`."""
        return f"{self.name}.v{self.version}"


_entries: dict[tuple[str, str], dict[int, Entry]] = {}


def register(kind: str, name: str, **traits: Any) -> Callable[[Built], Built]:
    """
    Register a building block under `name.vN`.

    Args:
        kind: One of the kinds of `Entry`.
        name: With its version: `sqrt.v1`.
        traits: What others must know of it without running it. Strategies that
            call a model declare `calls` (the most calls for one item, an int or
            a function of the parameters and the number of models asked; see
            `most_calls`, also for `calls_of_task`), `prompts` (names of templates, or a function of the
            parameters; see `declared`) and `reply_tokens` (low, likely and high
            length of one reply).

    Raises:
        ValueError: If the kind or name is malformed, or the name is taken.
    """
    match = _NAME.fullmatch(name)
    if kind not in _PACKAGES or match is None:
        raise ValueError(f"cannot register {kind} '{name}': want a known kind and a name like 'sqrt.v1'")

    def add(build: Built) -> Built:
        versions = _entries.setdefault((kind, match["name"]), {})
        version = int(match["version"])
        known = versions.get(version)
        if known is not None and known.build is not build:
            raise ValueError(f"{kind} '{name}' is registered twice")
        versions[version] = Entry(kind, match["name"], version, build, traits)
        return build

    return add


@cache
def _import_all(kind: str) -> None:
    package = importlib.import_module(_PACKAGES[kind])
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")


def names(kind: str) -> list[str]:
    """All names of a kind, without versions, sorted."""
    _import_all(kind)
    return sorted(name for entry_kind, name in _entries if entry_kind == kind)


def find(kind: str, name: str) -> Entry:
    """
    The building block of that name; the newest where no version is given.

    Raises:
        KeyError: With a sentence that offers the nearest known name.
    """
    _import_all(kind)
    plain, _, version = name.partition(".v")
    versions = _entries.get((kind, plain))
    if versions is None:
        raise KeyError(f"no {kind} is named '{name}'. {did_you_mean(plain, names(kind))}")
    if not version:
        return versions[max(versions)]
    if not version.isdigit() or int(version) not in versions:
        offered = ", ".join(f"{plain}.v{number}" for number in sorted(versions))
        raise KeyError(f"no {kind} is named '{name}'. Known versions: {offered}.")
    return versions[int(version)]


def declared(entry: Entry, trait: str, chosen: Mapping[str, Any], otherwise: Any = None) -> Any:
    """A trait's value; where the trait is a function of the parameters, its value at the chosen ones."""
    value = entry.traits.get(trait, otherwise)
    return value(chosen) if callable(value) else value


def most_calls(entry: Entry, chosen: Mapping[str, Any], members: int = 1, task: Any = None) -> int:
    """
    The most calls that a strategy makes for one item.

    Args:
        entry: The strategy.
        chosen: Its parameters.
        members: How many models are asked.
        task: What is asked; the trait `calls_of_task`, a function of the
            parameters and the task, stands in the place of `calls` where it decides.
    """
    of_task = entry.traits.get("calls_of_task")
    if of_task is not None:
        return int(of_task(chosen, task))
    calls = entry.traits.get("calls", 0)
    return int(calls(chosen, members) if callable(calls) else calls)


@cache
def parameters(entry: Entry) -> type[BaseModel]:
    """
    The schema of what a recipe may set: the keyword-only part of the signature.

    Unknown names are refused, defaults are checked, and the model's fields
    carry the types of the signature.
    """
    hints = get_type_hints(entry.build, include_extras=True)
    fields: dict[str, Any] = {}
    for parameter in inspect.signature(entry.build).parameters.values():
        if parameter.kind is not inspect.Parameter.KEYWORD_ONLY:
            continue
        default = ... if parameter.default is inspect.Parameter.empty else parameter.default
        # `as_` in Python is `as` in a recipe.
        alias = parameter.name.rstrip("_")
        fields[parameter.name] = (hints[parameter.name], Field(default, alias=alias))
    return create_model(
        f"{entry.kind}_{entry.name}_parameters",
        __config__=ConfigDict(extra="forbid", frozen=True, validate_default=True),
        __module__=entry.build.__module__,
        **fields,
    )
