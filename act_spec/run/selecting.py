"""The beginning of a round: which open items people and the model label next."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from act_spec.content.fields import plain_fields
from act_spec.errors import Problem, RecipeError
from act_spec.plan.model import Plan
from act_spec.plan.rounds import RoundsPlan
from act_spec.records import Item
from act_spec.run.learning import Learning
from act_spec.run.stage import Engine, StageReport
from act_spec.run.trials import right_answers
from act_spec.store import allocations, selections
from act_spec.store.database import Store
from act_spec.store.times import utc_now
from act_spec.strategies import sampling
from act_spec.strategies.estimators.rounds import round_shares
from act_spec.strategies.selecting import Ints, OpenItems, Wanted, held_out

_MODEL_STREAM = 1 << 22
"""Random orders of what is left for the model, apart from those of rounds."""


def select(
    plan: Plan, rounds: RoundsPlan, store: Store, engine: Engine, learning: Learning, number: int
) -> StageReport:
    """
    Choose a round's items, once.

    Raises:
        RecipeError: If the selector cannot work on these items.
    """
    if len(allocations.rounds(store)) >= number:
        return StageReport("select")
    items = selections.open_items(store)
    kept = np.zeros(len(items.item_ids), dtype=bool)
    if rounds.parts:
        kept = held_out(items.groups, plan.seed, rounds.parts)
    places = np.flatnonzero(~kept & ~np.array(items.chosen, dtype=bool))
    student = learning.student(number - 1)
    trials = None
    if rounds.entry.traits.get("trials"):
        trials = right_answers(
            plan, rounds, store, engine, [items.item_ids[place] for place in places.tolist()]
        )
    shown = [
        plain_fields(Item(items.item_ids[place], items.contents[place]), plan.data.show)
        for place in places.tolist()
    ]
    open_ = OpenItems(
        texts=["\n".join(str(value) for value in one.values()) for one in shown],
        seed=plan.seed,
        round_number=number,
        beliefs=None if student is None else student.parts(places.tolist()),
        trials=trials,
    )
    wanted = _wanted(rounds, number, len(open_))
    try:
        order = rounds.entry.build(open_, wanted, **rounds.parameters)
    except ValueError as error:
        raise RecipeError([Problem(str(plan.recipe_path), 0, 0, "rounds.select", str(error))]) from error
    people, probability, reason = _people(plan, rounds, open_, wanted, order)
    model = _model(open_, rounds, wanted, order, people)
    expected = [None] * len(items.item_ids) if student is None else student.expected
    chosen = {
        source: [(items.item_ids[place], expected[place]) for place in places[its].tolist()]
        for source, its in ((selections.PEOPLE, np.flatnonzero(people)), (selections.MODEL, model))
    }
    selections.write_selection(store, rounds.key, number, chosen)
    _write_draw(plan, rounds, store, (number, places + 1, probability, people, reason))
    return StageReport("select", settled=sum(map(len, chosen.values())))


def _wanted(rounds: RoundsPlan, number: int, open_items: int) -> Wanted:
    """The round's batches, as far as there are items left; people come first."""
    people = min(rounds.people[number - 1], open_items)
    return Wanted(people, min(rounds.model[number - 1], open_items - people))


def _people(
    plan: Plan, rounds: RoundsPlan, open_: OpenItems, wanted: Wanted, order: Ints
) -> tuple[NDArray[np.bool_], NDArray[np.float64], NDArray[np.object_]]:
    """Who goes to people: drawn alike, or the selector's first with an audit of the others; with probabilities and reasons."""
    count = len(open_)
    if rounds.drawn:
        budget, audit = wanted.people, 0
        rule = partial(_alike, count)
    else:
        budget = min(wanted.people, count) if len(order) >= wanted.people else len(order)
        audit = sampling.audit_size(budget, plan.spending.audit_share)
        rule = partial(_certain, count, order)
    design = sampling.design(np.zeros(count), budget, audit, rule)
    selected = sampling.draw(design, plan.seed, round_number=open_.round_number)
    reason = np.full(count, None, dtype=np.object_)
    by_selector = design.rule_probability == 1
    reason[selected] = np.where(by_selector & (not rounds.drawn), "rule", "audit")[selected]
    return selected, design.inclusion_probability, reason


def _alike(count: int, _: NDArray[np.float64], budget: int) -> NDArray[np.float64]:
    return np.full(count, budget / count if count else 0.0)


def _certain(count: int, order: Ints, _: NDArray[np.float64], budget: int) -> NDArray[np.float64]:
    made = np.zeros(count)
    made[order[:budget]] = 1.0
    return made


def _model(
    open_: OpenItems, rounds: RoundsPlan, wanted: Wanted, order: Ints, people: NDArray[np.bool_]
) -> Ints:
    """What the model labels: the selector's next, or, of a draw, a random part of what is left."""
    if rounds.drawn:
        order = sampling.seeded_order(
            len(open_), open_.seed, round_number=_MODEL_STREAM + open_.round_number
        ).astype(np.int64)
    return order[~people[order]][: wanted.model]


def _write_draw(
    plan: Plan,
    rounds: RoundsPlan,
    store: Store,
    drawn: tuple[int, Ints, NDArray[np.float64], NDArray[np.bool_], NDArray[np.object_]],
) -> None:
    number, places, probability, selected, reason = drawn
    worklist = np.full(len(selected), -1, dtype=np.int64)
    worklist[selected] = np.argsort(
        sampling.seeded_order(int(selected.sum()), plan.seed, round_number=number)
    )
    sizes = [(population, size) for _, population, size in allocations.rounds(store)]
    sizes.append((len(places), int(selected.sum())))
    shares = round_shares(sizes) if any(size for _, size in sizes) else np.zeros(len(sizes))
    allocations.write_round(
        store,
        rounds.key,
        allocations.Round(number, rounds.selector, places, probability, selected, reason, worklist),
        [
            (place, *size, float(share))
            for place, (size, share) in enumerate(zip(sizes, shares, strict=True), 1)
        ],
        utc_now(),
    )
