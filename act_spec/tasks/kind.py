"""What every task kind shares: the fields of `task:` that do not depend on the kind."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar, Literal, cast

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    WithJsonSchema,
    field_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from act_spec.records import (
    AnswerForm,
    Item,
    Joins,
    LabelDefinition,
    Labelled,
    Metric,
    Presentation,
    TargetForm,
    Task,
)
from act_spec.tasks.parts.look_alikes import skeleton, strange_character

MAX_LABEL_CHARS = 200
Two = Annotated[tuple[str, ...], Field(min_length=2, max_length=2)]
"""Two names, such as those of two fields."""


class TaskKind(BaseModel):
    """
    The base of the kinds: a frozen pydantic model whose fields are the recipe's `task:`.

    A kind adds its own fields and the methods of `records.Task`, and is
    registered with `@register("task", "name.v1")`. A check of its own that
    concerns one field begins its message with it (`none: 'x' is …`), so that
    the fault is shown where that field stands.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    kind: str
    modality: str | None = Field(None, description="Derived from data.show; if written, it must agree.")
    question: str = Field(min_length=1, description="The question that annotators answer.")
    if_unsure: str = Field("", description="What an annotator does when unsure.")

    @property
    def definitions(self) -> tuple[LabelDefinition, ...]:
        """No labels with definitions."""
        return ()

    @property
    def exact(self) -> bool:
        """Labels are the same answer where their text is."""
        return True

    @property
    def fields(self) -> Mapping[str, str]:
        """It relies on no field in particular."""
        return {}

    @property
    def columns(self) -> Mapping[str, str]:
        """Its figures need nothing beside the labels."""
        return {}

    @property
    def drafts(self) -> bool:
        """People answer without seeing the machine's answer."""
        return False

    @property
    def quotes(self) -> bool:
        """Labels may hold words of the item, unless a kind says that they never do."""
        return True

    @property
    def joins(self) -> Joins | None:
        """Answers about pieces of an item cannot be put together."""
        return None

    def about(self, item: Item) -> Task:  # noqa: ARG002 - for kinds that refer to the item's text
        """The task itself: answers do not depend on what the item says."""
        return self._as_task

    def present(self, item: Item) -> tuple[Presentation, ...]:
        """As the recipe shows it."""
        return (Presentation("", self.about(item), item),)

    def repairs(self, value: Any) -> Mapping[str, int]:  # noqa: ARG002 - for kinds that mend
        """Nothing is mended."""
        return {}

    def same(self, label: str, other: str) -> bool:
        """Equal text."""
        return label == other

    def place(self, label: str) -> float | None:  # noqa: ARG002 - for kinds with a scale
        """Labels stand on no scale."""
        return None

    def parts(self, label: str) -> tuple[str, ...]:  # noqa: ARG002 - for kinds made of parts
        """A label is judged as a whole."""
        return ()

    def example(self) -> str:
        """The first label that the recipe names."""
        return self._as_task.parse(self.definitions[0].name)

    def guidance(self) -> tuple[str, ...]:
        """Question, labels and the form of an answer say it all."""
        return ()

    def figures(self, rows: Iterable[Labelled]) -> Iterable[Metric]:  # noqa: ARG002 - for graded kinds
        """None of its own."""
        return ()

    def target_form(self) -> TargetForm | None:
        """Nothing is trained for a kind that does not say how."""
        return None

    def answer_form(self) -> AnswerForm:
        """A box to type in; a kind that can be asked better says so."""
        return AnswerForm("text")

    @property
    def _as_task(self) -> Task:
        # Every registered kind meets the protocol; the base alone lacks parse, read and the like.
        return cast("Task", self)


def _one_or_several(value: Any) -> Any:
    if isinstance(value, str):
        return (value,) if value else ()
    return value


_NAMES: Any = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
FormerNames = Annotated[
    tuple[str, ...], BeforeValidator(_one_or_several, json_schema_input_type=Any), WithJsonSchema(_NAMES)
]


