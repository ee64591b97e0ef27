"""
Recorded answers of real models: how near training on corrected labels comes to human ones, set by set.

    PYTHONPATH=tests python tests/benchmarks/text_sets.py [seeds] [folder of the sets]

Items that share a text are never on both sides of the split; a quarter is
tested on. The budget is the annotator's error rate. Reviews are answered from
the recorded human labels; a linear model is trained on hashed n-grams.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import torch
from numpy.typing import NDArray
from training_arms import Pool, accuracy, delivered, table, unreviewed

from act_spec.train.fit import Settings
from act_spec.train.readers.ngrams import Vocabulary

SETTINGS = Settings()


@dataclass(frozen=True, eq=False)
class Recorded:
    """A set: texts, what belongs together, gold, the annotator's labels (None: failed), suspicion."""

    texts: list[str]
    groups: list[str]
    gold: list[str]
    machine: list[str | None]
    suspicion: NDArray[np.float64]


def rows_of(query: str) -> list[tuple[Any, ...]]:
    """All rows of a query."""
    return duckdb.execute(query).fetchall()


def votes_against(labels: dict[str, list[str | None]], item: str, machine: str | None) -> float:
    """Share of other models' recorded labels that are not the annotator's."""
    said = [label for label in labels.get(item, []) if label is not None]
    return sum(label != machine for label in said) / len(said) if said else 1.0


def judged_by_others(folder: Path, columns: str, annotator: str, others: str) -> Recorded:
    """A set whose judge is the share of other models that disagree with the annotator."""
    items = rows_of(
        f"SELECT item_id, {columns}, gold FROM '{folder}/items.parquet' WHERE gold IS NOT NULL ORDER BY item_id"
    )
    own = dict(rows_of(f"SELECT item_id, label FROM '{folder}/machine.parquet' WHERE {annotator}"))
    labels: dict[str, list[str | None]] = {}
    for item, label in rows_of(f"SELECT item_id, label FROM '{folder}/machine.parquet' WHERE {others}"):
        labels.setdefault(item, []).append(label)
    machine = [own.get(item) for item, *_ in items]
    against = [votes_against(labels, one[0], label) for one, label in zip(items, machine, strict=True)]
    return Recorded(
        [i[1] for i in items], [i[2] for i in items], [i[3] for i in items], machine, np.array(against)
    )


def babe(folder: Path) -> Recorded:
    """Media bias: gpt_3_5 annotates, the other open models' zero-shot answers judge."""
    return judged_by_others(
        folder / "babe_media_bias",
        "text, text",
        "model = 'gpt_3_5' AND strategy = 'zero-shot'",
        "model NOT IN ('gpt_3_5', 'gpt_4') AND strategy = 'zero-shot'",
    )


def cebab(folder: Path) -> Recorded:
    """Aspect sentiment: mistral annotates, gpt-4o-mini and llama judge."""
    return judged_by_others(
        folder / "cebab_aspects",
        "aspect || ' ' || aspect || ': ' || text, text_id",
        "model = 'mistral-v03'",
        "model IN ('gpt-4o-mini', 'llama-31', 'gemini_flash')",
    )


def halueval(folder: Path) -> Recorded:
    """Claims and evidence: gpt-4o annotates, deepseek-v3 and gemini-2.5-flash judge."""
    return judged_by_others(
        folder / "halueval_claim_evidence",
        "evidence || ' ' || question || ' ' || claim_answer, pair_id",
        "model = 'gpt-4o'",
        "model IN ('deepseek-v3', 'gemini-2.5-flash')",
    )


def stance(folder: Path) -> Recorded:
    """Global warming: one model annotates, its own stated confidence judges."""
    found = rows_of(
        f"""
        SELECT text, text, gold, label, 1 - coalesce(confidence, 0)
        FROM '{folder}/global_warming_stance/items.parquet'
        JOIN '{folder}/global_warming_stance/machine.parquet' USING (item_id) ORDER BY item_id
        """
    )
    text, group, gold, label, suspicion = (list(column) for column in zip(*found, strict=True))
    return Recorded(text, group, gold, label, np.array(suspicion, dtype=float))


