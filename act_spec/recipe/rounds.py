"""The recipe's `rounds`: label some, learn, choose the next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from act_spec.recipe.by_name import Selector
from act_spec.recipe.section import Section
from act_spec.recipe.values import Amount, Share
from act_spec.strategies import schedules

_FORMS = "Write constant, quadratic, last, {decay: 70%}, or a list such as [50, 30, 20]."
_WORDS = get_args(Literal["constant", "quadratic", "last"])
MOST_ROUNDS = 1000


@dataclass(frozen=True)
class Batches:
    """How a source's labels are spread over the rounds: by a form, or as a list of numbers."""

    form: Literal["constant", "quadratic", "last", "decay", "list"]
    rate: Share | None = None
    sizes: tuple[int, ...] = ()

    @classmethod
    def parse(cls, value: Any) -> Batches:
        """
        Read `constant`, `quadratic`, `last`, `{decay: 70%}` or a list of numbers.

        Raises:
            ValueError: If it is none of them.
        """
        if isinstance(value, Batches):
            return value
        if isinstance(value, Mapping):
            if set(value) != {"decay"}:
                raise ValueError(f"these are no batches. {_FORMS}")
            rate = Share.parse(value["decay"])
            if not rate.fraction:
                raise ValueError(f"after a decay of {rate} nothing is left. Write more, such as 70%.")
            return cls("decay", rate)
        if isinstance(value, list | tuple):
            texts = [str(one).strip() for one in value]
            if not texts or not all(one.isascii() and one.isdigit() for one in texts):
                raise ValueError(f"a list of batches holds whole numbers. {_FORMS}")
            return cls("list", sizes=tuple(map(int, texts)))
        text = str(value).strip()
        for word in _WORDS:
            if text == word:
                return cls(word)
        raise ValueError(f"'{text}' is not a form of batches. {_FORMS}")

    def of(self, total: int, rounds: int) -> tuple[int, ...]:
        """
        A batch a round, summing to the total.

        Raises:
            ValueError: If a list does not sum to it.
        """
        if self.form == "list":
            return schedules.listed(total, self.sizes)
        if self.form == "quadratic":
            return schedules.quadratic(total, rounds)
        if self.form == "last":
            return schedules.last(total, rounds)
        if self.form == "decay" and self.rate is not None:
            return schedules.decaying(total, rounds, Fraction(self.rate.fraction))
        return schedules.constant(total, rounds)

    def written(self) -> Any:
        """As a recipe writes it."""
        if self.form == "list":
            return list(self.sizes)
        return {"decay": str(self.rate)} if self.form == "decay" else self.form

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Validated by `parse`, serialised as written."""
        return core_schema.no_info_plain_validator_function(
            cls.parse,
            serialization=core_schema.plain_serializer_function_ser_schema(lambda one: one.written()),
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """A word, a rate, or a list."""
        share = {"type": "string", "pattern": r"^\d+(\.\d+)?\s*%$"}
        return {
            "anyOf": [
                {"enum": list(_WORDS)},
                {
                    "type": "object",
                    "properties": {"decay": share},
                    "required": ["decay"],
                    "additionalProperties": False,
                },
                {"type": "array", "items": {"type": "integer", "minimum": 0}, "minItems": 1},
            ]
        }


_CONSTANT = Batches("constant")


def _amount_or_rest(value: Any) -> Any:
    text = str(value).strip()
    if text.isalpha() and text != "rest":
        raise ValueError(f"'{text}' is neither an amount nor rest. Write 30%, a whole number, or rest.")
    return text if text == "rest" else Amount.parse(value)


Labels = Annotated[Amount | Literal["rest"], BeforeValidator(_amount_or_rest)]
"""How many items the annotator labels; `rest` for all that people do not."""


class PeopleSource(Section):
    """People as a source of labels: `budget.reviews` of them."""

    batches: Batches = Field(
        _CONSTANT,
        description="How their labels are spread over the rounds: constant, quadratic, last, `{decay: 70%}`, or a list that sums to them.",
    )
    usd_per_label: float | None = Field(
        None, ge=0, description="What a person's label costs, for the curve of score against cost."
    )


class ModelSource(Section):
    """The annotator as a source of labels."""

    labels: Labels = Field(
        description="Items that it labels: a share of them, a number, or rest: all that people do not label."
    )
    batches: Batches = Field(_CONSTANT, description="How they are spread over the rounds; as for people.")
    usd_per_label: float | None = Field(
        None, ge=0, description="What a label of it costs, where its calls do not say."
    )


class Rounds(Section):
    """Label some, learn, choose the next."""

    number: int | None = Field(
        None, ge=1, le=MOST_ROUNDS, description="How many; not needed where batches are listed."
    )
    select: Selector = Field("random", validate_default=True, description="What chooses the next items.")
    people: PeopleSource = Field(PeopleSource(), description="What people label: `budget.reviews` items.")
    model: ModelSource | None = Field(None, description="What the annotator labels; nothing if left out.")
    keep_for_test: bool = Field(
        default=True,
        description="Keep a part of the items (`train.test_share`) from labelling and test each student on it, where known answers are there and train.test names no file.",
    )
    examples: Literal["strategy", "people", "all"] = Field(
        "strategy",
        description="Where the annotator's examples come from: its own strategy, people's labels of this run, or all of its labels.",
    )

    def rounds(self) -> int | None:
        """How many rounds there are; None where nothing says it."""
        lists = [one.batches.sizes for one in (self.people, self.model) if one and one.batches.form == "list"]
        return self.number or (len(lists[0]) if lists else None)
