"""What `act-spec train` prints: the arms side by side, what lies between them, and how far to trust it."""

from __future__ import annotations

from typing import Any

from act_spec.store.training_rows import CORRECTED, DELIVERED, HUMAN, MACHINE, TAUGHT, Arm, Difference, Score
from act_spec.train.arms import MORE, last
from act_spec.train.session import Training

_WORDS = {
    HUMAN: "all human labels",
    MACHINE: "machine labels alone",
    DELIVERED: "delivered labels, as they are",
}


def as_json(training: Training) -> dict[str, Any]:
    """The training as one JSON document."""
    weights = training.weights
    return {
        "format": 1,
        "name": training.name,
        "plan": training.plan_hash,
        "items": training.items,
        "reads": training.compared.reads,
        "reviews": training.budget,
        "loss": training.compared.loss,
        "weights": {
            "reviewed": weights.reviewed,
            "effective_sample_size": weights.effective_sample_size,
            "largest_weight": weights.largest_weight,
            "max_weight": weights.max_weight,
            "clipped_share": weights.clipped_share,
        },
        "tested_against": training.compared.against,
        "tested": training.compared.tested,
        **training.gap.as_json(),
        "taught": training.taught,
        "unknown_unknowns": [vars(one) for one in training.unknown],
        "model": str(training.folder),
        "models_trained_now": training.made,
    }


def as_text(training: Training) -> str:
    """The training in lines for a terminal."""
    lines = [
        f"{training.name}   plan {training.plan_hash[:8]}   {training.items:,} items, {training.budget:,} reviews"
    ]
    lines += [f"  reads          {training.compared.reads}", _weights(training)]
    lines += _table(training)
    lines += _curve(training)
    lines += _told(training)
    lines += _unknown(training)
    lines.append(f"  model          {training.folder}")
    return "\n".join(lines)


def _weights(training: Training) -> str:
    facts = training.weights
    clipped = ""
    if facts.max_weight is not None and facts.max_weight > 1:
        clipped = f"; {facts.clipped_share:.0%} of them above {facts.max_weight:.3g}, and cut to that"
    return (
        f"  weights        {facts.reviewed:,} reviews count like {facts.effective_sample_size:,.0f} equal ones; "
        f"the largest weighs {facts.largest_weight:,.1f}{clipped}"
    )


def _table(training: Training) -> list[str]:
    own = [one for one in training.gap.scores if one.arm.reviews is None]
    if not own:
        return ["  tested         nothing: there is neither gold nor a review among the items held out"]
    what = "gold" if training.compared.against == "gold" else "people's answers, weighed by their probability"
    best = training.gap.score(HUMAN)
    lines = [f"  trained on, tested against {what} (score = 1 - distance, mean ± sd of {own[0].seeds} seeds)"]
    for one in own:
        gap = next((d for d in training.gap.differences if d.of == Arm(HUMAN) and d.than == one.arm), None)
        behind = f"   {_points(gap)} behind human" if gap is not None and best is not None else ""
        lines.append(f"    {_name(one.arm, training):<34} {_score(one)}{behind}")
    return lines


def _curve(training: Training) -> list[str]:
    points = sorted({one.arm.reviews for one in training.gap.scores if one.arm.reviews is not None})
    if not points:
        return []
    thinned = training.compared.curve == "thinned"
    lines = [
        "  with fewer of the reviews that were made"
        if thinned
        else "  with other budgets, drawn anew and answered from gold"
    ]
    for reviews in points:
        plain, corrected = (training.gap.score(name, reviews) for name in (DELIVERED, CORRECTED))
        parts = [
            f"{word} {_score(one)}"
            for word, one in (("as they are", plain), (_loss(training), corrected))
            if one
        ]
        lines.append(f"    {reviews:>7,} reviews   " + "   ".join(parts))
    return lines


def _told(training: Training) -> list[str]:
    lines = []
    for one in training.gap.differences:
        if one.of.name == CORRECTED and one.than.name == DELIVERED and one.of.reviews is None:
            lines.append(f"  {_loss(training)} against plain: {_points(one)}")
            if one.high is not None and one.high < 0:
                lines.append("  plain training does better here: write `loss: cross_entropy`")
        if one.of.name == TAUGHT:
            lines.append(f"  examples against blind spots bought {_points(one)}")
        elif one.of.name == one.than.name and one.of.reviews is not None:
            lines.append(f"  {MORE} more reviews would buy {_points(one)}")
        elif one.of.name == one.than.name:
            lines.append(f"  the last {last(training.reviewed)} reviews bought {_points(one)}")
    if training.gap.closed is not None:
        lines.append(f"  closes {training.gap.closed:.0%} of the gap between machine and human labels")
    if training.gap.scores and not any(one.arm.name == HUMAN for one in training.gap.scores):
        lines.append("  the gap to human labels needs gold of every item")
    return lines


def _unknown(training: Training) -> list[str]:
    if not training.unknown:
        return []
    lines = [f"  errors made and sure of, of {training.unknown[0].tested:,.0f} tested items, mean over seeds"]
    for one in training.unknown:
        after = (
            ""
            if one.after is None
            else f"  ->  {one.after:,.1f} with {training.taught:,} examples against blind spots"
        )
        lines.append(f"    from {one.threshold:.0%} sure   {one.before:,.1f}{after}")
    return lines


def _name(arm: Arm, training: Training) -> str:
    if arm.name == TAUGHT:
        return "the same, and blind spots' examples"
    return _WORDS.get(arm.name, f"delivered labels, {_loss(training)}")


def _loss(training: Training) -> str:
    return training.compared.loss.partition(".v")[0]


def _score(score: Score) -> str:
    sd = "" if score.sd is None else f" ± {100 * score.sd:.1f}"
    return f"{100 * score.mean:.1f}%{sd}"


def _points(difference: Difference) -> str:
    value = f"{100 * difference.value:+.1f}"
    if difference.low is None or difference.high is None:
        return f"{value} points"
    return f"{value} points [{100 * difference.low:+.1f}, {100 * difference.high:+.1f}]"
