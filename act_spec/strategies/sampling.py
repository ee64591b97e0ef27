"""
The one place that draws: from a rule's probabilities to the items that people see.

A rule says where reviews do most good; the audit adds a random part, so that
every item can be reached; the draw takes exactly `budget` items with exactly
the probabilities that are stored. Probabilities are held in units of 2**-40
and randomness comes from raw PCG64 bits, so equal seeds draw equal items on
every platform. Callers pass items sorted by id.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

UNIT_BITS = 40
"""A probability of 1 is 2**40 units: fine enough for any weight, and exact in a float."""

_ONE = 1 << UNIT_BITS
_SUMMABLE = 1 << 22
"""Probabilities of 1 whose units surely sum to less than 2**63."""
# One stream of bits a purpose, so that no two are correlated.
_DRAW, _REASON, _ORDER = range(3)

Rule = Callable[[NDArray[np.float64], int], NDArray[np.float64]]
"""An allocator with its parameters set: (error probabilities, budget) to probabilities."""


@dataclass(frozen=True, eq=False)
class Design:
    """
    How likely each item is sent to people, before anything is drawn.

    Attributes:
        units: Inclusion probabilities in units of 2**-40, shape (n,), int64,
            summing to budget * 2**40.
        inclusion_probability: The same as numbers in [0, 1], exactly. The
            probability to store: audit included.
        rule_probability: The rule's part alone, shape (n,).
        audit_rate: Chance that the audit gives an item which the rule left,
            in [0, 1]; no inclusion probability is smaller.
    """

    units: NDArray[np.int64]
    inclusion_probability: NDArray[np.float64]
    rule_probability: NDArray[np.float64]
    audit_rate: float


def audit_size(budget: int, share: float | Decimal) -> int:
    """
    How many of the reviews are drawn at random: the share, at least 1, fewer than all.

    Halves round to even. A budget of a single review has no audit: it goes
    where the rule sends it.
    """
    if share <= 0:
        return 0
    return max(0, min(max(1, round(share * budget)), budget - 1))


def mix_audit(rule_probability: NDArray[np.float64], budget: int, audit: int) -> NDArray[np.float64]:
    """
    Inclusion probabilities of the rule and a random audit of what it leaves, together.

    An item is missed only if both miss it: 1 - (1 - rule)(1 - f), where the
    audit reaches an item with f = audit / (n - (budget - audit)).

    Args:
        rule_probability: Shape (n,), in [0, 1], summing to budget - audit.
        budget: All reviews, 0 <= budget <= n.
        audit: Reviews among them that are drawn at random.

    Returns:
        Shape (n,), in [f, 1], summing to the budget.
    """
    rate = _audit_rate(rule_probability.size, budget, audit)
    if not audit:
        return rule_probability
    missed: NDArray[np.float64] = 1 - rule_probability
    missed *= 1 - rate
    return np.subtract(1, missed, out=missed)


def design(error_probability: NDArray[np.float64], budget: int, audit: int, rule: Rule) -> Design:
    """
    Where a budget goes: the rule's choice and the audit, as exact probabilities.

    A missing error probability counts as 1 for the rule, within the budget:
    failures that outnumber the reviews share them by probability, like any tie.

    Args:
        error_probability: Shape (n,), in [0, 1], NaN where missing.
        budget: Number of reviews, 0 <= budget <= n.
        audit: Reviews among them that are drawn at random, 0 <= audit <= budget.
        rule: Spends the other budget - audit.

    Raises:
        ValueError: If an error probability lies outside [0, 1], the numbers
            do not fit, or the rule cannot or does not spend what it is given.
    """
    suspicion = _suspicion(error_probability)
    if not 0 <= audit <= budget <= suspicion.size:
        raise ValueError(f"{budget} reviews with an audit of {audit} do not fit {suspicion.size} items.")
    rule_probability = rule(suspicion, budget - audit)
    units = quantise(
        mix_audit(rule_probability, budget, audit), budget, _least_units(suspicion.size, budget, audit)
    )
    rate = _audit_rate(suspicion.size, budget, audit)
    return Design(units, units / _ONE, rule_probability, rate)


def quantise(probability: NDArray[np.float64], budget: int, least: int = 0) -> NDArray[np.int64]:
    """
    Round probabilities to units of 2**-40 that sum to the budget exactly.

    Args:
        probability: Shape (n,), in [0, 1], summing to the budget but for rounding.
        budget: What the units must sum to, times 2**40.
        least: Fewest units of an item whose probability is above 0.

    Returns:
        Units, shape (n,), at least 1 where the probability is above 0, at most 2**40.

    Raises:
        ValueError: If the probabilities do not sum to the budget.
    """
    if not abs(float(probability.sum()) - budget) <= 1e-6 * max(1, budget):
        raise ValueError(f"the rule's probabilities sum to {probability.sum():.6g}, not to {budget}.")
    least, possible = max(1, least), probability > 0
    # Cutting off the fraction is rounding down: no probability is negative.
    units = (probability * _ONE).astype(np.int64)
    np.clip(units, least, _ONE, out=units, where=possible)
    while rest := (budget << UNIT_BITS) - _exact_sum(units):
        open_items = np.flatnonzero(possible & (units < _ONE) if rest > 0 else _giving(units, least))
        if not open_items.size:
            raise ValueError(f"{budget} reviews cannot be spread over items that the rule can reach.")
        each, more = divmod(abs(rest), open_items.size)
        if each == 0:
            # Nearly always: rounding lost less than a unit an item.
            units[open_items[:more]] += 1 if rest > 0 else -1
            continue
        room = _ONE - units[open_items] if rest > 0 else units[open_items] - least
        change = np.minimum(each + (np.arange(open_items.size) < more), room)
        units[open_items] += change if rest > 0 else -change
    return units


def _suspicion(error_probability: NDArray[np.float64]) -> NDArray[np.float64]:
    """
    The error probabilities with 1 for those that are missing.

    Raises:
        ValueError: If one lies outside [0, 1].
    """
    low, high = np.fmin.reduce(error_probability, initial=1.0), np.fmax.reduce(error_probability, initial=0.0)
    if not (low >= 0 and high <= 1):
        raise ValueError("error probabilities must lie between 0 and 1.")
    # A sum is missing if any part is, and makes no array.
    if not np.isnan(error_probability.sum()):
        return error_probability
    return np.where(np.isnan(error_probability), 1.0, error_probability)


def _giving(units: NDArray[np.int64], least: int) -> NDArray[np.bool_]:
    """Items that can give units up; a certain item gives only if no other can, and then one gives for all."""
    giving = (units > least) & (units < _ONE)
    if not giving.any() and units.size:
        giver = int(np.argmax(units))
        giving[giver] = units[giver] > least
    return giving


def draw(design: Design, seed: int, *, round_number: int = 0) -> NDArray[np.bool_]:
    """
    Draw exactly `budget` items, each with exactly its inclusion probability.

    Systematic sampling with unequal probabilities over a seeded shuffle.

    Args:
        design: Of items sorted by id.
        seed: The plan's seed.
        round_number: Rounds of one plan draw independently of one another.

    Returns:
        Which items are selected, shape (n,).

    Source: Madow (1949), On the Theory of Systematic Sampling, II.
    """
    bits = _raw_bits(design.units.size + 1, seed, _DRAW, round_number)
    # Sixteen bits sort by counting, in linear time; any order gives the same probabilities.
    order = np.argsort((bits[1:] >> np.uint64(48)).astype(np.uint16), kind="stable")
    return systematic(design.units, order, int(bits[0] >> np.uint64(64 - UNIT_BITS)))


def systematic(units: NDArray[np.int64], order: NDArray[np.intp], start: int) -> NDArray[np.bool_]:
    """
    Lay the items end to end in this order and take those that a step of 2**40 units falls on.

    Args:
        units: Shape (n,), 0 to 2**40 each, summing to a multiple of 2**40.
        order: A permutation of the items.
        start: Where the first step stands, 0 to 2**40 - 1.
    """
    # The running sum may pass 2**64; steps differ all the same, since 2**40 divides it.
    steps = units[order].view(np.uint64)
    np.cumsum(steps, out=steps)
    steps += np.uint64(start)
    steps >>= np.uint64(UNIT_BITS)
    taken = np.empty(units.size, dtype=np.bool_)
    taken[:1] = steps[:1] != 0
    np.not_equal(steps[1:], steps[:-1], out=taken[1:])
    selected = np.zeros(units.size, dtype=np.bool_)
    selected[order[taken]] = True
    return selected


def reasons(
    design: Design,
    selected: NDArray[np.bool_],
    missing: NDArray[np.bool_],
    seed: int,
    *,
    round_number: int = 0,
) -> NDArray[np.object_]:
    """
    Why each selected item was: `rule`, `audit`, or `failed` for one without error probability.

    Rule and audit are one draw; afterwards it is the rule's with probability
    rule / inclusion, else the audit's.

    Args:
        design: What was drawn from.
        selected: Shape (n,), from `draw`.
        missing: Shape (n,), where there is no error probability.
        seed: The plan's seed.
        round_number: As for `draw`.

    Returns:
        Shape (n,), None where not selected.
    """
    bits = _raw_bits(selected.size, seed, _REASON, round_number)
    lot = (bits >> np.uint64(11)) * 2.0**-53
    by_rule = lot * design.inclusion_probability < design.rule_probability
    result = np.full(selected.size, None, dtype=np.object_)
    result[selected] = np.where(by_rule | (design.audit_rate == 0), "rule", "audit")[selected]
    result[selected & missing] = "failed"
    return result


def seeded_order(count: int, seed: int, *, round_number: int = 0) -> NDArray[np.intp]:
    """
    A random order of items sorted by id, in which items are walked and worklists written.

    Independent of suspicion and of the draw: the first m of n returned answers
    are then a random part, each with its inclusion probability times m / n.
    """
    return np.argsort(_raw_bits(count, seed, _ORDER, round_number), kind="stable")


def _raw_bits(count: int, seed: int, purpose: int, round_number: int) -> NDArray[np.uint64]:
    sequence = np.random.SeedSequence(seed, spawn_key=(purpose, round_number))
    bits: NDArray[np.uint64] = np.random.PCG64(sequence).random_raw(count)
    return bits


def _audit_rate(count: int, budget: int, audit: int) -> float:
    return audit / (count - (budget - audit)) if audit else 0.0


def _least_units(count: int, budget: int, audit: int) -> int:
    """The audit rate rounded up, so that no item falls below it; down where all cannot be above it."""
    if not audit:
        return 0
    rounded_up = -((-audit << UNIT_BITS) // (count - (budget - audit)))
    return min(rounded_up, (budget << UNIT_BITS) // count)


def _exact_sum(units: NDArray[np.int64]) -> int:
    """The sum as a whole number of any size: int64 would overflow from 2**23 reviews on."""
    if not units.size:
        return 0
    return sum(np.add.reduceat(units, np.arange(0, units.size, _SUMMABLE)).tolist())
