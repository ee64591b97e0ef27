"""The pool of worked examples that a few-shot strategy draws on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from act_spec.content.fields import is_media
from act_spec.recipe.schema import Recipe, ShownField
from act_spec.records import Example, Item, LabelDefinition, Pool, Task
from act_spec.store.database import Store
from act_spec.store.sources import open_source, read_rows
from act_spec.strategies.nearest import ExamplePool
from act_spec.strategies.settling import answers_are_composed


def example_pool(
    parameters: Mapping[str, Any],
    task: Task,
    definitions: Sequence[LabelDefinition],
    show: Mapping[str, ShownField],
    folder: Path,
) -> Pool:
    """
    Examples from the file that the strategy names, else from the task's own definitions.

    Args:
        parameters: Of the strategy: `source`, `label`, `where`.
        task: Reads the labels.
        definitions: The labels as prompts tell them.
        show: The file has the same columns as the data.
        folder: What the file's path is relative to.

    Raises:
        RecipeError: If the file cannot be read.
        ValueError: If it lacks a column, or an example's label is not one of the task's.
    """
    source = parameters.get("source")
    if source is None:
        return ExamplePool(_of_definitions(task, definitions))
    media = sorted(name for name, field in show.items() if is_media(field))
    if media:
        raise ValueError(
            f"few_shot takes examples of text from a file, and data.show.{media[0]} holds {show[media[0]].type}. "
            "Leave source out, and write images as examples of the labels."
        )
    return ExamplePool(_of_file(parameters, task, show, folder))


def stand_in(recipe: Recipe, task: Task, sample: Sequence[Item]) -> Pool | None:
    """
    Items of the data as examples, for estimates of length where a run's own labels will be the examples.

    None where the strategy has examples of its own.
    """
    if recipe.rounds is None or recipe.rounds.examples == "strategy":
        return None
    return ExamplePool([Example(text_fields(item), task.example()) for item in sample])


def text_fields(item: Item) -> dict[str, str]:
    """The fields of an item that are text, as an example shows them."""
    return {name: value for name, value in item.content.items() if isinstance(value, str)}


def _of_definitions(task: Task, definitions: Sequence[LabelDefinition]) -> list[Example]:
    if answers_are_composed(task):
        raise ValueError(
            f"few_shot cannot make whole answers of a {task.kind} from the examples of labels. Name a file of answers: source."
        )
    return [
        Example(
            {name: str(value) for name, value in example.items() if name != "why"}, task.read(definition.name)
        )
        for definition in definitions
        for example in definition.examples
    ]


def _of_file(
    parameters: Mapping[str, Any], task: Task, show: Mapping[str, ShownField], folder: Path
) -> list[Example]:
    source = open_source(parameters["source"], folder)
    columns = {name: source.require(field.column) for name, field in show.items()}
    label = source.require(parameters["label"])
    with Store.open() as scratch:
        rows = read_rows(scratch, source, [*columns.values(), label], parameters.get("where") or {})
    made = []
    for row in rows:
        fields = dict(zip(columns, (text or "" for text in row[:-1]), strict=True))
        made.append(Example(fields, task.about(Item("", fields)).read(row[-1] or "")))
    return made
