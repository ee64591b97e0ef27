"""What models are asked to reply, and how a reply becomes a record: shared by annotators and judges."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from act_spec.once import OncePer
from act_spec.records import Annotation, Judgment, Reply, Task

PROBABILITY = {"type": "number", "minimum": 0, "maximum": 1}
_REASONING = {"type": "string"}

# One schema for all items of a task, so that what is made of it (its text, its hash, its check) is made once.
_made_for: OncePer[Task, dict[Hashable, Mapping[str, Any]]] = OncePer(lambda _: {})


def annotation_schema(task: Task, *, reasoning: bool = False, confidence: bool = False) -> Mapping[str, Any]:
    """
    JSON Schema of an annotator's reply.

    The reasoning comes first, because a model writes in this order; the
    confidence comes last, because it is about the label.
    """
    made = _made_for(task)
    key = ("annotation", reasoning, confidence)
    if key not in made:
        fields: dict[str, Any] = {"reasoning": _REASONING} if reasoning else {}
        fields["label"] = task.answer_schema()
        if confidence:
            fields["confidence"] = PROBABILITY
        made[key] = all_of(fields)
    return made[key]


def judgment_schema(task: Task, *, reasoning: bool = False, grades: Sequence[str] = ()) -> Mapping[str, Any]:
    """
    JSON Schema of a judge's reply; the reasoning, if wanted, comes first.

    With grades, one of them is chosen in place of an error probability.
    """
    made = _made_for(task)
    key = ("judgment", reasoning, *grades)
    if key not in made:
        fields: dict[str, Any] = {"reasoning": _REASONING} if reasoning else {}
        if grades:
            fields["choice"] = {"type": "string", "enum": list(grades)}
        else:
            fields["error_probability"] = PROBABILITY
        fields["suggested_label"] = task.answer_schema()
        made[key] = all_of(fields)
    return made[key]


def annotation_from(reply: Reply, task: Task) -> Annotation:
    """The annotation that a reply to `annotation_schema` amounts to; without a label if it failed."""
    if reply.status != "ok" or reply.value is None:
        return Annotation(None, status=reply.status)
    value = reply.value
    try:
        label = task.parse(value["label"])
    except ValueError:
        return Annotation(None, rationale=value.get("reasoning"), status="invalid")
    return Annotation(
        label,
        confidence=value.get("confidence"),
        rationale=value.get("reasoning"),
        repairs=task.repairs(value["label"]),
    )


def judgment_from(reply: Reply, task: Task, grades: Mapping[str, float] | None = None) -> Judgment:
    """
    The judgment that a reply to `judgment_schema` amounts to; `grades` hold what each choice counts as.

    A suggestion that is no label is dropped: the error probability does not
    depend on it.
    """
    if reply.status != "ok" or reply.value is None:
        return Judgment(None, status=reply.status)
    value = reply.value
    try:
        suggested = task.parse(value["suggested_label"])
    except ValueError:
        suggested = None
    stated = value["error_probability"] if grades is None else grades[value["choice"]]
    return Judgment(stated, suggested, value.get("reasoning"))


def all_of(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """An object with exactly these fields, as providers' strict modes want it."""
    return {
        "type": "object",
        "properties": dict(fields),
        "required": list(fields),
        "additionalProperties": False,
    }
