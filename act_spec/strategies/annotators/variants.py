"""Ask one question in several wordings, each with answers of its own, and take the vote."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from statistics import fmean
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from act_spec.records import Annotation, Item, Prompts, Reply, Request, Steps, Task
from act_spec.registry import register
from act_spec.strategies.answers import PROBABILITY, all_of
from act_spec.strategies.votes import Ballot, cast, settled


class Variant(BaseModel):
    """One wording of the question, with the labels that its answers stand for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    prompt: str = Field(min_length=1, description="The question in other words, put after the item.")
    answers: dict[str, str] = Field(
        default_factory=dict,
        description="Its own answers to labels; of a negated question, the other way round. "
        "Without any, the answers are the labels.",
    )
    template: str = Field(
        "annotate_variant.v1",
        pattern=r"^annotate_[a-z0-9_]+\.v[1-9][0-9]*$",
        description="A shipped template that shows prompt and answers.",
    )


def _some(variants: tuple[Variant, ...]) -> tuple[Variant, ...]:
    if not variants:
        raise ValueError("there is no variant.")
    return variants


# Checked after the variants: a shortest length would be missed as well where a variant is wrong.
Variants = Annotated[tuple[Variant, ...], AfterValidator(_some)]


@register(
    "annotator",
    "variants.v1",
    calls=lambda parameters, _: len(parameters["variants"]),
    prompts=lambda parameters: tuple(dict.fromkeys(one.template for one in parameters["variants"])),
    reply_tokens=(6, 12, 40),
    votes=True,
    confidence=True,
)
def variants(
    item: Item,
    task: Task,
    prompts: Prompts,
    *,
    variants: Variants,
    confidence: bool = False,
) -> Steps[Annotation]:
    """
    Ask one question in several wordings, and take the vote.

    Every reply is held to its wording's own answers and read by its own map,
    which is how a negated question counts the right way round. A reply that
    cannot be read is a vote without a label: a class of its own in the
    entropy (judge `disagreement`), never the label. The order of the variants
    changes neither label nor entropy.

    Args:
        item: What is labelled.
        task: Settles votes; the answers must stand for its labels.
        prompts: Holds the variants' templates.
        variants: The wordings; votes name them by their number, from 1.
        confidence: Ask as well how likely each answer is right, in [0, 1].

    Returns:
        The annotation with a vote a variant; its confidence is the share of
        votes for the label, or the mean of what the votes state, where that
        is asked for. See `votes.settled`.

    Raises:
        ValueError: If an answer stands for what is no label of the task.

    Source: CoAnnotating (arXiv:2310.15638); the prompts are the recipe's, and
    that confidences are averaged is read from its published values.
    """
    maps = [_labels(one, task) for one in variants]
    requests = [
        Request(
            prompts.messages(
                one.template, item, prompt=one.prompt, answers=list(labels), confidence=confidence
            ),
            _schema(labels, confidence=confidence),
        )
        for one, labels in zip(variants, maps, strict=True)
    ]
    replies = yield requests
    ballots = [
        _ballot(reply, labels, str(number))
        for number, (reply, labels) in enumerate(zip(replies, maps, strict=True), start=1)
    ]
    made = settled(ballots, task)
    stated = [one.vote.confidence for one in ballots if one.vote.confidence is not None]
    if not confidence or made.label is None or not stated:
        return made
    return replace(made, confidence=fmean(stated))


def _labels(variant: Variant, task: Task) -> Mapping[str, str]:
    """The variant's answers to labels in canonical text."""
    named = variant.answers or {one.name: one.name for one in task.definitions}
    return {answer: task.read(label) for answer, label in named.items()}


def _schema(labels: Mapping[str, str], *, confidence: bool) -> Mapping[str, Any]:
    fields: dict[str, Any] = {"answer": {"type": "string", "enum": list(labels)}}
    return all_of(fields | ({"confidence": PROBABILITY} if confidence else {}))


def _ballot(reply: Reply, labels: Mapping[str, str], number: str) -> Ballot:
    if reply.status != "ok" or reply.value is None:
        return cast(Annotation(None, status=reply.status), reply, number)
    label = labels.get(reply.value["answer"])
    if label is None:
        return cast(Annotation(None, status="invalid"), reply, number)
    return cast(Annotation(label, confidence=reply.value.get("confidence")), reply, number)
