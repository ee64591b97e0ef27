"""Which keys may stand at a place of the recipe, by the schema and by what values choose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from pydantic import BaseModel

from act_spec import registry
from act_spec.recipe.nodes import KeyPath
from act_spec.recipe.schema import UNWRITTEN, Recipe

STRATEGIES: Mapping[KeyPath, str] = {
    ("annotator", "strategy"): "annotator",
    ("judge", "strategy"): "judge",
    ("budget", "rule"): "allocator",
    ("loss",): "loss",
    ("train", "learner"): "learner",
    ("rounds", "select"): "selector",
}
"""Where strategies stand, and under which kind they are registered."""


def role_path(path: KeyPath) -> KeyPath:
    """A path into one of several judges as the path into a single one."""
    return ("judge", *path[2:]) if path[:1] == ("judges",) and len(path) > 1 else path


def known_keys(path: KeyPath, values: Mapping[str, Any]) -> list[str]:
    """The keys that the mapping at a path may have; none where the path leads nowhere."""
    model = _model_at(path, values)
    if model is None:
        return []
    keys = [field.alias or name for name, field in model.model_fields.items()]
    keys += ["name"] if role_path(path) in STRATEGIES else []
    keys += ["column"] if path == ("annotator",) else []
    return [key for key in keys if path or key not in UNWRITTEN]


def description(path: KeyPath, values: Mapping[str, Any]) -> str:
    """What the key at a path is for."""
    model = _model_at(path[:-1], values)
    if model is None:
        return ""
    for name, field in model.model_fields.items():
        if (field.alias or name) == path[-1]:
            return field.description or ""
    return ""


def _model_at(path: KeyPath, values: Mapping[str, Any]) -> type[BaseModel] | None:
    """The schema of the mapping at a path."""
    model: type[BaseModel] | None = Recipe
    for depth, step in enumerate(path):
        chosen = _chosen(path[: depth + 1], values)
        if chosen is not None:
            model = chosen
        elif model is not None and step in model.model_fields:
            model = _inner(model.model_fields[str(step)].annotation)
        # Else the key is the user's own word, and the model that of its value.
    return model


def _chosen(path: KeyPath, values: Mapping[str, Any]) -> type[BaseModel] | None:
    """The schema that a value chooses by its name: the task's kind, a strategy."""
    found: Any = values
    for step in path:
        found = _within(found, step)
    if not isinstance(found, dict):
        return None
    try:
        if path == ("task",):
            built: Any = registry.find("task", str(found.get("kind"))).build
            return built if isinstance(built, type) else None
        kind = STRATEGIES.get(role_path(path))
        if kind is not None:
            return registry.parameters(registry.find(kind, str(found.get("name"))))
    except KeyError:
        pass
    return None


def _within(value: Any, step: str | int) -> Any:
    if isinstance(value, dict):
        return value.get(step)
    return value[step] if isinstance(value, list) and isinstance(step, int) else None


def _inner(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((model for part in get_args(annotation) if (model := _inner(part)) is not None), None)


def home(name: str) -> str | None:
    """The section that has a key of that name, if just one has."""
    sections = {
        section: model
        for section, field in Recipe.model_fields.items()
        if section not in UNWRITTEN and (model := _inner(field.annotation)) is not None
    }
    homes = [section for section, model in sections.items() if name in model.model_fields]
    return homes[0] if len(homes) == 1 else None
