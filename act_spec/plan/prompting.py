"""What a task looks like to prompt templates, and a stage's prompts rendered for a sample of items."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from act_spec import registry
from act_spec.content.fields import message_parts
from act_spec.llm.formats import messages_for
from act_spec.llm.model import Model
from act_spec.recipe.schema import ShownField
from act_spec.records import Annotation, Item, Message, Task
from act_spec.templating import PromptSet


def task_context(task: Task) -> dict[str, Any]:
    """The task as the `system` block of a prompt sees it."""
    return {
        "kind": task.kind,
        "question": task.question,
        "if_unsure": task.if_unsure,
        "definitions": task.definitions,
        "answer_instruction": task.answer_instruction(),
    }


def prompt_set(prompts: Mapping[str, str], task: Task, show: Mapping[str, ShownField]) -> PromptSet:
    """A stage's templates, ready to be rendered for items."""
    return PromptSet(prompts, task_context(task), lambda item: message_parts(item, show))


def first_requests(
    stage: str,
    strategy: str,
    parameters: Mapping[str, Any],
    task: Task,
    prompts: PromptSet,
    model: Model,
    items: Sequence[Item],
) -> list[tuple[Message, ...]]:
    """
    What is sent first for each of these items, exactly as it goes out.

    A judge's prompt needs an annotation to judge; the preview takes the
    task's first label, and the real one may be longer or shorter.
    """
    kind = "annotator" if stage == "annotate" else "judge"
    build = registry.find(kind, strategy).build
    sent: list[tuple[Message, ...]] = []
    for item in items:
        given = (item, task, prompts) if stage == "annotate" else (item, _any_annotation(task), task, prompts)
        requests = next(build(*given, **parameters))
        sent += [tuple(messages_for(model, one.messages, one.reply_schema)) for one in requests]
    return sent


def _any_annotation(task: Task) -> Annotation:
    label = task.definitions[0].name if task.definitions else ""
    for value in (label, [label]):
        try:
            return Annotation(task.parse(value))
        except ValueError:
            continue
    return Annotation(label)
