"""Where recorded answers come from, checked before anything runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from act_spec import registry
from act_spec.recipe.schema import Strategy
from act_spec.records import Lookup
from act_spec.store.sources import Source, open_source


def lookup_of(kind: str, strategy: Strategy) -> Lookup[Any] | None:
    """What a recipe's strategy takes from recorded answers; None for one that calls a model."""
    entry = registry.find(kind, strategy.name)
    return entry.build(**strategy.parameters) if entry.traits.get("lookup") else None


def recorded_source(lookup: Lookup[Any], folder: Path, data_id: str | None) -> tuple[Source, str]:
    """
    The file of recorded answers, and its column of item ids.

    Raises:
        RecipeError: If the file cannot be read.
        ValueError: If a column is missing, or no column of ids is named.
    """
    source = open_source(str(lookup.source), folder)
    id_column = lookup.id or data_id
    if id_column is None:
        raise ValueError(
            "data.id names no column, so recorded answers cannot be joined. Name one, or set `id` here."
        )
    for column in (id_column, *lookup.columns.values(), *lookup.where):
        source.require(column)
    return source, id_column
