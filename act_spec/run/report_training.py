"""What the report tells of trained models, from what the tables hold; no model is looked at."""

from __future__ import annotations

from act_spec.documents.training_facts import TrainedArm, TrainingFacts
from act_spec.documents.training_picture import points
from act_spec.store.blind_spots import read_unknowns, synthetic_rows
from act_spec.store.database import Store
from act_spec.store.drafts import DECLINED
from act_spec.store.pictures import counts
from act_spec.store.training_rows import (
    CORRECTED,
    DELIVERED,
    HUMAN,
    MACHINE,
    TAUGHT,
    Arm,
    Compared,
    Difference,
    Score,
    read_comparison,
)

_NAMES = {
    HUMAN: "all human labels",
    MACHINE: "machine labels alone",
    DELIVERED: "delivered labels, as they are",
}
_ORDER = (HUMAN, MACHINE, DELIVERED, CORRECTED)
_AGAINST = {"gold": "known answers", "reviews": "people's answers, each weighed by its inverse probability"}
_CURVES = {
    "gold": "Points beside the run's own: reviews drawn anew by the same rule, and answered from known answers.",
    "thinned": "Points beside the run's own: with a random part of the reviews that were made.",
}


def training_facts(store: Store) -> TrainingFacts | None:
    """The training of the current plan; None where there was none, or nothing could be compared."""
    found = read_comparison(store)
    if found is None or not found[1]:
        return None
    compared, scores, differences = found
    loss = compared.loss.partition(".v")[0]
    made = counts(store)["reviewed"]
    behind = {one.than: one for one in differences if one.of == Arm(HUMAN)}
    arms = [_arm(one, loss, made, behind.get(one.arm)) for one in scores if one.arm.name != TAUGHT]
    arms.sort(key=lambda arm: (not arm.own, arm.reviews or 0, _ORDER.index(arm.role)))
    return TrainingFacts(
        learner=compared.learner,
        reads=compared.reads,
        against=_AGAINST[compared.against],
        tested=compared.tested,
        seeds=max(one.seeds for one in scores),
        arms=tuple(arms),
        sentences=tuple(_sentences(differences, compared, loss, made)),
        curve=_CURVES.get(compared.curve, ""),
        unknown=tuple((one.threshold, one.before, one.after) for one in read_unknowns(store)),
        written=sum(row.decision != DECLINED for row in synthetic_rows(store)),
    )


def _arm(one: Score, loss: str, made: int, behind: Difference | None) -> TrainedArm:
    own = one.arm.reviews is None
    reviews = made if own and one.arm.name in {DELIVERED, CORRECTED} else one.arm.reviews
    return TrainedArm(
        _NAMES.get(one.arm.name, f"delivered labels, {loss}"),
        one.arm.name,
        reviews,
        own,
        one.mean,
        one.sd,
        None if behind is None else (behind.value, behind.low, behind.high),
    )


def _sentences(differences: list[Difference], compared: Compared, loss: str, made: int) -> list[str]:
    told = []
    for one in differences:
        value = points(one.value, one.low, one.high)
        if one.of == Arm(TAUGHT):
            told.append(f"The examples written against blind spots bought {value}.")
        elif one.of == Arm(CORRECTED) and one.than == Arm(DELIVERED):
            told.append(f"The loss {loss} against plain training on the same labels: {value}.")
        elif one.of.name == one.than.name == CORRECTED and compared.curve == "gold":
            more = (one.of.reviews or 0) - (one.than.reviews or 0)
            told.append(f"{more:,} more reviews would buy {value}.")
        elif one.of.name == one.than.name == CORRECTED:
            told.append(f"The last {made - (one.than.reviews or 0):,} reviews bought {value}.")
    return told
