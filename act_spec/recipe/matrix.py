"""The recipe's `matrix`: one recipe run in several settings, each several times."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from act_spec.recipe.section import Section
from act_spec.tasks.kind import fault

SEED = "seed"
"""What can be varied besides parameters."""
CASE = "case"
"""What a setting calls its case."""


class Matrix(Section):
    """Which settings are run, and how often."""

    cases: dict[str, dict[str, Any]] = Field(
        default_factory=dict,
        description="Name to a piece of a recipe that is laid over this one, as a recipe is over its base; each is a setting.",
    )
    vary: dict[str, tuple[Any, ...]] = Field(
        default_factory=dict,
        description="Parameter to its values; every combination, with every case, is a setting.",
    )
    repeat: dict[str, int] = Field(
        default_factory=dict,
        description="Parameter, or seed, to a number n: each setting is run with 1 to n, and averaged.",
    )
    cap: Literal["whole", "each"] = Field(
        "whole", description="Whether budget.spend_usd is for all runs together, or for each."
    )

    @field_validator("vary")
    @classmethod
    def _values(cls, vary: dict[str, tuple[Any, ...]]) -> dict[str, tuple[Any, ...]]:
        for name, values in vary.items():
            if not values:
                raise fault("there are no values.", name, hint="Write [first, second].")
            for index, value in enumerate(values):
                if value in values[:index]:
                    raise fault(f"'{value}' stands twice.", name, index, hint="Keep one of them.")
        return vary

    @field_validator("repeat")
    @classmethod
    def _numbers(cls, repeat: dict[str, int]) -> dict[str, int]:
        for name, number in repeat.items():
            if not 1 <= number <= 10_000:
                raise fault(f"{number} is no number of repeats.", name, hint="Write 2 to 10000.")
        return repeat

    @model_validator(mode="after")
    def _some(self) -> Matrix:
        if self.cases and CASE in {**self.vary, **self.repeat}:
            raise fault(f"'{CASE}' names the cases.", hint="Give the parameter another name.")
        if not self.vary and not self.repeat and not self.cases:
            raise fault("nothing is varied or repeated.", hint="Write vary: {share: [5%, 10%]}.", lack=True)
        both = [name for name in self.vary if name in self.repeat]
        if both:
            raise fault(f"'{both[0]}' is varied as well.", "repeat", both[0], hint="Keep one of them.")
        return self
