"""The largest weight of a review: a number, or `auto`, which is chosen here from the reviews."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from pydantic import BeforeValidator, Field, WithJsonSchema

from act_spec.losses.objective import Examples, Floats

AUTO = "auto"


def _auto(value: Any) -> Any:
    return None if isinstance(value, str) and value.strip() == AUTO else value


MaxWeight = Annotated[
    Annotated[float, Field(ge=1, allow_inf_nan=False)] | None,
    BeforeValidator(_auto),
    WithJsonSchema({"anyOf": [{"type": "number", "minimum": 1}, {"const": AUTO}]}),
]
"""At least 1; `auto` is None."""

Power = Annotated[
    Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] | None,
    BeforeValidator(_auto),
    WithJsonSchema({"anyOf": [{"type": "number", "minimum": 0, "maximum": 1}, {"const": AUTO}]}),
]
"""In [0, 1]; `auto` is None."""


def clip(examples: Examples, max_weight: float | None) -> Floats:
    """
    The weights that enter a loss, shape (n,).

    Raises:
        ValueError: If an inclusion probability is missing.
    """
    weights = examples.weights()
    limit = best_max_weight(examples) if max_weight is None else max_weight
    return np.minimum(weights, limit)


def best_max_weight(examples: Examples) -> float:
    """
    The largest weight with the least estimated squared error of the share of wrong labels.

    A weight above m becomes m. Over the corrected items, each of which stands
    for w of its like, that leaves out Σ(w - m) of the errors (the bias) and
    has the variance Σ m²(w - 1)/w instead of Σ w(w - 1). The candidates are
    1 and the corrected items' own weights. Definition and estimate are ours.

    Raises:
        ValueError: If an inclusion probability is missing.
    """
    weights = examples.weights()[examples.corrected()]
    weights = np.sort(weights[weights > 0])
    if not weights.size:
        return 1.0
    candidates = np.unique(np.concatenate([[1.0], weights[weights >= 1]]))
    errors = [_squared_error(weights, limit) for limit in candidates]
    return float(candidates[int(np.argmin(errors))])


def _squared_error(weights: Floats, limit: float) -> float:
    clipped = np.minimum(weights, limit)
    bias = float((weights - clipped).sum())
    # Each corrected item weighs w once more: it stands for the unreviewed ones like it.
    variance = float((weights * clipped**2 * np.maximum(weights - 1, 0) / weights**2).sum())
    return bias**2 + variance
