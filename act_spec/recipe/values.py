"""Values with a unit: shares written as percentages, and amounts that are either a share or a count."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from decimal import Decimal
from math import floor
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, GetCoreSchemaHandler, GetJsonSchemaHandler, WithJsonSchema
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

_PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*%")
_WHOLE = re.compile(r"\+?0*(\d{1,9})(?:\.0*)?")
_COUNT = re.compile(r"[1-9]\d*|0")
_PERCENT_SCHEMA = {"type": "string", "pattern": r"^\d+(\.\d+)?\s*%$"}


class Written(ABC):
    """A value that is written as text: validated by `parse`, serialised as written."""

    @classmethod
    @abstractmethod
    def parse(cls, value: Any) -> Self:
        """
        Read it.

        Raises:
            ValueError: If it is of another form.
        """

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Validated by `parse`, serialised as written."""
        return core_schema.no_info_plain_validator_function(
            cls.parse, serialization=core_schema.to_string_ser_schema()
        )


@dataclass(frozen=True)
class Share(Written):
    """A part of a whole, written `12%`; exact, because budgets are counted in items."""

    fraction: Decimal

    @classmethod
    def parse(cls, value: Any) -> Share:
        """
        Read `12%`.

        Raises:
            ValueError: If it is not a percentage from 0% to 100%.
        """
        if isinstance(value, Share):
            return value
        text = str(value).strip()
        match = _PERCENT.fullmatch(text)
        if match is None:
            raise ValueError(f"'{text}' is not a share. Write {_as_percent(text)}.")
        fraction = Decimal(match[1]) / 100
        if fraction > 1:
            raise ValueError(f"'{text}' is more than the whole. A share goes from 0% to 100%.")
        return cls(fraction)

    def of(self, count: int) -> int:
        """That share of so many items, rounded down."""
        return floor(self.fraction * count)

    def __float__(self) -> float:
        return float(self.fraction)

    def __str__(self) -> str:
        return f"{(self.fraction * 100).normalize():f}%"

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """A string that ends in a percent sign."""
        return dict(_PERCENT_SCHEMA)


@dataclass(frozen=True)
class Amount(Written):
    """How many items: a share of them (`12%`) or a number (`12`)."""

    share: Share | None = None
    count: int | None = None

    @classmethod
    def parse(cls, value: Any) -> Amount:
        """
        Read `12%` or `12`.

        Raises:
            ValueError: If it is neither; a fraction is told apart from a count.
        """
        if isinstance(value, Amount):
            return value
        text = str(value).strip()
        if text.endswith("%"):
            return cls(share=Share.parse(text))
        if _COUNT.fullmatch(text):
            return cls(count=int(text))
        raise ValueError(
            f"'{text}' is neither a share nor a number of items. Write {_as_percent(text)}, or a whole number."
        )

    def of(self, count: int) -> int:
        """The number of items out of so many: at least 1 for a share above 0, at most all."""
        if self.share is not None:
            return min(count, max(1, self.share.of(count))) if self.share.fraction else 0
        return min(count, self.count or 0)

    def __str__(self) -> str:
        return str(self.count) if self.share is None else str(self.share)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """A percentage, or a whole number of items."""
        return {"anyOf": [dict(_PERCENT_SCHEMA), {"type": "integer", "minimum": 0}]}


def _as_percent(text: str) -> str:
    try:
        number = Decimal(text)
    except ArithmeticError:
        number = Decimal("NaN")
    if not number.is_finite():
        return "a percentage such as 12%"
    if 0 < number < 1:
        return f"{(number * 100).normalize():f}% if a share is meant"
    return f"{text}%" if 0 <= number <= 100 else "a percentage such as 12%"


def _amount_or_auto(value: Any) -> Any:
    text = str(value).strip()
    if text.isalpha() and text != "auto":
        raise ValueError(f"'{text}' is neither an amount nor auto. Write 12%, a whole number, or auto.")
    return text if text == "auto" else Amount.parse(value)


Reviews = Annotated[Amount | Literal["auto"], BeforeValidator(_amount_or_auto)]
"""How many items people review; `auto` where a target decides."""


_MOST_CALLS = 1024


def _calls_or_auto(value: Any) -> Any:
    text = str(value).strip()
    if text == "auto":
        return text
    match = _WHOLE.fullmatch(text)
    if match is not None and 1 <= int(match[1]) <= _MOST_CALLS:
        return int(match[1])
    raise ValueError(
        f"'{text}' is no number of calls. Write a whole number from 1 to {_MOST_CALLS}, or auto."
    )


Concurrency = Annotated[
    int | Literal["auto"],
    BeforeValidator(_calls_or_auto),
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 1, "maximum": _MOST_CALLS}, {"const": "auto"}]}),
]
"""How many calls are in flight; `auto` where the client finds it out."""


def _accuracy(value: Any) -> float:
    """
    Read `0.95` or `95%`: as a fraction either way.

    Raises:
        ValueError: If it is neither, or not between 0 and 1.
    """
    text = str(value).strip()
    try:
        fraction = Share.parse(text).fraction if text.endswith("%") else Decimal(text)
    except ArithmeticError:
        fraction = Decimal(0)
    if not fraction.is_finite() or not 0 < fraction < 1:
        raise ValueError(f"'{text}' is not an accuracy between 0 and 1. Write it as 0.95 or 95%.")
    return float(fraction)


Accuracy = Annotated[
    float,
    BeforeValidator(_accuracy),
    WithJsonSchema(
        {"anyOf": [_PERCENT_SCHEMA, {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}]}
    ),
]
"""A share of right labels, in (0, 1); written 0.95 or 95%."""
