"""Many labels: find candidates group by group, then look at these alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import chain
from math import ceil
from typing import Annotated, Any, Literal

from pydantic import Field

from act_spec.records import Annotation, Item, LabelDefinition, Prompts, Reply, Request, Steps, Task
from act_spec.registry import register
from act_spec.strategies.answers import PROBABILITY, all_of, annotation_from
from act_spec.strategies.settling import answers_are_composed, answers_are_sets

Division = Literal["fixed", "random", "together", "apart"]


def _calls(parameters: Mapping[str, Any], task: Task) -> int:
    labels = len(task.definitions)
    groups = int(parameters["groupings"]) * ceil(labels / int(parameters["group_size"]))
    if not answers_are_sets(task):
        return groups + 1
    return groups + (labels if bool(parameters["check"]) else 0)


@register(
    "annotator",
    "candidates.v1",
    calls=1,
    calls_of_task=_calls,
    prompts=("annotate_group.v1", "annotate_check.v1"),
    reply_tokens=(8, 20, 60),
    confidence="check",
)
def candidates(  # noqa: PLR0913 - what a recipe may set stands in the signature
    item: Item,
    task: Task,
    prompts: Prompts,
    *,
    group_size: Annotated[int, Field(ge=1, le=200)] = 10,
    groupings: Annotated[int, Field(ge=1, le=10)] = 1,
    divide: Annotated[tuple[Division, ...], Field(min_length=1, max_length=10)] = ("fixed", "random"),
    co_occurring: tuple[tuple[str, ...], ...] = (),
    check: bool = True,
) -> Steps[Annotation]:
    """
    Ask about the labels group by group, and then about the candidates alone.

    The labels are divided into groups, once or in several ways; of each group
    the model names those that may apply, and what it names in any group is a
    candidate. Where several labels may apply, each candidate is then asked
    about by itself, beside its definition, and those that are confirmed are
    the answer: the second step can only take labels away. Where one label is
    the answer, it is chosen among the candidates, or among all labels if there
    are none.

    Args:
        item: What is labelled.
        task: One whose answers are labels.
        prompts: Holds `annotate_group.v1` and `annotate_check.v1`.
        group_size: Labels asked about at once.
        groupings: In how many ways the labels are divided.
        divide: How the first division is made, the second and so on; the last
            holds for all that follow. `fixed` keeps the recipe's order,
            `random` draws another, `together` puts labels that occur together
            into one group, `apart` into different ones.
        co_occurring: Labels that often occur together, as lists of their names.
        check: Whether candidates of several are checked; without it they are the answer.

    Returns:
        The annotation. Its confidence is the product of the checks' own, or
        that of the choice; it failed, with the reply's status, if any call did.

    Raises:
        ValueError: If answers are not made of labels, or a label that occurs
            with others is none of the task's.

    Source: TagLLM (arXiv:2602.20972) for the two steps and for groups of labels
    that occur together or apart; prompts, group sizes and the check's form are ours.
    """
    if not task.definitions or answers_are_composed(task):
        raise ValueError(f"'candidates' is for answers that are labels, and those of {task.kind} are not.")
    found: set[str] = set()
    _check_names(task, co_occurring)
    groups = [
        group
        for number in range(groupings)
        for group in _divided(
            task.definitions, group_size, divide[min(number, len(divide) - 1)], number, co_occurring
        )
    ]
    replies = yield [_ask_group(group, item, prompts) for group in groups]
    if failed := _failed(replies):
        return failed
    for group, reply in zip(groups, replies, strict=True):
        known = {one.name for one in group}
        found |= known & set((reply.value or {})["label"])
    chosen = [one for one in task.definitions if one.name in found]
    if not answers_are_sets(task):
        return (yield from _choice(chosen or list(task.definitions), item, task, prompts))
    if not check or not chosen:
        return _annotation([one.name for one in chosen], None, task)
    replies = yield [_ask_one(one, item, prompts) for one in chosen]
    if failed := _failed(replies):
        return failed
    said = [reply.value or {} for reply in replies]
    confirmed = [one.name for one, value in zip(chosen, said, strict=True) if value["applies"] == "yes"]
    sure = 1.0
    for value in said:
        sure *= float(value["confidence"])
    return _annotation(confirmed, sure, task)


def _choice(labels: Sequence[LabelDefinition], item: Item, task: Task, prompts: Prompts) -> Steps[Annotation]:
    """The one label, of these."""
    names = {"type": "string", "enum": [one.name for one in labels]}
    messages = prompts.messages("annotate_check.v1", item, labels=labels, choose=True)
    [reply] = yield [Request(messages, all_of({"label": names, "confidence": PROBABILITY}))]
    return annotation_from(reply, task)


def _check_names(task: Task, co_occurring: Sequence[Sequence[str]]) -> None:
    known = {one.name for one in task.definitions}
    for name in chain.from_iterable(co_occurring):
        if name not in known:
            raise ValueError(f"co_occurring: '{name}' is not one of the labels.")


def _divided(
    labels: Sequence[LabelDefinition],
    size: int,
    how: Division,
    number: int,
    co_occurring: Sequence[Sequence[str]],
) -> Iterator[tuple[LabelDefinition, ...]]:
    """The labels in groups of at most `size`, as few as can be."""
    order = list(labels)
    if how == "random":
        order.sort(key=lambda one: sha256(f"{number}\n{one.name}".encode()).digest())
    elif how != "fixed":
        named = list(dict.fromkeys(chain.from_iterable(co_occurring)))
        place = {name: at for at, name in enumerate(named)}
        order.sort(key=lambda one: place.get(one.name, len(place)))
    if how == "apart":
        groups = ceil(len(order) / size)
        yield from (tuple(order[start::groups]) for start in range(groups))
        return
    for start in range(0, len(order), size):
        yield tuple(order[start : start + size])


def _ask_group(group: Sequence[LabelDefinition], item: Item, prompts: Prompts) -> Request:
    names = {"type": "string", "enum": [one.name for one in group]}
    messages = prompts.messages("annotate_group.v1", item, labels=group)
    return Request(messages, all_of({"label": {"type": "array", "items": names}}))


def _ask_one(label: LabelDefinition, item: Item, prompts: Prompts) -> Request:
    answer = {"type": "string", "enum": ["yes", "no"]}
    messages = prompts.messages("annotate_check.v1", item, labels=[label], choose=False)
    return Request(messages, all_of({"applies": answer, "confidence": PROBABILITY}))


def _failed(replies: Sequence[Reply]) -> Annotation | None:
    return next((Annotation(None, status=one.status) for one in replies if one.status != "ok"), None)


def _annotation(names: Sequence[str], confidence: float | None, task: Task) -> Annotation:
    try:
        return Annotation(task.parse(list(names)), confidence=confidence)
    except ValueError:
        # No label is left, and an answer needs one.
        return Annotation(None, status="invalid")