class LabelSpec(BaseModel):
    """A label's own mapping in a recipe."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    definition: str = Field("", description="When the label is right.")
    not_when: str = Field("", description="When it is not, though it may look so.")
    examples: tuple[dict[str, str], ...] = Field((), description="Items that have it, with `why`.")
    near_misses: tuple[dict[str, str], ...] = Field((), description="Items that nearly have it, with `why`.")
    costly: Literal["missed", "given"] | None = Field(None, description="Which error hurts more.")
    renamed_from: FormerNames = Field(
        (),
        description="Its former name, or all of them, the oldest first, under which models know it: nothing is asked or reviewed again.",
    )


def fault(message: str, *keys: str | int, hint: str = "", lack: bool = False) -> ValidationError:
    """
    A fault of a recipe's part, to be raised from a pydantic validator.

    Args:
        message: What is wrong, one sentence.
        keys: The keys that lead to it from the value under validation.
        hint: What to do.
        lack: Whether something is missing, which another file may add.
    """
    details = InitErrorDetails(
        type=PydanticCustomError("fault", "{message}", {"message": message, "hint": hint, "lack": lack}),
        loc=keys,
        input=None,
    )
    return ValidationError.from_exception_data("recipe", [details])


def _three_lengths(value: Any) -> Any:
    """`[a, b]`, `{a: definition}` and `{a: {definition: …}}` are the same thing at three lengths."""
    if isinstance(value, list):
        return _from_list(value)
    if isinstance(value, dict):
        return {
            name: {"definition": spec} if isinstance(spec, str) else ({} if spec is None else spec)
            for name, spec in value.items()
        }
    if isinstance(value, str):
        wanted = ", ".join(part.strip() for part in value.split(",")) if "," in value else "first, second"
        raise fault(
            f"'{value}' is not a list of labels.",
            hint=f"Write [{wanted}], a mapping of names to definitions, or name a CSV file.",
        )
    return value


def _from_list(names: list[Any]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for index, name in enumerate(names):
        if not isinstance(name, str):
            raise fault(
                "a list of labels holds names alone.",
                index,
                hint="With definitions, write 'name: definition' lines without dashes.",
            )
        if name in found:
            raise fault(f"the label '{name}' stands twice.", index, hint="Keep one of them.")
        found[name] = {}
    return found


def _distinct(labels: dict[str, LabelSpec]) -> dict[str, LabelSpec]:
    if not labels:
        raise fault("there are no labels.", hint="Write [first, second] or a mapping with definitions.")
    seen: dict[str, str] = {}
    for name in labels:
        folded = skeleton(name)
        _check_name(name, folded)
        if folded in seen:
            raise fault(
                _alike(seen[folded], name), name, hint="People and models will mix them up; rename one."
            )
        seen[folded] = name
    _check_renames(labels, seen)
    return labels


def _check_renames(labels: dict[str, LabelSpec], taken: dict[str, str]) -> None:
    taken = dict(taken)
    for name, spec in labels.items():
        for former in spec.renamed_from:
            folded = skeleton(former)
            if taken.get(folded, name) != name:
                message = f"'{former}' is the name of the label '{taken[folded]}', now or before."
                raise fault(message, name, "renamed_from", hint="A former name belongs to one label alone.")
            taken[folded] = name


def _alike(first: str, second: str) -> str:
    strange = strange_character(second, first) or strange_character(first, second)
    if not strange:
        return f"the labels '{first}' and '{second}' differ only in case or look alike."
    return f"the labels '{first}' and '{second}' look alike; one is written with {strange.lower()}."


def _check_name(name: str, folded: str) -> None:
    if not folded:
        raise fault("a label cannot be empty.", name, hint="Give it a name.")
    if name != name.strip() or any(unicodedata.category(character) == "Cc" for character in name):
        raise fault(f"the label {name!r} has white space around it or a line break in it.", name)
    if len(name) > MAX_LABEL_CHARS:
        message = f"the label '{name[:20]}…' is longer than {MAX_LABEL_CHARS} characters."
        raise fault(message, name, hint="Say what it means in its definition.")


Labels = Annotated[
    dict[str, LabelSpec],
    BeforeValidator(_three_lengths),
    AfterValidator(_distinct),
    Field(description="Names with definitions: a list, a mapping, or a CSV file (name,definition,not_when)."),
]


class LabelledTask(TaskKind):
    """The base of kinds whose answers are made of named labels."""

    labels: Labels
    about_labels: ClassVar[tuple[str, ...]] = ("none",)
    """Those of its other fields that hold names of labels: one, a list, or a mapping."""

    @field_validator("labels")
    @classmethod
    def _renames(cls, labels: dict[str, LabelSpec]) -> dict[str, LabelSpec]:
        for name, spec in labels.items():
            if spec.renamed_from and not hasattr(cls, "renamed"):
                message = "labels of this kind of task cannot be renamed."
                raise fault(message, name, "renamed_from", hint="Leave it out; everything is asked again.")
        return labels

    def renamed_unit(self, unit: str, names: Mapping[str, str]) -> str:
        """A part of a label, as `units` and `parts` name it, with labels under their other names."""
        return names.get(unit, unit)

    @property
    def quotes(self) -> bool:
        """Labels are names that the recipe gives."""
        return False

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
                costly=spec.costly or "",
            )
            for name, spec in self.labels.items()
        )

    def known(self, name: str) -> str:
        """
        The label of that name, now or before, forgiving case, white space around it and look-alike letters.

        Raises:
            ValueError: If there is none; names the labels that there are.
        """
        if name in self.labels:
            return name
        folded = skeleton(name)
        for label in self.labels:
            if skeleton(label) == folded:
                return label
        for label, spec in self.labels.items():
            if folded in map(skeleton, spec.renamed_from):
                return label
        raise ValueError(f"'{name}' is not one of the labels: {', '.join(self.labels)}.")
