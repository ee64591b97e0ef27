"""
A judge's scores as probabilities, learnt from the reviews so far, where the recipe asks for it.

What decides the next round may use every review; what is measured uses
values that were fitted without the item itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np

from act_spec.plan.model import Plan
from act_spec.store.database import Store
from act_spec.store.metrics import group_codes, label_columns, part_scores
from act_spec.strategies.estimators import calibration
from act_spec.strategies.estimators.mix import FittedMix, fitted_mix

_NONE = "none"


def calibrated_scores(plan: Plan, store: Store) -> np.ndarray:
    """Every item's error probability for deciding what is reviewed next, shape (n,), sorted by item id."""
    columns = label_columns(store, plan.task)
    known = _known(plan, store, columns)
    if known is None:
        return columns["error_probability"]
    if known.parts is not None:
        return known.mix(known.parts).calibrated
    return calibration.calibrated(known.score, known.wrong, known.weight, method=known.method)


def cross_fitted_scores(plan: Plan, store: Store, columns: dict[str, np.ndarray]) -> np.ndarray:
    """Every item's error probability for measuring; as the judge said it where nothing is calibrated."""
    known = _known(plan, store, columns)
    if known is None:
        return columns["error_probability"]
    if known.parts is not None:
        return known.mix(known.parts).cross_fitted
    return calibration.cross_fitted(
        known.score, known.wrong, known.weight, known.groups, seed=known.seed, method=known.method
    )


@dataclass(frozen=True)
class _Known:
    """What a calibration learns from; `parts` are a combined judge's, which reviews weigh against one another."""

    method: calibration.Method
    score: np.ndarray
    wrong: np.ndarray
    weight: np.ndarray
    groups: np.ndarray | None
    seed: int
    parts: np.ndarray | None

    def mix(self, parts: np.ndarray) -> FittedMix:
        """The parts as one judge."""
        return fitted_mix(parts, self.wrong, self.weight, self.groups, seed=self.seed)


def _known(plan: Plan, store: Store, columns: dict[str, np.ndarray]) -> _Known | None:
    """None where the recipe wants no calibration, or nothing is reviewed yet."""
    method = _method(plan)
    if method is None or plan.judge is None or not columns["reviewed"].any():
        return None
    is_mix = method == "logistic" and plan.judge.strategy.startswith("combined.")
    return _Known(
        method,
        columns["error_probability"],
        columns["corrected"].astype(float),
        np.where(columns["reviewed"], np.nan_to_num(columns["sampling_weight"]), 0.0),
        group_codes(store) if plan.data.query.group else None,
        plan.seed,
        part_scores(store) if is_mix else None,
    )


def _method(plan: Plan) -> calibration.Method | None:
    if plan.judge is None or plan.judge.calibrate == _NONE:
        return None
    return cast("calibration.Method", plan.judge.calibrate)
