"""What another opinion says of a label: the one place where the two are compared."""

from __future__ import annotations


def doubt(distance: float, confidence: float) -> float:
    """
    Error probability of a label by another opinion: d*c + (1 - d)*(1 - c).

    Agreement (d = 0) gives 1 - c, full disagreement (d = 1) gives c. Where
    the kind's distance is graded this is a score, not a probability.

    Args:
        distance: d, how far the other label is, in [0, 1].
        confidence: c, the other's confidence in its own label, in [0, 1].

    Source: ours.
    """
    return distance * confidence + (1 - distance) * (1 - confidence)
