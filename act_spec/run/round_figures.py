"""
The figures of rounds: what is labelled and how well, what each student is worth, and what that cost.

People and the model label different items, so nothing that people say is
about a machine's label. What people's labels can tell, where a part of them
was drawn at random, is how right the student of the round before was on the
items that had no label yet.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate

import numpy as np

from act_spec.documents.round_facts import LearningFacts, LearningRound
from act_spec.plan.model import Plan
from act_spec.plan.rounds import RoundsPlan
from act_spec.records import Metric
from act_spec.store import selections
from act_spec.store.database import Store
from act_spec.store.metrics import label_columns, labelled
from act_spec.strategies.estimators.label_quality import AccuracyEstimate, estimate_accuracy
from act_spec.strategies.estimators.rounds import Reviews

_UNJUDGED = "in rounds nothing is judged"
_NOT_SEEN = "people and the machine label different items in rounds, so no machine label is reviewed"
_NO_GOLD = "there is no gold"


def round_metrics(plan: Plan, rounds: RoundsPlan, store: Store) -> Iterator[Metric]:
    """Every figure of the contract as far as rounds have it, then those of each round."""
    columns = label_columns(store, plan.task)
    by_machine = ~columns["failed"]
    any_label = by_machine | columns["reviewed"]
    yield _share(
        "machine_accuracy",
        columns["machine_right"],
        columns["has_gold"] & by_machine,
        "items that the machine labelled",
    )
    yield _share(
        "final_accuracy",
        columns["final_right"],
        columns["has_gold"] & any_label,
        "labelled items; the others have no label",
    )
    for name in ("auroc", "gain", "gain_at_error_rate", "norm_area"):
        yield Metric(name, None, note=_UNJUDGED)
    yield Metric("reviewed_share", float(columns["reviewed"].mean()))
    yield Metric("labelled_share", float(any_label.mean()))
    for name in (
        "estimated_machine_accuracy",
        "estimated_final_accuracy",
        "effective_sample_size",
        "largest_weight",
    ):
        yield Metric(name, None, note=_NOT_SEEN)
    for one in learning_rounds(plan, rounds, store):
        yield Metric(f"student_score:{one.number}", one.score, one.low, one.high, one.note)
        yield Metric(
            f"estimated_student_score:{one.number}",
            one.estimate,
            one.estimate_low,
            one.estimate_high,
            one.estimate_note,
        )
        yield Metric(f"labels:{one.number}", float(one.labels))
        why = "" if one.cost_usd is not None else "a price is not known"
        yield Metric(f"labelling_cost_usd:{one.number}", one.cost_usd, note=why)


def kind_figures(plan: Plan, store: Store) -> Iterator[Metric]:
    """Figures of the task's kind: the machine's over the items that it labelled, all others over the labelled ones."""
    rows = [one for one in labelled(store, plan.task) if one.final is not None]
    yield from (one for one in plan.task.figures(rows) if not one.name.startswith("machine_"))
    own = [one for one in rows if one.machine is not None]
    yield from (one for one in plan.task.figures(own) if one.name.startswith("machine_"))


def learning_facts(plan: Plan, store: Store) -> LearningFacts | None:
    """The rounds as the report tells them; None for a recipe without."""
    rounds = plan.rounds
    if rounds is None:
        return None
    items = selections.open_items(store)
    labels = label_columns(store, plan.task)
    return LearningFacts(
        selector=rounds.selector,
        learner=plan.train.learner.name,
        planned=rounds.number,
        rounds=tuple(learning_rounds(plan, rounds, store)),
        items=len(items.item_ids),
        unlabelled=int((labels["failed"] & ~labels["reviewed"]).sum()),
        examples=rounds.examples,
    )


def learning_rounds(plan: Plan, rounds: RoundsPlan, store: Store) -> list[LearningRound]:
    """Each round so far with its student, and with what all rounds up to it cost."""
    rows = selections.round_rows(store, rounds.key)
    costs = accumulate(_cost(rounds, row) for row in rows)
    labels = accumulate(row.answered + row.labelled for row in rows)
    made = []
    for row, cost, count in zip(rows, costs, labels, strict=True):
        estimate, why = _estimate(plan, store, row.number)
        told = (
            (None, None, None)
            if estimate is None
            else (estimate.machine.value, estimate.machine.low, estimate.machine.high)
        )
        made.append(
            LearningRound(
                number=row.number,
                people=row.answered,
                asked=row.people,
                model=row.labelled,
                labels=count,
                cost_usd=None if np.isnan(cost) else cost,
                learnt=row.learnt,
                score=row.score,
                low=row.low,
                high=row.high,
                note=row.note,
                estimate=told[0],
                estimate_low=told[1],
                estimate_high=told[2],
                estimate_note=why,
            )
        )
    return made


def _share(name: str, right: np.ndarray, among: np.ndarray, what: str) -> Metric:
    if not among.any():
        return Metric(name, None, note=_NO_GOLD)
    return Metric(name, float(right[among].mean()), note=f"over {int(among.sum()):,} {what}")


def _cost(rounds: RoundsPlan, row: selections.RoundRow) -> float:
    """Of one round; NaN where a price is not known. People are paid for what they were asked, skipped or not."""
    unknown = float("nan")
    people = row.people * (unknown if rounds.people_usd is None else rounds.people_usd) if row.people else 0.0
    if rounds.model_usd is not None:
        return people + row.model * rounds.model_usd
    return people + (unknown if row.calls_usd is None else row.calls_usd)


def _estimate(plan: Plan, store: Store, number: int) -> tuple[AccuracyEstimate | None, str]:
    """How right a round's student is on what was open after it, from the people of the round that followed."""
    answers = selections.expected_and_answered(store, number + 1)
    if not answers:
        return None, "no later round asks people"
    items = selections.open_at(store, number + 1)
    probability = np.array([one for _, one in items])
    wrong, reviewed = np.zeros(len(items)), np.zeros(len(items), dtype=bool)
    place = {item_id: index for index, (item_id, _) in enumerate(items)}
    for item_id, expected, label in answers:
        if label is not None:
            wrong[place[item_id]] = plan.task.distance(expected, label)
            reviewed[place[item_id]] = True
    try:
        made = estimate_accuracy(
            wrong,
            Reviews.once(probability, reviewed),
            np.full(len(items), np.nan),
            estimator="inverse_probability",
        )
    except ValueError as error:
        return None, str(error)
    return made, f"95% interval, for the {len(items):,} items that were open"
