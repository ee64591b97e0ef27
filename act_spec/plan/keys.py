"""
What decides a stage's result, hashed: an edit of the recipe changes the keys of what follows it, and no other.

Parameters at their default are left out before hashing, so a new optional
parameter changes no key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from math import prod
from typing import Any

from act_spec.llm.model import Model
from act_spec.recipe.schema import Recipe
from act_spec.records import Task, sha256

_MOST_STATES = 4_096


def content_key(recipe: Recipe, data_sha256: str) -> str:
    """Of what models see of the items; filters, samples, gold and the walk leave it alone."""
    data = recipe.data
    show = {name: field.model_dump(exclude_defaults=True) for name, field in data.show.items()}
    return sha256({"data": data_sha256, "id": data.id, "show": show, "order": list(show)})


def data_key(recipe: Recipe, content: str, recorded: tuple[str, ...]) -> str:
    """Of the items as the run holds them: filtered, sampled and in walking order."""
    data = recipe.data
    gold = data.gold.model_dump() if data.gold else None
    return sha256(
        {
            "content": content,
            "where": dict(data.where),
            "sample": data.sample,
            "gold": gold,
            "group": data.group,
            "recorded": sorted(recorded),
            "seed": recipe.seed,
        }
    )


def answering_key(
    upstream: str, task: Mapping[str, Any], strategy: str, parameters: Mapping[str, Any], **decided_by: Any
) -> str:
    """
    Of a stage at which a model, or a record of one, answers.

    Args:
        upstream: Key of what the stage reads.
        task: The task as prompts show it.
        strategy: Name with version.
        parameters: What the recipe sets, defaults left out.
        decided_by: Model, prompts, data of recorded answers, and the like.
    """
    return sha256(
        {
            "upstream": upstream,
            "task": dict(task),
            "strategy": strategy,
            "parameters": dict(parameters),
            **{name: value for name, value in decided_by.items() if value},
        }
    )


def task_identity(task: Any) -> dict[str, Any]:
    """The task as it stands in keys; what was added to the language later is left out where it is not used."""
    written: dict[str, Any] = task.model_dump(mode="json")
    for spec in written.get("labels", {}).values():
        spec.pop("renamed_from", None)
    return written


def model_identity(model: Model | None) -> Any:
    """What of a model decides its answers: not limits, keys or time-outs."""
    return None if model is None else {"name": model.name, "api_base": model.api_base, **model.parameters()}


def allocate_key(recipe: Recipe, data: str, judge: str, rule: str, parameters: Mapping[str, Any]) -> str:
    """Of the draw. The number of reviews is no part of it: a larger budget adds a round."""
    return sha256(
        {
            "data": data,
            "judge": judge,
            "rule": rule,
            "parameters": dict(parameters),
            "audit": str(recipe.budget.random_part),
            "seed": recipe.seed,
            **({"injection": "ignore"} if recipe.budget.injection == "ignore" else {}),
        }
    )


def former_review_keys(recipe: Recipe, task: Task) -> tuple[str, ...]:
    """
    Of answers that may have been given when labels had other names, in whatever order they were renamed.

    Of very many renamed labels only the states in which all had their first name, all their second, and so on.
    """
    specs: Mapping[str, Any] = getattr(task, "labels", {})
    if not any(spec.renamed_from for spec in specs.values()):
        return ()
    names = [(*spec.renamed_from, name) for name, spec in specs.items()]
    if prod(map(len, names)) <= _MOST_STATES:
        states = set(product(*names))
    else:
        states = {
            tuple(one[min(step, len(one) - 1)] for one in names) for step in range(max(map(len, names)))
        }
    return tuple(sorted({review_key(recipe, task, state) for state in states} - {review_key(recipe, task)}))


def review_key(recipe: Recipe, task: Task, labels: Sequence[str] | None = None) -> str:
    """
    Of people's answers: the question, the set of answers and what reviewers saw.

    Definitions, models, rules and guideline wording leave it alone; a changed
    question or another set of labels asks people anew. So do other columns
    under the names that a task relies on: an answer such as "the first" or
    "from character 5" would then be about something else.

    Args:
        recipe: What is shown.
        task: What is asked.
        labels: Names of the labels, where these had others once.
    """
    names = [one.name for one in task.definitions] if labels is None else labels
    show = recipe.data.show
    relied_on = {name: [key, show[name].column] for name, key in task.fields.items() if name in show}
    return sha256(
        {
            **({"fields": relied_on} if relied_on else {}),
            "kind": task.kind,
            "question": task.question,
            "labels": sorted(names),
            "answers": task.answer_schema() if not task.definitions else None,
            "id": recipe.data.id,
            "show": sorted(field.column for field in show.values()),
        }
    )
