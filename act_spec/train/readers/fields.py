"""How items become rows of numbers: each shown field as what it is, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_array, hstack
from torch import Tensor, nn

from act_spec.content.fields import Shown
from act_spec.recipe.schema import Reading
from act_spec.train.readers.columns import Category, Number, looks_like
from act_spec.train.readers.ngrams import Words
from act_spec.train.readers.pictures import Pixels
from act_spec.train.readers.reader import Content
from act_spec.train.rows import DenseRows, Rows, SparseRows

Column = Words | Number | Category | Pixels
_TEXT = {"text", "conversation"}


@dataclass(frozen=True, eq=False)
class FieldsReader:
    """
    Reads each field as words, number, category or pixels.

    Attributes:
        columns: In the order of the recipe; each may be many columns of numbers.
    """

    columns: tuple[Column, ...]

    @classmethod
    def learn(
        cls, show: Mapping[str, Shown], contents: Sequence[Content], chosen: Mapping[str, Reading]
    ) -> FieldsReader:
        """
        Find out what the fields hold.

        Args:
            show: Shown fields with their modality.
            contents: Of the items.
            chosen: How the recipe wants fields to be read.

        Raises:
            ValueError: If a field cannot be read as chosen.
        """
        readings = {name: _reading(name, field, show, contents, chosen) for name, field in show.items()}
        columns = tuple(
            _column(name, reading, contents) for name, reading in readings.items() if reading != "none"
        )
        if not columns:
            raise ValueError("train.features: nothing is left to read.")
        return cls(columns)

    def rows(self, contents: Sequence[Content]) -> Rows:
        """Sparse where there are words, else dense."""
        made = [one.columns([content.get(one.name) for content in contents]) for one in self.columns]
        if not any(isinstance(one, Words) for one in self.columns):
            return DenseRows(np.concatenate(made, axis=1))
        if len(made) == 1:
            return SparseRows(made[0])
        return SparseRows(csr_array(hstack([csr_array(one) for one in made], format="csr")))

    def tensors(self) -> dict[str, Tensor]:
        """What the fields of words know."""
        return {
            f"{place}.{key}": value
            for place, one in enumerate(self.columns)
            if isinstance(one, Words)
            for key, value in one.tensors().items()
        }

    def described(self) -> dict[str, Any]:
        """The fields, and what scales them."""
        return {"columns": [_described(one) for one in self.columns]}

    @classmethod
    def restored(cls, described: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> FieldsReader:
        """
        The reader that was described so.

        Raises:
            KeyError: If something is missing.
        """
        return cls(tuple(_restored(one, tensors, place) for place, one in enumerate(described["columns"])))

    def write(self, folder: Path, module: nn.Module) -> None:
        """There is nothing to write."""

    def told(self) -> str:
        """`body as words; age as number; sector as one of 8`."""
        return "; ".join(f"{one.name} as {one.told()}" for one in self.columns)


def _reading(
    name: str,
    field: Shown,
    show: Mapping[str, Shown],
    contents: Sequence[Content],
    chosen: Mapping[str, Reading],
) -> Reading:
    if field.type == "image":
        if chosen.get(name, "pixels") not in {"pixels", "none"}:
            raise ValueError(f"train.features.{name}: it is an image. Read it as pixels, or as none.")
        return chosen.get(name, "pixels")
    if field.type not in _TEXT:
        if chosen.get(name) == "none":
            return "none"
        raise ValueError(
            f"train.features.{name}: nothing learns from {field.type} here. Write {name}: none to leave it out."
        )
    if chosen.get(name) == "pixels":
        raise ValueError(f"train.features.{name}: it is {field.type}, which has no pixels.")
    return chosen.get(name) or looks_like([one.get(name) for one in contents], alone=len(show) == 1)


def _column(name: str, reading: Reading, contents: Sequence[Content]) -> Column:
    if reading == "pixels":
        return Pixels(name)
    values = [one.get(name) for one in contents]
    makers: dict[str, Any] = {"text": Words, "number": Number, "category": Category}
    made: Column = makers[reading].of(name, values)
    return made


def _described(one: Column) -> dict[str, Any]:
    if isinstance(one, Words):
        return {"name": one.name, "as": "text"}
    if isinstance(one, Number):
        return {"name": one.name, "as": "number", "mean": one.mean, "spread": one.spread}
    if isinstance(one, Category):
        return {"name": one.name, "as": "category", "values": list(one.values)}
    return {"name": one.name, "as": "pixels", "side": one.side}


def _restored(one: Mapping[str, Any], tensors: Mapping[str, Tensor], place: int) -> Column:
    name = str(one["name"])
    if one["as"] == "text":
        return Words.restored(name, tensors[f"{place}.buckets"], tensors[f"{place}.telling"])
    if one["as"] == "number":
        return Number(name, float(one["mean"]), float(one["spread"]))
    if one["as"] == "category":
        return Category(name, tuple(map(str, one["values"])))
    return Pixels(name, int(one["side"]))
