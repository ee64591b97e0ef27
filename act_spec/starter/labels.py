"""Whether some names can be the labels of a recipe."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import ValidationError

from act_spec.starter.yaml_text import can_be_written
from act_spec.tasks.classification import Classification


def label_fault(names: Sequence[str]) -> str:
    """Why these cannot be the labels, one sentence; empty if they can."""
    odd = next((name for name in names if not can_be_written(name)), None)
    if odd is not None:
        return f"the label {odd!r} has a control character in it."
    if len(names) < 2:
        return "a classification needs at least two labels, such as first,second."
    try:
        Classification.model_validate({"question": "?", "labels": list(names)})
    except ValidationError as error:
        first = error.errors()[0]
        return str(first.get("ctx", {}).get("message", first["msg"]))
    return ""


def are_labels(values: Sequence[str], labels: Sequence[str]) -> bool:
    """Whether known answers are among the labels, as a recipe reads them: case does not matter."""
    known = {label.casefold() for label in labels}
    return all(value.strip().casefold() in known for value in values)
