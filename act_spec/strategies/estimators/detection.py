"""How well suspicion finds errors, where the truth is known: from `auroc` to gain curves."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def auroc(error_probability: NDArray[np.float64], wrong: NDArray[np.bool_]) -> float:
    """
    Chance that a wrong item looks more suspicious than a right one; a tie counts half.

    Args:
        error_probability: Shape (n,), without missing values.
        wrong: Shape (n,), where the machine label is not the reference.

    Raises:
        ValueError: If there is no error, or nothing but errors.

    Source: Mann & Whitney (1947), by average ranks.
    """
    _want_both(wrong)
    _, group, sizes = np.unique(error_probability, return_inverse=True, return_counts=True)
    rank = (np.cumsum(sizes) - (sizes - 1) / 2)[group]
    errors = int(wrong.sum())
    above = float(rank[wrong].sum()) - errors * (errors + 1) / 2
    return above / (errors * (wrong.size - errors))


def gain(reviewed: NDArray[np.bool_] | NDArray[np.float64], wrong: NDArray[np.bool_]) -> float:
    """
    Share of the errors that review reaches: |S and E| / |E|.

    Equals (accuracy after - before) / (1 - accuracy before) if reviewers are
    right. The definition is ours.

    Args:
        reviewed: Shape (n,): which items were reviewed, or with what
            probability; with probabilities it is the expected gain.
        wrong: Shape (n,), where the machine label is not the reference.

    Raises:
        ValueError: If there is no error to find.
    """
    if not wrong.any():
        raise ValueError("there is no error to find.")
    return float(reviewed[wrong].sum() / wrong.sum())


def gain_curve(
    error_probability: NDArray[np.float64], wrong: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """
    The gain of reviewing the most suspicious first, over all budgets.

    Args:
        error_probability: Shape (n,), without missing values.
        wrong: Shape (n,), where the machine label is not the reference.

    Returns:
        Shares of the items reviewed and gains, both from 0 to 1, one point
        after each group of tied items. Straight lines join them, since tied
        items share a budget.

    Raises:
        ValueError: If there is no error to find.
    """
    if not wrong.any():
        raise ValueError("there is no error to find.")
    _, group, sizes = np.unique(-error_probability, return_inverse=True, return_counts=True)
    errors = np.bincount(group, weights=wrong)
    reviewed = np.concatenate(([0], np.cumsum(sizes))) / wrong.size
    return reviewed, np.concatenate(([0.0], np.cumsum(errors))) / wrong.sum()


def norm_area(error_probability: NDArray[np.float64], wrong: NDArray[np.bool_]) -> float:
    """
    Area under the gain curve, scaled: 0 is random review, 1 a perfect judge, below 0 worse than random.

    With e the share of errors, (area - 1/2) / ((1 - e) / 2), which is always
    2 * auroc - 1. The definition is ours.

    Raises:
        ValueError: If there is no error, or nothing but errors.
    """
    _want_both(wrong)
    reviewed, gains = gain_curve(error_probability, wrong)
    area = float(np.sum(np.diff(reviewed) * (gains[1:] + gains[:-1])) / 2)
    return (area - 0.5) / ((1 - float(wrong.mean())) / 2)


def gain_at_error_rate(error_probability: NDArray[np.float64], wrong: NDArray[np.bool_]) -> float:
    """
    The gain with exactly as many reviews as there are errors: 1 for a perfect judge.

    Raises:
        ValueError: If there is no error to find.
    """
    return float(np.interp(float(wrong.mean()), *gain_curve(error_probability, wrong)))


def _want_both(wrong: NDArray[np.bool_]) -> None:
    if not wrong.any() or wrong.all():
        raise ValueError("it takes both wrong and right machine labels, and all are of one kind.")
