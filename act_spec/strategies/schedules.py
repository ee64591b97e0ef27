"""How many items each round labels: whole numbers that sum to the budget exactly."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise


def constant(total: int, rounds: int) -> tuple[int, ...]:
    """Equal batches; what does not divide goes to the first rounds, one each."""
    return decaying(total, rounds, Fraction(1))


def decaying(total: int, rounds: int, rate: Fraction) -> tuple[int, ...]:
    """
    Each batch the one before times `rate`, rounded by largest remainders, ties to earlier rounds.

    Args:
        total: Sum of the batches.
        rounds: How many.
        rate: In (0, 1].

    Returns:
        Batches that never grow.

    Source: that batches of human labels shrink, IMFL (arXiv:2310.20153); the geometric form is ours.
    """
    weights = [rate**number for number in range(rounds)]
    whole = sum(weights)
    exact = [total * weight / whole for weight in weights]
    sizes = [int(one) for one in exact]
    by_remainder = sorted(range(rounds), key=lambda number: (sizes[number] - exact[number], number))
    for number in by_remainder[: total - sum(sizes)]:
        sizes[number] += 1
    return tuple(sizes)


def quadratic(total: int, rounds: int) -> tuple[int, ...]:
    """
    Batches as 1, 3, 5, …, so that what is labelled grows with the square of the round.

    500 in ten rounds are 5, 15, …, 95. Where the square does not divide the
    total, the labels so far are rounded down.

    Source: the code of LLMaAA (arXiv:2310.19596); the rounding is ours.
    """
    so_far = [total * number * number // (rounds * rounds) for number in range(rounds + 1)]
    return tuple(after - before for before, after in pairwise(so_far))


def last(total: int, rounds: int) -> tuple[int, ...]:
    """All in the last round: what chooses has then learnt whatever it will."""
    return (*(0,) * (rounds - 1), total)


def listed(total: int, sizes: Sequence[int]) -> tuple[int, ...]:
    """
    Batches as written.

    Raises:
        ValueError: If they do not sum to the total.
    """
    if sum(sizes) != total:
        raise ValueError(f"the batches sum to {sum(sizes):,}, and {total:,} are to be labelled.")
    return tuple(sizes)
