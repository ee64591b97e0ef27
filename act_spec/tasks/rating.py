"""How much of something: one number, or one for each of several criteria."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from statistics import median, median_low
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from act_spec.records import AnswerForm, LabelDefinition, Labelled, Metric, TargetForm, canonical_json
from act_spec.registry import register
from act_spec.tasks.kind import TaskKind, fault
from act_spec.tasks.parts.numbers import rating_figures

_NUMBER = re.compile(r"([-+]?\d+(?:[.,]\d+)?)(?:\s*(?:/|of|out of)\s*(\d+(?:[.,]\d+)?))?")
_YES_NO = {"yes": 1.0, "true": 1.0, "no": 0.0, "false": 0.0}
_MOST_KEYS = 11
_WHOLE = ""


def _scale(value: Any) -> Any:
    if value == "binary":
        return ("0", "1")
    return value


_TWO_NUMBERS = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
Ends = Annotated[
    tuple[float, ...],
    BeforeValidator(_scale),
    Field(min_length=2, max_length=2),
    WithJsonSchema({"anyOf": [_TWO_NUMBERS, {"enum": ["binary"]}]}),
]


class Criterion(BaseModel):
    """One thing that is rated; what is not written is as the task says."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    definition: str = Field("", description="What is rated.")
    scale: Ends | None = Field(None, description="Lowest and highest number, or `binary` for 0 and 1.")
    whole: bool | None = Field(None, description="Whether only whole numbers are answers.")
    tolerance: float | None = Field(
        None, ge=0, description="Ratings that differ by no more are the same answer."
    )
    anchors: dict[str, str] = Field({}, description="Numbers of the scale to what they stand for.")


def _criteria(value: Any) -> Any:
    if isinstance(value, list):
        return {name: {} for name in value}
    if isinstance(value, dict):
        return {
            name: {"definition": one} if isinstance(one, str) else ({} if one is None else one)
            for name, one in value.items()
        }
    return value


_ONE = {"anyOf": [Criterion.model_json_schema(), {"type": "string"}, {"type": "null"}]}
_NAMES = {"type": "array", "items": {"type": "string"}}
Criteria = Annotated[
    dict[str, Criterion],
    BeforeValidator(_criteria),
    WithJsonSchema({"anyOf": [{"type": "object", "additionalProperties": _ONE}, _NAMES]}),
]


