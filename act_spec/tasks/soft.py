"""How people divide over labels: a share for each."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from math import fsum, isfinite
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from act_spec.records import Labelled, Metric, TargetForm, canonical_json
from act_spec.registry import register
from act_spec.tasks.kind import LabelledTask, fault
from act_spec.tasks.parts.shares import share_figures

_DIGITS = 6
_OFF = 0.05
"""Shares that miss a sum of 1 by no more were rounded, and are scaled."""


@register("task", "soft.v1")
class Soft(LabelledTask):
    """
    The shares of people who would give each label; a label is the JSON object of these shares.

    Distance is total variation: half the sum of absolute differences. Two
    distributions are the same answer if it is within the tolerance. Votes
    settle on their mean, so that samples of single labels make a
    distribution.
    """

    kind: str = "soft"
    expression: Literal["stated", "sampled"] = Field(
        "stated",
        description="Whether a model states the shares, or gives one label at a time to a strategy that asks several times.",
    )
    tolerance: float = Field(
        0.1, ge=0, lt=1, description="Total variation up to which two distributions are the same answer."
    )

    subsets: str | None = Field(
        None,
        description="Column that divides the items, such as into random and disputed ones, never shown: figures for each part.",
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        if len(self.labels) < 2:
            raise fault("a distribution needs at least two labels.", "labels")
        return self

    @property
    def columns(self) -> Mapping[str, str]:
        """What divides the items."""
        return {} if self.subsets is None else {self.subsets: "subsets"}

    @property
    def exact(self) -> bool:
        """Unless there is no tolerance."""
        return not self.tolerance

    def answer_schema(self) -> Mapping[str, Any]:
        """A share for each label; or one label, where shares are sampled."""
        if self.expression == "sampled":
            return {"type": "string", "enum": list(self.labels)}
        shares = {name: {"type": "number", "minimum": 0, "maximum": 1} for name in self.labels}
        return {
            "type": "object",
            "properties": shares,
            "required": list(shares),
            "additionalProperties": False,
        }

    def answer_instruction(self) -> str:
        """One sentence on the form of an answer."""
        if self.expression == "sampled":
            return "Answer as one person would, with exactly one label, spelt as in the list."
        return "Say for each label which share of people would choose it, from 0 to 1; the shares sum to 1."

    def guidance(self) -> tuple[str, ...]:
        """How a cell is filled in."""
        first, second = list(self.labels)[:2]
        return (
            f"In a worklist write `{first}: 70%; {second}: 30%`; labels that you leave out have no share. One label alone has all.",
        )

    def parse(self, value: Any) -> str:
        """
        A reply's shares, or its single label; see `records.Task`.

        Percentages, and shares that sum to 1 but for rounding, are scaled. Of
        two labels, a number is the share of the first.
        """
        if isinstance(value, str):
            return self.read(value)
        if isinstance(value, int | float) and not isinstance(value, bool) and len(self.labels) == 2:
            first, second = self.labels
            return self._canonical({first: float(value), second: 1 - float(value)})
        if not isinstance(value, Mapping):
            raise ValueError(f"'{value}' is not a share for each label: {', '.join(self.labels)}.")  # noqa: TRY004 - what callers catch
        return self._canonical({self.known(str(name)): _share(share) for name, share in value.items()})

    def read(self, text: str) -> str:
        """A person's shares: `a: 70%; b: 30%`, one label, JSON, or of two labels the first one's share."""
        cell = text.strip()
        if cell.startswith("{"):
            try:
                return self.parse(json.loads(cell))
            except json.JSONDecodeError as error:
                raise ValueError(f"'{cell[:80]}' begins like a JSON object but is none.") from error
        if re.fullmatch(r"[\d.,]+\s*%?", cell) and len(self.labels) == 2:
            return self.parse(_share(cell))
        if ":" not in cell:
            return self._canonical({self.known(cell): 1.0})
        parts = [part.rpartition(":") for part in re.split(r"[;\n]", cell) if part.strip()]
        return self._canonical({self.known(name): _share(share) for name, _, share in parts})

    def renamed(self, label: str, names: Mapping[str, str]) -> str:
        """The shares of the labels under their other names; canonical before and after."""
        return self._canonical({names.get(name, name): share for name, share in json.loads(label).items()})

    def show(self, label: str) -> str:
        """`a: 0.7; b: 0.3`, without labels that nobody chooses."""
        return "; ".join(f"{name}: {share:g}" for name, share in self._shares(label).items() if share)

    def distance(self, label: str, other: str) -> float:
        """Total variation."""
        one, two = self._shares(label), self._shares(other)
        return min(1.0, fsum(abs(one[name] - two[name]) for name in self.labels) / 2)

    def same(self, label: str, other: str) -> bool:
        """Total variation within the tolerance."""
        return self.distance(label, other) <= self.tolerance + 1e-9

    def settle(self, votes: Sequence[str]) -> str:
        """The mean of the distributions."""
        listed = [self._shares(vote) for vote in votes]
        return self._canonical(
            {name: fsum(one[name] for one in listed) / len(listed) for name in self.labels}
        )

    def units(self, label: str) -> frozenset[str]:
        """The labels that have a share."""
        return frozenset(name for name, share in self._shares(label).items() if share)

    def example(self) -> str:
        """Equal shares."""
        return self._canonical(dict.fromkeys(self.labels, 1 / len(self.labels)))

    def figures(self, rows: Iterable[Labelled]) -> Iterator[Metric]:
        """How far distributions are from the known ones, and whether they tell where people disagree."""
        listed = list(rows)
        yield from self._figures(listed)
        if self.subsets is None:
            return
        for subset in sorted({row.columns.get(self.subsets) or "" for row in listed}):
            own = [row for row in listed if (row.columns.get(self.subsets) or "") == subset]
            for one in self._figures(own):
                yield replace(one, name=f"{one.name}:{subset}")

    def _figures(self, rows: Sequence[Labelled]) -> Iterator[Metric]:
        return share_figures(rows, lambda label: list(self._shares(label).values()), list(self.labels))

    def target_form(self) -> TargetForm:
        """The distribution itself."""

        def encode(label: str) -> list[float]:
            shares = list(self._shares(label).values())
            return [share / fsum(shares) for share in shares]

        def decode(belief: Sequence[float]) -> str:
            total = fsum(belief) or 1.0
            return self._canonical({name: one / total for name, one in zip(self.labels, belief, strict=True)})

        return TargetForm("classes", tuple(self.labels), encode, decode)

    def _shares(self, label: str) -> dict[str, float]:
        value = json.loads(label)
        return {name: float(value[name]) for name in self.labels}

    def _canonical(self, shares: Mapping[str, float]) -> str:
        total = fsum(shares.values())
        if any(not share >= 0 for share in shares.values()):
            raise ValueError("a share is at least 0.")
        scale = 100.0 if abs(total - 100) <= 100 * _OFF else 1.0
        if abs(total / scale - 1) > _OFF:
            raise ValueError(f"the shares sum to {total:g}, and not to 1.")
        rounding = len(self.labels) * 10**-_DIGITS / 2
        if abs(total - 1) <= rounding * 1.001:  # what is canonical already stays as it is
            total = 1.0
        made = {name: round(shares.get(name, 0.0) / total, _DIGITS) for name in self.labels}
        return canonical_json({name: int(one) if one.is_integer() else one for name, one in made.items()})


def _share(value: Any) -> float:
    text = str(value).strip()
    number = text.removesuffix("%").strip().replace(",", ".")
    try:
        share = float(number) / (100 if text.endswith("%") else 1)
    except ValueError:
        share = float("nan")
    if isinstance(value, bool) or not isfinite(share):
        raise ValueError(f"'{text[:80]}' is not a share.")
    return share
