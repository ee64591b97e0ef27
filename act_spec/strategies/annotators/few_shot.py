"""Show labelled examples, then ask for the label."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from act_spec.records import Annotation, Example, Item, Pool, Prompts, Request, Steps, Task
from act_spec.registry import register
from act_spec.strategies.answers import annotation_from, annotation_schema
from act_spec.strategies.quoting import quoted


@register(
    "annotator",
    "few_shot.v1",
    calls=1,
    files=("source",),
    confidence="confidence",
    prompts=("annotate_few_shot.v1",),
    reply_tokens=(6, 12, 40),
    needs=("pool",),
)
def few_shot(  # noqa: PLR0913 - what a recipe may set stands in the signature
    item: Item,
    task: Task,
    prompts: Prompts,
    pool: Pool,
    *,
    k: Annotated[int, Field(ge=1, le=100)] = 5,
    choose: Literal["nearest", "given"] = "nearest",
    confidence: bool = False,
    source: str | None = None,  # noqa: ARG001 - the pool is made from it
    label: str = "label",  # noqa: ARG001 - likewise
    where: Mapping[str, str] | None = None,  # noqa: ARG001 - likewise
) -> Steps[Annotation]:
    """
    Show labelled examples, then ask for the label.

    The nearest stand last, next to the item. An example with the item's own
    text is never shown.

    Args:
        item: What is labelled.
        task: Gives the form of a label.
        prompts: Holds `annotate_few_shot.v1`.
        pool: Examples from `source`, or else from the labels' definitions.
        k: How many are shown; fewer where there are fewer.
        choose: `nearest`: the examples most like the item; `given`: the first
            ones, the same for every item and in their order.
        confidence: Ask as well how likely the label is right, in [0, 1].
        source: File of labelled items, with the columns that the data has.
        label: Its column of labels.
        where: Column to the value that a row must have.

    Returns:
        The annotation; without a label, and with the reply's status, if the
        call failed.

    Source: nearest last, from LLMaAA (arXiv:2310.19596); likeness is ours, see `nearest`.
    """
    chosen = list(pool.nearest(item, k))[::-1] if choose == "nearest" else pool.given(k)
    shown = [_shown(example, task) for example in chosen]
    messages = prompts.messages("annotate_few_shot.v1", item, examples=shown, confidence=confidence)
    [reply] = yield [Request(messages, annotation_schema(task, confidence=confidence))]
    return annotation_from(reply, task)


def _shown(example: Example, task: Task) -> Mapping[str, object]:
    fields = {name: quoted(text) for name, text in example.fields.items()}
    return {"fields": fields, "answer": task.show(example.label)}
