"""Prompts and replies for strategies under test: the real templates, scripted answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from act_spec import resources
from act_spec.content.fields import message_parts
from act_spec.records import Reply, Request, Steps, Task
from act_spec.tasks.classification import Classification
from act_spec.templating import PromptSet

PROMPTS = tuple(
    file.name.removesuffix(".j2")
    for kind in ("annotate", "judge")
    for file in sorted(resources.folder("templates").glob(f"{kind}_*.j2"))
)


@dataclass(frozen=True)
class Shown:
    type: str = "text"
    options: Mapping[str, Any] = field(default_factory=dict)


SENTIMENT = Classification(
    question="Is the review positive?",
    if_unsure="Choose negative.",
    labels={
        "positive": {
            "definition": "The reviewer would buy it again.",
            "not_when": "Only the delivery is praised.",
            "examples": [{"text": "Love it.", "why": "plain praise"}],
            "near_misses": [{"text": "Came fast."}],
            "costly": "given",
        },
        "negative": "The reviewer would not.",
    },
)


def prompts_for(task: Task, *shown: str) -> PromptSet:
    """The shipped prompts for a task, with these text fields shown; made once, since compiling is slow."""
    key = (id(task), shown)
    if key not in _made:
        _made[key] = (task, _prompt_set(task, shown))
    return _made[key][1]


_made: dict[tuple[int, tuple[str, ...]], tuple[Task, PromptSet]] = {}
"""The task is kept beside its prompts, so that no other gets its id."""


def _prompt_set(task: Task, shown: tuple[str, ...]) -> PromptSet:
    facts = {
        "kind": task.kind,
        "question": task.question,
        "if_unsure": task.if_unsure,
        "definitions": task.definitions,
        "answer_instruction": task.answer_instruction(),
    }
    show = {name: Shown() for name in shown or ("text",)}
    templates = {name: resources.template(name) for name in PROMPTS}
    return PromptSet(templates, facts, lambda item: message_parts(item, show))


def said(value: Mapping[str, Any]) -> Reply:
    """A reply that met its schema."""
    return Reply("ok", value)


def labelled(label: str, *, why: str = "", key: str = "") -> Reply:
    """An annotator's reply with this label, and a reason where one is given."""
    value = {"reasoning": why, "label": label} if why else {"label": label}
    return Reply("ok", value, call_key=key)


def rounds(steps: Steps[Any], *replies: Sequence[Reply]) -> tuple[list[list[Request]], Any]:
    """Run a strategy with the replies to each of its steps: what it asked at each, and its record."""
    asked = [next(steps)]
    for batch in replies:
        assert len(batch) == len(asked[-1])
        try:
            asked.append(steps.send(list(batch)))
        except StopIteration as stop:
            assert batch is replies[-1], "it settled before the script ended"
            return asked, stop.value
    raise AssertionError(f"it asks on: {asked[-1]}")


def finish(steps: Steps[Any], *replies: Reply) -> tuple[list[Request], Any]:
    """Run a strategy with scripted replies: its requests and its record."""
    waiting = list(replies)
    batch = next(steps)
    requests = list(batch)
    while True:
        try:
            batch = steps.send([waiting.pop(0) for _ in batch])
        except StopIteration as stop:
            return requests, stop.value
        requests += batch
