"""Against a blind spot: a model states its pattern, derives others, and writes labelled examples of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from act_spec.records import Item, Prompts, Reply, Request, Status, Steps, Task
from act_spec.strategies.answers import all_of
from act_spec.strategies.blind_spots import Spot

PATTERN, HYPOTHESES, EXAMPLES = (
    "blind_spot_pattern.v1",
    "blind_spot_hypotheses.v1",
    "blind_spot_examples.v1",
)
PROMPTS = (PATTERN, HYPOTHESES, EXAMPLES)
MOST_ERRORS = 8
MAX_TEXT_CHARS = 500
MAX_PATTERN_CHARS = 400
REPLY_TOKENS = (30, 150, 600)
_TEXT = {"type": "string"}


@dataclass(frozen=True)
class Hypothesis:
    """A pattern by which items fool the model, the label that is right for all of them, and examples."""

    pattern: str
    label: str
    examples: tuple[Mapping[str, str], ...] = ()


@dataclass(frozen=True)
class Lesson:
    """What a teacher made of a blind spot; without a pattern, and with the reply's status, if a call failed."""

    spot: Spot
    pattern: str = ""
    hypotheses: tuple[Hypothesis, ...] = ()
    status: Status = "ok"


def teach(
    spot: Spot,
    task: Task,
    prompts: Prompts,
    fields: Sequence[str],
    *,
    hypotheses: int,
    examples: int,
) -> Steps[Lesson]:
    """
    Ask for the pattern, then for further ones, then for examples of each.

    The pattern itself is the first hypothesis: its examples have the label
    that people gave. The label of every other is fixed with it, so that no
    example is labelled by itself.

    Args:
        spot: Errors that are alike.
        task: Gives the labels.
        prompts: Holds `PROMPTS`.
        fields: Names of the shown fields, all of them text.
        hypotheses: Further patterns.
        examples: Of each pattern.

    Returns:
        The lesson. A pattern whose examples failed has none.

    Source: the three steps are those of arXiv:2403.17860; prompts and numbers
    are ours.
    """
    shown = as_item(spot)
    about = {
        "given": task.show(spot.given),
        "right": task.show(spot.right),
        "errors": min(MOST_ERRORS, len(spot.errors)),
    }
    [reply] = yield [Request(prompts.messages(PATTERN, shown, **about), all_of({"pattern": _TEXT}))]
    if failed := _failure(reply):
        return Lesson(spot, status=failed)
    pattern = _plain((reply.value or {})["pattern"])
    if not pattern:
        return Lesson(spot, status="invalid")
    [reply] = yield [
        Request(
            prompts.messages(HYPOTHESES, shown, **about, pattern=pattern, wanted=hypotheses),
            _hypotheses_schema(task),
        )
    ]
    if failed := _failure(reply):
        return Lesson(spot, status=failed)
    held = _held(spot, pattern, (reply.value or {})["hypotheses"], task, hypotheses)
    replies = yield [
        Request(
            prompts.messages(
                EXAMPLES,
                shown,
                **about,
                pattern=one.pattern,
                label=task.show(one.label),
                wanted=examples,
                fields=list(fields),
            ),
            _examples_schema(fields),
        )
        for one in held
    ]
    lost = next((one.status for one in replies if one.status == "provider_error"), None)
    if lost:
        return Lesson(spot, status=lost)
    written = tuple(
        Hypothesis(one.pattern, one.label, _written(reply, fields, examples))
        for one, reply in zip(held, replies, strict=True)
    )
    return Lesson(spot, pattern, written)


def as_item(spot: Spot) -> Item:
    """The errors and what stands beside them as an item, so that a prompt shows them as data."""
    errors = {
        f"error {number}": one.text[:MAX_TEXT_CHARS]
        for number, one in enumerate(spot.errors[:MOST_ERRORS], 1)
    }
    right = {f"no error {number}": one.text[:MAX_TEXT_CHARS] for number, one in enumerate(spot.contrast, 1)}
    return Item(f"{spot.given} / {spot.right}: {spot.errors[0].item_id}", errors | right)


def _failure(reply: Reply) -> Status | None:
    return None if reply.status == "ok" and reply.value is not None else reply.status


def _held(
    spot: Spot, pattern: str, said: Sequence[Mapping[str, Any]], task: Task, most: int
) -> list[Hypothesis]:
    """The pattern with people's label, and what was derived from it, each once."""
    held = {pattern: Hypothesis(pattern, spot.right)}
    for one in said:
        text = _plain(one["pattern"])
        try:
            label = task.parse(one["label"])
        except ValueError:
            continue
        if text and len(held) <= most:
            held.setdefault(text, Hypothesis(text, label))
    return list(held.values())


def _written(reply: Reply, fields: Sequence[str], most: int) -> tuple[Mapping[str, str], ...]:
    if reply.status != "ok" or reply.value is None:
        return ()
    kept = ({name: str(one[name]).strip() for name in fields} for one in reply.value["examples"])
    return tuple(one for one in kept if any(one.values()))[:most]


def _plain(text: str) -> str:
    return " ".join(text.split())[:MAX_PATTERN_CHARS]


def _hypotheses_schema(task: Task) -> Mapping[str, Any]:
    one = all_of({"pattern": _TEXT, "label": task.answer_schema()})
    return all_of({"hypotheses": {"type": "array", "items": one}})


def _examples_schema(fields: Sequence[str]) -> Mapping[str, Any]:
    one = all_of(dict.fromkeys(fields, _TEXT))
    return all_of({"examples": {"type": "array", "items": one}})