SETS: dict[str, Callable[[Path], Recorded]] = {
    "babe_media_bias": babe,
    "cebab_aspects": cebab,
    "global_warming_stance": stance,
    "halueval_claim_evidence": halueval,
}


def pool_of(recorded: Recorded, seed: int) -> Pool:
    """Split by group, a quarter to test on."""
    vocabulary = Vocabulary.of(recorded.texts)
    rows = vocabulary.rows(recorded.texts)
    names = sorted(set(recorded.gold))
    place = {name: number for number, name in enumerate(names)}
    gold = np.array([place[label] for label in recorded.gold])
    machine = np.array([place.get(label or "", -1) for label in recorded.machine])
    groups = sorted(set(recorded.groups))
    held = set(np.random.default_rng(seed).permutation(np.array(groups, dtype=object))[: len(groups) // 4])
    test = np.array([group in held for group in recorded.groups])
    train, apart = np.flatnonzero(~test), np.flatnonzero(test)
    return Pool(
        rows.take(train),
        machine[train],
        gold[train],
        recorded.suspicion[train],
        rows.take(apart),
        gold[apart],
        len(names),
    )


def arms(pool: Pool, seed: int) -> dict[str, float]:
    """Test accuracy of every way of using the budget."""
    budget = int((pool.machine != pool.gold).sum())
    made = {
        "human labels": unreviewed(pool, pool.gold),
        "machine labels": unreviewed(pool, pool.machine),
        "uniform, as delivered": delivered(pool, "uniform", budget, "cross_entropy", seed),
        "uniform, act unclipped": delivered(pool, "uniform", budget, "act", seed, max_weight=1e9),
        "normalized, act unclipped": delivered(pool, "normalized", budget, "act", seed, max_weight=1e9),
        "normalized, act at most 2": delivered(pool, "normalized", budget, "act", seed),
        "exponential, as delivered": delivered(pool, "exponential", budget, "cross_entropy", seed),
        "exponential, act at most 4": delivered(pool, "exponential", budget, "act", seed, max_weight=4.0),
        "exponential, act at most 2": delivered(pool, "exponential", budget, "act", seed),
        "exponential, reweight": delivered(pool, "exponential", budget, "reweight", seed),
        "threshold": delivered(pool, "threshold", budget, "act", seed),
    }
    return {name: accuracy(pool, objective, SETTINGS, seed) for name, objective in made.items()}


def results(recorded: Recorded, seeds: int) -> dict[str, list[float]]:
    """Every arm's test accuracy, seed by seed."""
    found = [arms(pool_of(recorded, seed), seed) for seed in range(seeds)]
    return {name: [one[name] for one in found] for name in found[0]}


def main(seeds: int, folder: Path) -> None:
    if not folder.is_dir():
        print(f"The recorded answers are not at {folder}; ACT_SPEC_TEST_DATA names their folder.")
        return
    torch.set_num_threads(1)
    for name, read in SETS.items():
        recorded = read(folder)
        wrong = np.mean([label != gold for label, gold in zip(recorded.machine, recorded.gold, strict=True)])
        most = Counter(recorded.gold).most_common(1)[0][1] / len(recorded.gold)
        title = (
            f"{name}: {len(recorded.gold):,} items, annotator wrong on {wrong:.1%} = budget, "
            f"most frequent label {most:.1%}, {seeds} seeds"
        )
        print(table(title, results(recorded, seeds), "human labels"), end="\n\n", flush=True)


if __name__ == "__main__":
    here = Path(__file__).parents[3] / "shared" / "data"
    main(
        int(sys.argv[1]) if len(sys.argv) > 1 else 8,
        Path(sys.argv[2] if len(sys.argv) > 2 else os.environ.get("ACT_SPEC_TEST_DATA", here)),
    )
