"""
Accuracy of delivered labels after 5, 10, 20 and 30% human labels, by method, on recorded answers of real models.

Wants recorded data: ACT_SPEC_TEST_DATA names its folder. Reviewers are
simulated from the known answers. The rules and draws are those of a run;
nothing is called. LLMaAA's acquisition by a student is not in here.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import duckdb
import numpy as np
from numpy.typing import NDArray
from scipy import stats

from act_spec.registry import find
from act_spec.strategies.entropy import entropy
from act_spec.strategies.sampling import audit_size, design, draw

BUDGETS = (0.05, 0.10, 0.20, 0.30)
SEEDS = 20
AUDIT = 0.2
RULES = ("threshold", "exponential", "normalized", "sqrt")


@dataclass(frozen=True)
class Set:
    """Recorded data: the annotator, a second model, and which answers vote for the entropy."""

    name: str
    annotator: str
    second: str
    votes: str


SETS = (
    Set("halueval_claim_evidence", "model = 'gpt-4o'", "model = 'deepseek-v3'", "true"),
    Set("sciq_mcq", "model = 'Meta-Llama-3.1-8B-Instruct'", "model = 'gpt-4o'", "true"),
    Set("cebab_aspects", "model = 'gpt-4o-mini'", "model = 'gpt-4o'", "true"),
    Set(
        "babe_media_bias",
        "model = 'gpt_3_5' AND strategy = 'zero-shot'",
        "model = 'gpt_4' AND strategy = 'zero-shot'",
        "model = 'gpt_3_5'",
    ),
)
Scores = NDArray[np.float64]


def read(folder: Path, one: Set) -> tuple[NDArray[np.bool_], dict[str, Scores]]:
    """Which machine labels are wrong, by item id, and the suspicions of each method."""
    items, machine = (f"'{folder / one.name / name}.parquet'" for name in ("items", "machine"))
    with duckdb.connect() as connection:
        columns = [row[0] for row in connection.execute(f"DESCRIBE FROM {machine}").fetchall()]
        confidence = "confidence" if "confidence" in columns else "NULL"
        rows = connection.execute(
            f"""
            SELECT i.item_id, i.gold, a.label, a.sure, b.label, b.sure, v.votes FROM {items} i
            LEFT JOIN (SELECT item_id, label, {confidence} AS sure FROM {machine} WHERE {one.annotator}) a USING (item_id)
            LEFT JOIN (SELECT item_id, label, {confidence} AS sure FROM {machine} WHERE {one.second}) b USING (item_id)
            LEFT JOIN (SELECT item_id, list(label) AS votes FROM {machine} WHERE {one.votes} GROUP BY item_id) v
                USING (item_id)
            WHERE i.gold IS NOT NULL ORDER BY i.item_id
            """
        ).fetchall()
    wrong = np.array([label != gold for _, gold, label, *_ in rows])
    other = [_second(label, sure, said) for *_, label, _, said, sure, _ in rows]
    found = {"second opinion": np.array(other), "entropy": np.array([entropy(row[6]) for row in rows])}
    found["entropy"] /= max(1.0, float(found["entropy"].max()))
    if any(row[3] is not None for row in rows):
        found["confidence"] = np.array([1.0 if row[3] is None else 1 - row[3] for row in rows])
    return wrong, found


def _second(label: str | None, sure: float | None, said: str | None) -> float:
    if label is None or said is None:
        return 1.0
    agrees = label == said
    return float(not agrees) if sure is None else (1 - sure if agrees else sure)


def accuracies(wrong: NDArray[np.bool_], suspicion: Scores, rule: str, audit: float, share: float) -> Scores:
    """Share of right delivered labels, one a seed."""
    entry = find("allocator", rule)
    budget = int(share * wrong.size)
    made = design(suspicion, budget, audit_size(budget, audit), partial(entry.build))
    return np.array(
        [1 - float((wrong & ~draw(made, seed)).mean()) for seed in range(1, SEEDS + 1)], dtype=np.float64
    )


def told(values: Scores) -> str:
    """Mean and 95% interval over seeds, in percent."""
    half = float(stats.t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values)))
    mean = 100 * float(values.mean())
    return f"{mean:.1f} [{mean - 100 * half:.1f}, {mean + 100 * half:.1f}]"


def methods(found: dict[str, Scores]) -> list[tuple[str, Scores, str, float]]:
    """Name, suspicion, rule and audit."""
    made = [(f"ACT, `{rule}`", found["second opinion"], rule, AUDIT) for rule in RULES]
    made += [("CoAnnotating, entropy", found["entropy"], "rank_fraction", 0.0)]
    if "confidence" in found:
        made += [("CoAnnotating, confidence", found["confidence"], "rank_fraction", 0.0)]
    return [*made, ("random", np.zeros_like(found["entropy"]), "uniform", 0.0)]


def main() -> None:
    """Print a table for each set."""
    folder = Path(os.environ.get("ACT_SPEC_TEST_DATA", ""))
    if not (folder / SETS[0].name).is_dir():
        print("comparison: no recorded data; ACT_SPEC_TEST_DATA names none.", file=sys.stderr)
        return
    for one in SETS:
        wrong, found = read(folder, one)
        print(
            f"### {one.name}\n\n{wrong.size:,} items, {100 * (1 - wrong.mean()):.1f}% right without people.\n"
        )
        print("| method | " + " | ".join(f"{share:.0%}" for share in BUDGETS) + " |")
        print("| --- | " + " | ".join("---" for _ in BUDGETS) + " |")
        for name, suspicion, rule, audit in methods(found):
            cells = [told(accuracies(wrong, suspicion, rule, audit, share)) for share in BUDGETS]
            print(f"| {name} | {' | '.join(cells)} |")
        print()


if __name__ == "__main__":
    main()
