"""How items become a model's input: each shown field as what it is, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy.sparse import csr_array, hstack
from torch import Tensor, nn

from act_spec.content.fields import Shown
from act_spec.content.text import Text
from act_spec.recipe.schema import Reading
from act_spec.train.readers.columns import Category, Number, looks_like
from act_spec.train.readers.ngrams import BETWEEN, Vocabulary
from act_spec.train.readers.pictures import Pixels
from act_spec.train.readers.reader import Content
from act_spec.train.rows import DenseRows, Rows, SparseRows

Column = Number | Category | Pixels
_TEXT = {"text", "conversation"}


@dataclass(frozen=True, eq=False)
class FieldsReader:
    """
    Reads each field as text, number or category.

    Attributes:
        texts: Fields that are joined to one text.
        vocabulary: Of that text; None where there is none.
        table: The other fields.
    """

    texts: tuple[str, ...]
    vocabulary: Vocabulary | None
    table: tuple[Column, ...]

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
        texts = tuple(name for name, reading in readings.items() if reading == "text")
        table = tuple(
            _column(name, reading, contents)
            for name, reading in readings.items()
            if reading not in {"text", "none"}
        )
        if not texts and not table:
            raise ValueError("train.features: nothing is left to read.")
        return cls(texts, Vocabulary.of(texts_of(texts, contents)) if texts else None, table)

    def rows(self, contents: Sequence[Content]) -> Rows:
        """Sparse where there is text, else dense; the text's columns come first."""
        columns = [one.columns([content.get(one.name) for content in contents]) for one in self.table]
        numbers = np.concatenate([np.empty((len(contents), 0), np.float32), *columns], axis=1)
        if self.vocabulary is None:
            return DenseRows(numbers)
        text = self.vocabulary.rows(texts_of(self.texts, contents))
        if not numbers.shape[1]:
            return text
        return SparseRows(csr_array(hstack([text.matrix, csr_array(numbers)], format="csr")))

    def tensors(self) -> dict[str, Tensor]:
        """The text's features."""
        if self.vocabulary is None:
            return {}
        return {
            "buckets": torch.from_numpy(self.vocabulary.buckets),
            "telling": torch.from_numpy(self.vocabulary.telling),
        }

    def described(self) -> dict[str, Any]:
        """The fields, and what scales them."""
        return {"texts": list(self.texts), "table": [_described(one) for one in self.table]}

    @classmethod
    def restored(cls, described: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> FieldsReader:
        """
        The reader that was described so.

        Raises:
            KeyError: If something is missing.
        """
        table = tuple(_restored(one) for one in described["table"])
        if not described["texts"]:
            return cls((), None, table)
        vocabulary = Vocabulary(tensors["buckets"].numpy(), tensors["telling"].numpy())
        return cls(tuple(described["texts"]), vocabulary, table)

    def write(self, folder: Path, module: nn.Module) -> None:
        """There is nothing to write."""

    def told(self) -> str:
        """`body as words; age as number; sector as one of 8`."""
        texts = [f"{', '.join(self.texts)} as words"] if self.texts else []
        return "; ".join([*texts, *(f"{one.name} as {one.told()}" for one in self.table)])


def texts_of(names: Sequence[str], contents: Sequence[Content], between: str = BETWEEN) -> list[str]:
    """Some fields of each item as one text."""
    text = Text()
    return [between.join(text.plain(name, content.get(name)) for name in names) for content in contents]


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
    values = [one.get(name) for one in contents]
    if reading == "number":
        return Number.of(name, values)
    return Category.of(name, values) if reading == "category" else Pixels(name)


def _described(one: Column) -> dict[str, Any]:
    if isinstance(one, Number):
        return {"name": one.name, "as": "number", "mean": one.mean, "spread": one.spread}
    if isinstance(one, Category):
        return {"name": one.name, "as": "category", "values": list(one.values)}
    return {"name": one.name, "as": "pixels", "side": one.side}


def _restored(one: Mapping[str, Any]) -> Column:
    if one["as"] == "number":
        return Number(str(one["name"]), float(one["mean"]), float(one["spread"]))
    if one["as"] == "category":
        return Category(str(one["name"]), tuple(map(str, one["values"])))
    return Pixels(str(one["name"]), int(one["side"]))
