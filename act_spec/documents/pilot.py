"""The pilot in words: how each candidate judge did, which one is used, and how sure that is."""

from __future__ import annotations

from typing import Any

from act_spec.documents.figures import count, percent
from act_spec.documents.run_facts import PilotFacts
from act_spec.strategies.estimators.pilot import Candidate


def pilot_verdict(pilot: PilotFacts) -> str:
    """Which judge is used and why, whether it beats chance, and whether the annotator is fit."""
    parts = [_choice(pilot), _against_chance(pilot), _fitness(pilot)]
    return " ".join(part for part in parts if part)


def pilot_table(pilot: PilotFacts) -> dict[str, Any]:
    """The candidates, best first, for the report's template."""
    return {
        "reviews": count(pilot.reviews),
        "wrong": count(pilot.wrong),
        "share": percent(pilot.share),
        "verdict": pilot_verdict(pilot),
        "rows": [
            {
                "name": candidate.name,
                "gain": percent(candidate.gain.value),
                "interval": f"[{percent(candidate.gain.low)}, {percent(candidate.gain.high)}]",
                "behind": "—" if candidate.name == pilot.verdict.used else percent(candidate.behind.value),
                "behind_interval": (
                    ""
                    if candidate.name == pilot.verdict.used
                    else f"[{percent(candidate.behind.low)}, {percent(candidate.behind.high)}]"
                ),
                "used": candidate.name == pilot.verdict.used,
            }
            for candidate in pilot.verdict.ranking
        ],
    }


def _choice(pilot: PilotFacts) -> str:
    verdict = pilot.verdict
    if not verdict.ranking:
        return (
            "The pilot met no wrong label, so there was nothing for a judge to find;"
            f" {verdict.used} is used because it stands first."
        )
    others = [one for one in verdict.ranking if one.name != verdict.used]
    judges = [one for one in others if not one.combined]
    if pilot.combination:
        return f"The {verdict.used} finds more than the best single judge, surely enough to pay for all its judges, and is used."
    if not judges:
        return f"{verdict.used} was the only candidate."
    if verdict.told_apart:
        said = f"{verdict.used} finds more than every other candidate and is used."
    else:
        rivals = [rival.name for rival in judges if rival.behind.low <= 0]
        said = (
            f"The pilot does not tell the candidates apart: {verdict.used} found most and is used, but"
            f" {' and '.join(rivals)} may be as good."
        )
    return f"{said} {_combinations([one for one in others if one.combined])}".rstrip()


def _combinations(ranked: list[Candidate]) -> str:
    """Why none of the combinations is used; they stand in order of their gain."""
    if not ranked:
        return ""
    if ranked[0].behind.value >= 0:
        return "No combination of the judges found more."
    return f"The {ranked[0].name} found more, but not surely so, and it would cost the calls of each of its judges."


def _against_chance(pilot: PilotFacts) -> str:
    if not pilot.verdict.ranking or pilot.verdict.beats_chance:
        return ""
    return f"It is not shown to find more than random review, which finds {percent(pilot.share)}."


def _fitness(pilot: PilotFacts) -> str:
    if pilot.most_accuracy is None or pilot.most_accuracy >= pilot.fit_accuracy:
        return ""
    return (
        f"The annotator is called unfit: at most {percent(pilot.most_accuracy)} of its labels are plausibly"
        f" right, and the recipe asks for {percent(pilot.fit_accuracy)}."
    )
