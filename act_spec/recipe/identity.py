"""What makes two recipes the same: their values, not their text."""

from __future__ import annotations

from typing import Any

from act_spec.recipe.schema import Recipe

# What other values follow from, or what is said about them: no result depends on it otherwise.
_APART = {"expect", "extends", "matrix", "partial", "params", "silence"}
# With its version: where a newer one becomes the default, recipes that leave it out mean another.
_FIRST_LOSS = {"name": "act.v1"}


def recipe_identity(recipe: Recipe) -> dict[str, Any]:
    """
    A recipe as canonical JSON takes it, fields at their default left out.

    Comments, the order of keys, formatting, short forms and silenced advice
    leave no trace. Labels and shown fields are lists here, because their order
    reaches the prompts and canonical JSON sorts the keys of mappings.
    """
    made = recipe.model_dump(mode="json", exclude_defaults=True, exclude=_APART)
    made["task"]["kind"] = recipe.task.kind
    made["task"].pop("modality", None)
    # The default of a strategy is its name, which the comparison above takes for another value.
    if made.get("loss") == _FIRST_LOSS:
        del made["loss"]
    quality = made.get("review", {}).get("quality")
    if quality is not None and set(quality) == {"use"}:
        made["review"]["quality"] = quality["use"]
    for section, key in (("task", "labels"), ("data", "show")):
        values = made[section].get(key)
        if isinstance(values, dict):
            made[section][key] = [{"name": name, **spec} for name, spec in values.items()]
    return made
