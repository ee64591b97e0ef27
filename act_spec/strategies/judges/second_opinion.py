"""Answer the question afresh, and compare."""

from __future__ import annotations

from act_spec.records import Annotation, Item, Judgment, Prompts, Steps, Task
from act_spec.registry import register
from act_spec.strategies.annotators.cot import cot
from act_spec.strategies.annotators.direct import direct
from act_spec.strategies.opinions import doubt


@register(
    "judge",
    "second_opinion.v1",
    calls=1,
    prompts=lambda parameters: ("annotate_cot.v1" if parameters["reasoning"] else "annotate_direct.v1",),
    reply_tokens=lambda parameters: (60, 150, 500) if parameters["reasoning"] else (8, 16, 40),
)
def second_opinion(
    item: Item, annotation: Annotation, task: Task, prompts: Prompts, *, reasoning: bool = False
) -> Steps[Judgment]:
    """
    Answer the question without seeing the annotation, and compare.

    With d the distance of the two labels and c the judge's confidence in its
    own: d*c + (1 - d)*(1 - c); see `opinions.doubt`.

    Args:
        item: What was labelled.
        annotation: One that did not fail; the judge does not see it.
        task: Gives the form of a label, and distances.
        prompts: Holds `annotate_direct.v1`, or with reasoning `annotate_cot.v1`.
        reasoning: Reason before the answer.

    Returns:
        The judgment, with the judge's own label as its suggestion; without an
        error probability, and with the reply's status, if the call failed.

    Source: ours.
    """
    own = yield from (cot if reasoning else direct)(item, task, prompts, confidence=True)
    if own.label is None or own.confidence is None:
        return Judgment(None, rationale=own.rationale, status="invalid" if own.status == "ok" else own.status)
    distance = task.distance(annotation.label or "", own.label)
    return Judgment(doubt(distance, own.confidence), own.label, own.rationale)
