"""Tests inside a recipe: what is to come out of it, of an item or of a figure."""

from __future__ import annotations

import json
from typing import Any

from pydantic import Field, model_validator

from act_spec.recipe.section import Section
from act_spec.tasks.kind import fault

OF_AN_ITEM = ("machine_label", "final_label", "sent_to_review")
OF_A_FIGURE = ("at_least", "at_most", "equals")


class Expectation(Section):
    """One thing that is to hold: `{item: …, machine_label: …}` or `{metric: …, at_least: …}`."""

    item: str | None = Field(None, min_length=1, description="Id of an item.")
    machine_label: Any = Field(None, description="What the annotator gives it; several labels as a list.")
    final_label: Any = Field(None, description="What is delivered for it.")
    sent_to_review: bool | None = Field(None, description="Whether it is drawn for people.")
    metric: str | None = Field(None, min_length=1, description="Name of a figure, as in the table metrics.")
    at_least: float | None = Field(None, description="Smallest value that will do.")
    at_most: float | None = Field(None, description="Largest value that will do.")
    equals: float | None = Field(None, description="The value.")
    within: float | None = Field(None, ge=0, description="With equals: how far off is still equal.")

    @model_validator(mode="after")
    def _one_thing(self) -> Expectation:
        if (self.item is None) == (self.metric is None):
            raise fault(
                "an expectation is about one item or one figure.",
                hint="Write {item: ID, machine_label: …} or {metric: NAME, at_least: …}.",
                lack=self.item is None,
            )
        fitting, other = (OF_AN_ITEM, OF_A_FIGURE) if self.item is not None else (OF_A_FIGURE, OF_AN_ITEM)
        about = "an item" if self.item is not None else "a figure"
        for key in (*other, *(("within",) if self.item is not None else ())):
            if getattr(self, key) is not None:
                raise fault(
                    f"'{key}' says nothing of {about}.", key, hint=f"Of {about}: {', '.join(fitting)}."
                )
        if all(getattr(self, key) is None for key in fitting):
            raise fault(f"nothing is expected of {about}.", hint=f"Write one of {', '.join(fitting)}.")
        if self.within is not None and self.equals is None:
            raise fault(
                "'within' goes with 'equals'.", "within", hint="Use at_least and at_most for a range."
            )
        return self


def expected_label(task: Any, value: Any) -> str:
    """
    A label as a recipe writes it, in canonical text: a name, or a list of names.

    Raises:
        ValueError: If it is no answer to this task.
    """
    if isinstance(value, str):
        return str(task.read(value))
    try:
        return str(task.parse(value))
    except ValueError:
        return str(task.read(json.dumps(value, ensure_ascii=False)))
