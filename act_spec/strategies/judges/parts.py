"""Judge an answer part by part: each label of several, each passage, each relation."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any

from act_spec.records import Annotation, Item, Judgment, Prompts, Request, Steps, Task
from act_spec.registry import register
from act_spec.strategies.answers import PROBABILITY, all_of, judgment_from, judgment_schema

MISSING = "(missing)"
"""Where `units` holds how likely it is that something is missing."""


@register("judge", "parts.v1", calls=1, prompts=("judge_parts.v1",), reply_tokens=(40, 120, 600))
def parts(item: Item, annotation: Annotation, task: Task, prompts: Prompts) -> Steps[Judgment]:
    """
    Ask of each part of the answer how likely it is wrong, and whether one is missing.

    With p the parts' error probabilities and m the probability that one is
    missing, the answer is wrong with probability 1 - (1 - m) * product of
    (1 - p), as if they erred independently. An answer without parts is judged
    as a whole.

    Args:
        item: What was labelled.
        annotation: One that did not fail.
        task: Says what the parts of a label are.
        prompts: Holds `judge_parts.v1`.

    Returns:
        The judgment, with the parts' error probabilities in `units`; without
        an error probability, and with the reply's status, if the call failed.

    Source: ours.
    """
    label = annotation.label or ""
    names = task.parts(label)
    messages = prompts.messages("judge_parts.v1", item, annotation=task.show(label), parts=names)
    if not names:
        [reply] = yield [Request(messages, judgment_schema(task))]
        return judgment_from(reply, task)
    [reply] = yield [Request(messages, _schema(task, names))]
    if reply.status != "ok" or reply.value is None:
        return Judgment(None, status=reply.status)
    stated = {one["part"]: float(one["error_probability"]) for one in reply.value["parts"]}
    if stated.keys() != set(names):
        return Judgment(None, status="invalid")
    units = {**stated, MISSING: float(reply.value["missing"])}
    wrong = 1 - prod(1 - one for one in units.values())
    return Judgment(wrong, _suggested(reply.value["suggested_label"], task), units=units)


def _schema(task: Task, names: tuple[str, ...]) -> Mapping[str, Any]:
    one = all_of({"part": {"type": "string", "enum": list(names)}, "error_probability": PROBABILITY})
    listed = {"type": "array", "items": one, "minItems": len(names), "maxItems": len(names)}
    return all_of({"parts": listed, "missing": PROBABILITY, "suggested_label": task.answer_schema()})


def _suggested(value: Any, task: Task) -> str | None:
    try:
        return task.parse(value)
    except ValueError:
        return None
