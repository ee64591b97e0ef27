"""What every task kind shares: the fields of `task:` that do not depend on the kind."""

from __future__ import annotations

import unicodedata
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
)

from act_spec.records import LabelDefinition


class TaskKind(BaseModel):
    """
    The base of the kinds: a frozen pydantic model whose fields are the recipe's `task:`.

    A kind adds its own fields and the methods of `records.Task`, and is
    registered with `@register("task", "name.v1")`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str
    modality: str | None = Field(None, description="Derived from data.show; if written, it must agree.")
    question: str = Field(min_length=1, description="The question that annotators answer.")
    if_unsure: str = Field("", description="What an annotator does when unsure.")


class LabelSpec(BaseModel):
    """A label's own mapping in a recipe."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    definition: str = ""
    not_when: str = ""
    examples: tuple[dict[str, str], ...] = ()
    near_misses: tuple[dict[str, str], ...] = ()
    costly: str | None = Field(None, pattern="^(missed|given)$")


def _three_lengths(value: Any) -> Any:
    """`[a, b]`, `{a: definition}` and `{a: {definition: …}}` are the same thing at three lengths."""
    if isinstance(value, list):
        repeated = sorted({str(name) for name in value if value.count(name) > 1})
        if repeated:
            raise ValueError(f"the label '{repeated[0]}' stands twice.")
        return {name: {} for name in value}
    if isinstance(value, dict):
        return {
            name: {"definition": spec} if isinstance(spec, str) else ({} if spec is None else spec)
            for name, spec in value.items()
        }
    return value


def _distinct(labels: dict[str, LabelSpec]) -> dict[str, LabelSpec]:
    if not labels:
        raise ValueError("a task needs at least one label.")
    seen: dict[str, str] = {}
    for name in labels:
        folded = unicodedata.normalize("NFKC", name).casefold().strip()
        if not folded:
            raise ValueError("a label cannot be empty.")
        if folded in seen:
            raise ValueError(f"the labels '{seen[folded]}' and '{name}' differ only in case or look alike.")
        seen[folded] = name
    return labels


Labels = Annotated[
    dict[str, LabelSpec],
    BeforeValidator(_three_lengths),
    AfterValidator(_distinct),
    Field(description="Names with definitions: a list, a mapping, or a CSV file (name,definition,not_when)."),
]


class LabelledTask(TaskKind):
    """The base of kinds whose answers are made of named labels."""

    labels: Labels

    @property
    def definitions(self) -> tuple[LabelDefinition, ...]:
        """The labels in the recipe's order."""
        return tuple(
            LabelDefinition(
                name,
                definition=spec.definition,
                not_when=spec.not_when,
                examples=spec.examples,
                near_misses=spec.near_misses,
                costly=spec.costly or "",  # type: ignore[arg-type]
            )
            for name, spec in self.labels.items()
        )

    def known(self, name: str) -> str:
        """
        The label of that name, forgiving case and white space around it.

        Raises:
            ValueError: If there is none; names the labels that there are.
        """
        if name in self.labels:
            return name
        folded = name.strip().casefold()
        for label in self.labels:
            if label.casefold() == folded:
                return label
        raise ValueError(f"'{name}' is not one of the labels: {', '.join(self.labels)}.")
