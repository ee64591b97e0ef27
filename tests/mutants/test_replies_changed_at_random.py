"""A model's reply, however broken, is a label, a judgment or a recorded failure; nothing else happens."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Mapping
from functools import cache
from typing import Any, cast

import pytest
from model_server import example
from mutants.mutate import mutated
from mutants.test_recipes_changed_at_random import RECIPES

from act_spec.engine.replies import checked_reply
from act_spec.errors import RecipeError
from act_spec.llm.client import Completion
from act_spec.recipe.load import load_recipe
from act_spec.records import Request, Task
from act_spec.strategies.answers import annotation_from, annotation_schema, judgment_from, judgment_schema


@cache
def tasks() -> tuple[Task, ...]:
    """The tasks of the gallery: every kind is among them."""
    found = []
    for recipe in RECIPES:
        try:
            found.append(cast("Task", load_recipe(recipe).recipe.task))
        except RecipeError:  # a base for others is no recipe yet
            continue
    return tuple(found)


def completion(text: str) -> Completion:
    return Completion(text, "stop", None, 10, 10, 0.0, "tested", None, (), 0.1, 1)


def outcome(task: Task, seed: int) -> str:
    """What became of one mutant: the status of the record that it settles to."""
    dice = random.Random(seed)
    judged = dice.random() < 0.5
    schema: Mapping[str, Any] = (
        judgment_schema(task, reasoning=True) if judged else annotation_schema(task, reasoning=True)
    )
    good = json.dumps(example(schema, dice), ensure_ascii=dice.random() < 0.5)
    reply = checked_reply("key", Request((), schema), completion(mutated(good, seed)))
    if reply.status != "ok":
        assert reply.reason.strip(), seed
        return str(reply.status)
    record: Any = judgment_from(reply, task) if judged else annotation_from(reply, task)
    if record.status == "ok" and judged:
        assert 0 <= record.error_probability <= 1, seed
    elif record.status == "ok":
        assert task.parse(_value(record.label)) == record.label, seed
        assert task.distance(record.label, record.label) == 0, seed
        assert task.show(record.label), seed
        assert task.settle([record.label]) == record.label, seed
    return str(record.status)


def _value(label: str) -> Any:
    """A canonical label as a reply would hold it."""
    try:
        return json.loads(label)
    except ValueError:
        return label


@pytest.mark.parametrize("seed", range(300))
def test_a_mutant_is_a_record(seed: int) -> None:
    outcome(tasks()[seed % len(tasks())], seed)


@pytest.mark.long
def test_a_hundred_thousand_mutants_are_records() -> None:
    came = Counter(outcome(tasks()[seed % len(tasks())], seed) for seed in range(100_000))
    print(dict(came))

    assert set(came) <= {"ok", "invalid"}
    assert came["invalid"] > 0
    assert came["ok"] > 0
