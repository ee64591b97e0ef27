"""
Rounds: choose some items, have them labelled by people and by the model, learn, and choose the next.

    select ─▶ review (people) ─▶ annotate (model) ─▶ learn
      ▲                                                │
      └──────────────── the next round ────────────────┘

People come first, so that their labels can be examples for the model in the
same round. What a round has chosen stays chosen: the same command goes on in
the middle of a round after answers came in, or after an interruption.
"""

from __future__ import annotations

from collections.abc import Iterator

from act_spec.plan.examples import text_fields
from act_spec.plan.model import Plan
from act_spec.plan.rounds import RoundsPlan
from act_spec.records import Example, Item, Pool
from act_spec.run.annotate import annotate
from act_spec.run.drafting import draft
from act_spec.run.learning import Learning
from act_spec.run.review_round import review_and_settle
from act_spec.run.selecting import select
from act_spec.run.stage import Engine, Folder, StageReport
from act_spec.store import selections
from act_spec.store.database import Store
from act_spec.store.pending import Scope
from act_spec.strategies.nearest import ExamplePool


def walk_rounds(
    plan: Plan, rounds: RoundsPlan, store: Store, engine: Engine, folder: Folder | None
) -> Iterator[StageReport]:
    """Every round in order, until people are awaited or all is labelled."""
    learning = Learning(plan, rounds, store)
    for number in range(1, rounds.number + 1):
        yield select(plan, rounds, store, engine, learning, number)
        report = review_and_settle(plan, store, folder)
        if folder is not None:
            yield from draft(plan, store, engine, folder)
        yield report
        if report.waiting:
            return
        pool = _examples(rounds, store, number)
        yield annotate(plan, store, engine, Scope(chosen_in=number), pool)
        yield learning.learn(number)
    if folder is not None:
        # What people read then tells of the whole run, as it does where the same command is given again.
        yield review_and_settle(plan, store, folder)


def design_of(plan: Plan) -> str:
    """How reviews came about: `chosen` or `drawn` in rounds, empty without."""
    rounds = plan.rounds
    if rounds is None:
        return ""
    # What the model labels, or is kept for testing, no later round can draw.
    return "drawn" if rounds.drawn and not any(rounds.model) and not rounds.parts else "chosen"


def first_examples(plan: Plan) -> Pool | None:
    """Before any label there are no examples, unless the strategy has its own."""
    return None if plan.rounds is None or plan.rounds.examples == "strategy" else ExamplePool([])


def _examples(rounds: RoundsPlan, store: Store, number: int) -> Pool | None:
    """Labels so far as examples: people's alone, or all but those of this round's model; None for the strategy's own."""
    if rounds.examples == "strategy":
        return None
    found = selections.labelled_by(store, selections.PEOPLE, number)
    if rounds.examples == "all" and number > 1:
        found += selections.labelled_by(store, selections.MODEL, number - 1)
    return ExamplePool(
        [Example(text_fields(Item(item_id, content)), label) for item_id, content, label in found]
    )
