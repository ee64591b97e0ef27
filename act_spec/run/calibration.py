"""
A judge's scores as probabilities, learnt from the reviews so far, where the recipe asks for it.

What decides the next round may use every review; what is measured uses
values that were fitted without the item itself.
"""

from __future__ import annotations

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
    columns = label_columns(store)
    score = columns["error_probability"]
    method = _method(plan)
    if method is None or not columns["reviewed"].any():
        return score
    if _is_mix(plan, method):
        return _mix(plan, store, columns).calibrated
    return calibration.calibrated(score, columns["corrected"].astype(float), _weights(columns), method=method)


def cross_fitted_scores(plan: Plan, store: Store, columns: dict[str, np.ndarray]) -> np.ndarray:
    """Every item's error probability for measuring; as the judge said it where nothing is calibrated."""
    score = columns["error_probability"]
    method = _method(plan)
    if method is None or not columns["reviewed"].any():
        return score
    if _is_mix(plan, method):
        return _mix(plan, store, columns).cross_fitted
    return calibration.cross_fitted(
        score,
        columns["corrected"].astype(float),
        _weights(columns),
        group_codes(store) if plan.data.query.group else None,
        seed=plan.seed,
        method=method,
    )


def _method(plan: Plan) -> calibration.Method | None:
    if plan.judge is None or plan.judge.calibrate == _NONE:
        return None
    return cast("calibration.Method", plan.judge.calibrate)


def _is_mix(plan: Plan, method: calibration.Method) -> bool:
    """Whether the reviews weigh the parts of a combined judge against one another."""
    return method == "logistic" and plan.judge is not None and plan.judge.strategy.startswith("combined.")


def _mix(plan: Plan, store: Store, columns: dict[str, np.ndarray]) -> FittedMix:
    return fitted_mix(
        part_scores(store),
        columns["corrected"].astype(float),
        _weights(columns),
        group_codes(store) if plan.data.query.group else None,
        seed=plan.seed,
    )


def _weights(columns: dict[str, np.ndarray]) -> np.ndarray:
    return np.where(columns["reviewed"], np.nan_to_num(columns["sampling_weight"]), 0.0)