@register("task", "rating.v1")
class Rating(TaskKind):
    """
    A number on a scale, or one for each criterion; a label is the number, or a JSON object of numbers.

    Labels are the same answer if no number differs by more than the
    tolerance. Distance is the difference over the length of the scale, the
    mean over criteria. Votes settle on the median; of an even number of whole
    ones, on the lower of the two in the middle.
    """

    kind: str = "rating"
    scale: Ends = Field(
        ("1", "5"), validate_default=True, description="Lowest and highest number, or `binary` for 0 and 1."
    )
    whole: bool = Field(default=True, description="Whether only whole numbers are answers.")
    tolerance: float = Field(0.0, ge=0, description="Ratings that differ by no more are the same answer.")
    anchors: dict[str, str] = Field({}, description="Numbers of the scale to what they stand for.")
    criteria: Criteria = Field(
        {},
        description="What is rated, each with a definition and perhaps a scale of its own; without any, one number.",
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        for name, one in self._rated.items():
            low, high = one.scale or ()
            where = ("criteria", name) if name else ()
            if low >= high:
                raise fault(f"a scale rises, and this one goes from {low:g} to {high:g}.", *where, "scale")
            for anchor in one.anchors:
                try:
                    self._number(anchor, one)
                except ValueError as error:
                    raise fault(str(error), *where, "anchors", anchor) from error
        return self

    @property
    def quotes(self) -> bool:
        """Ratings are numbers."""
        return False

    @property
    def exact(self) -> bool:
        """Unless there is a tolerance."""
        return not any(one.tolerance for one in self._rated.values())

    def answer_schema(self) -> Mapping[str, Any]:
        """A number within the scale, or an object of them."""
        made = {name: _schema(one) for name, one in self._rated.items()}
        if not self.criteria:
            return made[_WHOLE]
        return {"type": "object", "properties": made, "required": list(made), "additionalProperties": False}

    def answer_instruction(self) -> str:
        """The scales, and what their numbers stand for."""
        described = "; ".join(_described(name, one) for name, one in self._rated.items())
        start = "Rate each criterion" if self.criteria else "Answer with a number"
        return f"{start}: {described}." if self.criteria else f"{start} {described}."

    def answer_form(self) -> AnswerForm:
        """Few whole numbers as choices, several criteria one by one, else a box."""
        if self.criteria:
            return self._form_of_criteria()
        one = self._rated[_WHOLE]
        numbers = _few(one)
        if not numbers:
            return AnswerForm("text")
        texts = map(_text, numbers)
        return AnswerForm(
            "choices", tuple(LabelDefinition(text, one.anchors.get(text, "")) for text in texts)
        )

    def _form_of_criteria(self) -> AnswerForm:
        """Buttons for the numbers of a short scale, a box for those of a long one."""
        ends = self._ends()
        scales = [
            {
                "low": ends[name][0],
                "high": ends[name][1],
                "whole": one.whole,
                "numbers": [int(number) for number in _few(one)] or None,
            }
            for name, one in self._rated.items()
        ]
        return AnswerForm(
            "numbers",
            tuple(LabelDefinition(name, _described("", one)) for name, one in self._rated.items()),
            options={"scales": scales},
            instruction="Rate each criterion, then Enter.",
        )

    def guidance(self) -> tuple[str, ...]:
        """The criteria one by one, and the form of a cell."""
        if not self.criteria:
            return ()
        example = "; ".join(f"{name}: {_text((one.scale or (0,))[0])}" for name, one in self._rated.items())
        return (
            *(f"{_described(name, one)}." for name, one in self._rated.items()),
            f"In a worklist write `{example}`.",
        )

    def parse(self, value: Any) -> str:
        """A reply's numbers; see `records.Task`. `4/5` is a 4 on a scale that ends with 5."""
        if not self.criteria:
            return _text(self._number(value, self._rated[_WHOLE]))
        if isinstance(value, str):
            return self.read(value)
        if not isinstance(value, Mapping):
            raise ValueError(f"'{value}' is not a number for each criterion: {', '.join(self.criteria)}.")  # noqa: TRY004 - what callers catch
        return self._canonical(value)

    def read(self, text: str) -> str:
        """A person's numbers: `4`, or `clarity: 4; length: 2`, or `4; 2` in the recipe's order, or JSON."""
        cell = text.strip()
        if not self.criteria:
            return self.parse(cell)
        if cell.startswith("{"):
            try:
                return self.parse(json.loads(cell))
            except json.JSONDecodeError as error:
                raise ValueError(f"'{cell[:80]}' begins like a JSON object but is none.") from error
        given = [part.strip() for part in re.split(r"[;\n]", cell) if part.strip()]
        if all(":" not in part for part in given) and len(given) == len(self.criteria):
            return self._canonical(dict(zip(self.criteria, given, strict=True)))
        return self._canonical(
            {name.strip(): number.strip() for name, _, number in (part.rpartition(":") for part in given)}
        )

    def show(self, label: str) -> str:
        """The number, or `clarity: 4; length: 2`."""
        if not self.criteria:
            return label
        return "; ".join(f"{name}: {_text(number)}" for name, number in self._numbers(label).items())

    def distance(self, label: str, other: str) -> float:
        """The mean over criteria of the difference, in lengths of the scale."""
        one, two = self._numbers(label), self._numbers(other)
        apart = [abs(one[name] - two[name]) / (high - low) for name, (low, high) in self._ends().items()]
        return sum(apart) / len(apart)

    def same(self, label: str, other: str) -> bool:
        """No number differs by more than its tolerance."""
        one, two = self._numbers(label), self._numbers(other)
        return all(
            abs(one[name] - two[name]) <= (rated.tolerance or 0) + 1e-9 for name, rated in self._rated.items()
        )

    def place(self, label: str) -> float | None:
        """The number, where there is one alone."""
        return None if self.criteria else self._numbers(label)[_WHOLE]

    def settle(self, votes: Sequence[str]) -> str:
        """The median of each criterion."""
        listed = [self._numbers(vote) for vote in votes]
        made = {
            name: (median_low if rated.whole else median)([one[name] for one in listed])
            for name, rated in self._rated.items()
        }
        return self._canonical(made) if self.criteria else _text(made[_WHOLE])

    def units(self, label: str) -> frozenset[str]:
        """Each criterion with its number, or the number alone."""
        return frozenset(self.show(label).split("; "))

    def parts(self, label: str) -> tuple[str, ...]:
        """The criteria with their numbers, where there are several."""
        return tuple(self.show(label).split("; ")) if len(self.criteria) > 1 else ()

    def example(self) -> str:
        """The lowest numbers."""
        lowest = {name: low for name, (low, _) in self._ends().items()}
        return self._canonical(lowest) if self.criteria else _text(lowest[_WHOLE])

    def figures(self, rows: Iterable[Labelled]) -> Iterator[Metric]:
        """Means of the delivered ratings, and how far machine and delivered ones are from the known ones."""
        yield from rating_figures(rows, self._numbers, list(self._rated))

    def target_form(self) -> TargetForm:
        """Each number as its place on the scale."""
        ends = self._ends()

        def encode(label: str) -> list[float]:
            numbers = self._numbers(label)
            return [(numbers[name] - low) / (high - low) for name, (low, high) in ends.items()]

        def decode(belief: Sequence[float]) -> str:
            made = {}
            for place, (name, (low, high)) in zip(belief, ends.items(), strict=True):
                number = low + min(1.0, max(0.0, float(place))) * (high - low)
                made[name] = float(round(number)) if self._rated[name].whole else number
            return self._canonical(made) if self.criteria else _text(made[_WHOLE])

        return TargetForm("numbers", tuple(name or "rating" for name in ends), encode, decode)

    @property
    def _rated(self) -> dict[str, Criterion]:
        """What is rated, with everything filled in; without criteria it has no name."""
        own = Criterion(scale=self.scale, whole=self.whole, tolerance=self.tolerance, anchors=self.anchors)
        return {
            name: Criterion(
                definition=one.definition,
                scale=one.scale or own.scale,
                whole=own.whole if one.whole is None else one.whole,
                tolerance=own.tolerance if one.tolerance is None else one.tolerance,
                anchors=one.anchors or (own.anchors if one.scale is None else {}),
            )
            for name, one in self.criteria.items()
        } or {_WHOLE: own}

    def _ends(self) -> dict[str, tuple[float, float]]:
        return {name: (one.scale[0], one.scale[1]) for name, one in self._rated.items() if one.scale}

    def _numbers(self, label: str) -> dict[str, float]:
        value = json.loads(label)
        return {name: float(value[name] if self.criteria else value) for name in self._rated}

    def _canonical(self, value: Mapping[str, Any]) -> str:
        folded = {str(name).strip().casefold(): number for name, number in value.items()}
        if missing := [name for name in self.criteria if name.casefold() not in folded]:
            raise ValueError(f"there is no rating of {', '.join(missing)}.")
        known = {name.casefold() for name in self.criteria}
        if unknown := [name for name in value if str(name).strip().casefold() not in known]:
            raise ValueError(f"'{unknown[0]}' is not one of the criteria: {', '.join(self.criteria)}.")
        numbers = {name: self._number(folded[name.casefold()], one) for name, one in self._rated.items()}
        return canonical_json({name: int(one) if one.is_integer() else one for name, one in numbers.items()})

    def _number(self, value: Any, rated: Criterion) -> float:
        """The number within the scale; raises ValueError with what is wrong."""
        low, high = rated.scale or (0.0, 1.0)
        number = _read_number(value, high, yes_no=(low, high) == (0, 1))
        if number is None:
            raise ValueError(f"'{value}' is not a number from {low:g} to {high:g}.")
        if not low <= number <= high:
            raise ValueError(f"{number:g} is not on the scale from {low:g} to {high:g}.")
        if rated.whole and not number.is_integer():
            raise ValueError(f"{number:g} is not a whole number.")
        return number


def _read_number(value: Any, high: float, *, yes_no: bool) -> float | None:
    if isinstance(value, bool):
        return float(value) if yes_no else None
    if isinstance(value, int | float):
        return float(value)
    text = str(value).strip()
    if yes_no and text.casefold() in _YES_NO:
        return _YES_NO[text.casefold()]
    found = _NUMBER.fullmatch(text)
    if found is None or (found[2] is not None and float(found[2].replace(",", ".")) != high):
        return None
    return float(found[1].replace(",", "."))


def _text(number: float) -> str:
    return str(int(number)) if float(number).is_integer() else repr(float(number))


def _few(one: Criterion) -> list[float]:
    """The numbers of a scale that is short enough for a button each; none otherwise."""
    low, high = one.scale or (0.0, 0.0)
    if not one.whole or high - low >= _MOST_KEYS:
        return []
    return [low + step for step in range(int(high - low) + 1)]


def _schema(one: Criterion) -> dict[str, Any]:
    low, high = one.scale or (0.0, 1.0)
    kind = "integer" if one.whole else "number"
    ends = [int(end) if one.whole and end.is_integer() else end for end in (low, high)]
    return {"type": kind, "minimum": ends[0], "maximum": ends[1]}


def _described(name: str, one: Criterion) -> str:
    low, high = one.scale or (0.0, 1.0)
    numbers = "whole numbers" if one.whole else "numbers"
    stands = "; ".join(f"{anchor}: {text.rstrip('.')}" for anchor, text in one.anchors.items())
    near = f"one within {one.tolerance:g} of the right one counts as right" if one.tolerance else ""
    more = ". ".join(part for part in (one.definition.rstrip("."), stands, near) if part)
    scale = (
        f"from {low:g} to {high:g} in {numbers}"
        if (low, high) != (0, 1) or not one.whole
        else "1 for yes and 0 for no"
    )
    return f"{name} {scale}".strip() + (f" ({more})" if more else "")
