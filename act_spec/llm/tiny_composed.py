"""What the built-in model answers where an answer is no label: passages, numbers, shares, texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from act_spec.llm.tiny_likeness import View
from act_spec.llm.tiny_numbers import numbers, shares
from act_spec.llm.tiny_passages import passages
from act_spec.llm.tiny_prompt import Understood
from act_spec.llm.tiny_text import written
from act_spec.llm.tiny_triples import triples

Schema = Mapping[str, Any]
_NUMBERS = frozenset({"integer", "number"})


@dataclass(frozen=True)
class Composed:
    """
    The model's own answer, and how it sees others.

    Attributes:
        answer: As the schema wants it.
        sure: How likely it thinks its answer is right, in [0, 1].
        like: From an answer, as a prompt shows it to judges, to how far it is the own one, in [0, 1].
        why: A sentence.
        part: From a part of an answer to how likely it thinks that the part is
            right; None where it thinks of the whole alone.
    """

    answer: Any
    sure: float
    like: Callable[[str], float]
    why: str
    part: Callable[[str], float] | None = None

    def probability(self, annotation: str) -> float:
        """How likely it thinks that an answer is right."""
        alike = self.like(annotation)
        return alike * self.sure + (1 - alike) * (1 - self.sure)


def composed(read: Understood, schema: Schema, view: View, shift: float) -> Composed | None:
    """
    The answer to a schema of a composed kind; None where answers are labels.

    Args:
        read: The prompt.
        schema: Of the answer.
        view: How texts are compared.
        shift: In [-1, 1], 0 for the first sample: other samples see the item a little differently.
    """
    items = schema.get("items", {})
    if schema.get("type") == "array" and "text" in items.get("properties", {}):
        return Composed(*passages(read, view, shift))
    if schema.get("type") == "array" and "head" in items.get("properties", {}):
        return Composed(*triples(read, view, shift))
    if schema.get("type") == "string" and "enum" not in schema:
        return Composed(*written(read, view, shift))
    properties = schema.get("properties", {})
    if properties and properties.keys() == {label.name for label in read.labels}:
        return Composed(*shares(read, schema, view, shift))
    if schema.get("type") in _NUMBERS or (
        properties and all(one.get("type") in _NUMBERS for one in properties.values())
    ):
        return Composed(*numbers(read, schema, view, shift))
    return None
