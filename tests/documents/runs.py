"""A run's facts, as the store would give them, for tests of the report and of METHODS.md."""

import dataclasses

from act_spec.documents.run_facts import (
    Confusion,
    JudgedPart,
    LabelQuality,
    Metric,
    PilotFacts,
    Reliability,
    ReportFacts,
    RoleFacts,
    RoundFacts,
    StageCost,
    SuspicionBin,
)
from act_spec.strategies.estimators.label_quality import Estimate
from act_spec.strategies.estimators.pilot import Candidate, Verdict
from act_spec.strategies.estimators.reliability import Bin

GOLD = (
    Metric("machine_accuracy", 0.7),
    Metric("final_accuracy", 0.8),
    Metric("auroc", 0.7122),
    Metric("gain", 1 / 3),
)
ESTIMATES = (
    Metric("estimated_machine_accuracy", 0.71, 0.64, 0.77),
    Metric("estimated_final_accuracy", 0.801, 0.749, 0.852),
)
REST = (
    Metric("norm_area", None, note="no known answers"),
    Metric("effective_sample_size", 12.34),
    Metric("largest_weight", 41.9),
    Metric("calls", 1498.0),
    Metric("cost_usd", 0.0321),
)


def made_run(**changes: object) -> ReportFacts:
    """A finished run of 300 items with gold, of which 36 were reviewed; fields may be replaced."""
    facts = ReportFacts(
        name="messages",
        title="Customer messages",
        items=300,
        selected=36,
        reviewed=36,
        by_rule=29,
        at_random=7,
        rule="exponential.v1",
        annotator=RoleFacts("direct.v1", ("gpt-4o-mini-2024-07-18",)),
        judge=RoleFacts("cot.v1", ("judge-snapshot-2",)),
        seed=17,
        plan_hash="7f3a91c2" * 8,
        outcomes={"keep": 6, "change": 30},
        metrics=GOLD + ESTIMATES + REST,
        errors=90,
        errors_reviewed=30,
        gain_curve=((0.0, 0.0), (0.1, 0.3), (0.5, 0.8), (1.0, 1.0)),
        suspicion=(SuspicionBin(0.0, 0.5, 250, 6), SuspicionBin(0.5, 1.0, 50, 30)),
        confusions=(
            Confusion(
                "Machine against human", "machine", "human", (("a", "a", 6), ("a", "b", 30), ("b", "b", 0))
            ),
        ),
        stages=(
            StageCost("annotate", "gpt-4o-mini-2024-07-18", 1_200, 2, 100_000, 3_000, 0.0321),
            StageCost("judge", "judge-snapshot-2", 298, 0, None, None, 0.5),
        ),
        data_hash="ab" * 32,
        versions={"litellm": "1.103", "act_spec": "0.1.0"},
        price_date="2026-11-20",
        provenance=(("prompt annotate_direct.v1", "deadbeef"),),
    )
    return dataclasses.replace(facts, **changes)  # type: ignore[arg-type]


def piloted_run(name: str = "deepseek", label: str = "billing", **changes: object) -> ReportFacts:
    """The same run with everything that a pilot, rounds and calibration add; its names may be replaced."""
    best = Candidate(name, Estimate(0.5, 0.3, 0.7), Estimate(0.0, 0.0, 0.0))
    rival = Candidate("claude", Estimate(0.2, 0.0, 0.4), Estimate(0.3, 0.1, 0.5))
    bins = (Bin(0.1, 0.2, 0.1, 0.4, 0.75, 24), Bin(0.9, 0.5, 0.3, 0.7, 0.25, 12))
    facts = made_run(
        warnings=(f"Items seem to come in groups ({label}), and data.group is not set.",),
        reliability=(Reliability("as judged", bins, 0.175), Reliability(f"calibrated by {name}", bins, 0.02)),
        quality=(
            LabelQuality("all labels", 300, 36, Estimate(0.71, 0.64, 0.77)),
            LabelQuality(label, 20, 1, None, "too few reviews"),
            LabelQuality("returns", 80, 9, Estimate(0.6, 0.4, 0.8)),
        ),
        pilot=PilotFacts(12, 4, 0.12, Verdict((best, rival), name, told_apart=True, beats_chance=True)),
        rounds=(RoundFacts(1, 12, 12, "uniform.v1", 0.3), RoundFacts(2, 24, 24, "sqrt.v1", 0.7)),
        judged_part=JudgedPart(60, 240, "the annotator's own confidence"),
    )
    return dataclasses.replace(facts, **changes)  # type: ignore[arg-type]
