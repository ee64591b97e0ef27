"""
How large a weight may be: plain training against ACT with several largest weights, by the number of items.

    PYTHONPATH=tests python tests/benchmarks/max_weight.py [seeds] [folder of the sets]

The pools are those of `digits.py` and `text_sets.py`, cut to 200 and 600 items
and whole. Budgets equal the annotator's error rate, a fifth of them is drawn
at random. Every row says how many points a largest weight gains over plain
training on the same delivered labels, paired by seed, ± standard error.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import digits
import numpy as np
import text_sets
import torch
from training_arms import Pool, accuracy, delivered

from act_spec.train.fit import Settings

SIZES = (200, 600, 10_000)
LIMITS = (1.5, 2.0, 4.0, 1e9, None)
RULES = ("sqrt", "exponential")


def cut(pool: Pool, size: int, seed: int) -> Pool:
    """A random part of the items to train on; the test items stay."""
    kept = np.random.default_rng(1000 + seed).permutation(len(pool.gold))[:size]
    return Pool(
        pool.rows.take(kept),
        pool.machine[kept],
        pool.gold[kept],
        pool.error_probability[kept],
        pool.test_rows,
        pool.test_gold,
        pool.classes,
    )


def sets(seeds: int, folder: Path) -> Iterator[tuple[str, list[Pool], Settings]]:
    """Every set with a pool a seed; the recorded ones where they are."""
    for judge in digits.JUDGES:
        yield f"digits_{judge}", [digits.pool_of(seed, judge) for seed in range(seeds)], digits.SETTINGS
    for name, read in text_sets.SETS.items():
        if (folder / name).is_dir():
            recorded = read(folder)
            yield name, [text_sets.pool_of(recorded, seed) for seed in range(seeds)], text_sets.SETTINGS


def gains(
    pools: list[Pool], settings: Settings, rule: str
) -> tuple[float, dict[float | None, tuple[float, float]]]:
    """Plain training's mean accuracy in percent, and each limit's mean gain over it with its standard error."""
    plain, others = [], {limit: [] for limit in LIMITS}  # type: ignore[var-annotated]
    for seed, pool in enumerate(pools):
        budget = int((pool.machine != pool.gold).sum())

        def trained(limit: float | None, pool: Pool = pool, seed: int = seed, budget: int = budget) -> float:
            audit = max(1, budget // 5)
            made = delivered(pool, rule, budget, "act", seed, audit=audit, max_weight=limit)
            return accuracy(pool, made, settings, seed)

        plain.append(trained(1.0))
        for limit, values in others.items():
            values.append(trained(limit) - plain[-1])
    return float(np.mean(plain)), {
        limit: (float(np.mean(values)), float(np.std(values, ddof=1) / np.sqrt(len(values))))
        for limit, values in others.items()
    }


def main(seeds: int, folder: Path) -> None:
    torch.set_num_threads(1)
    names = ["auto" if limit is None else "unclipped" if limit > 100 else f"{limit:g}" for limit in LIMITS]
    print(f"{'':<42} plain" + "".join(f"{name:>14}" for name in names))
    for name, pools, settings in sets(seeds, folder):
        for size in SIZES:
            parts = [cut(pool, size, seed) for seed, pool in enumerate(pools)]
            for rule in RULES:
                plain, found = gains(parts, settings, rule)
                cells = "".join(f"{mean:>+8.1f} ± {error:.1f}" for mean, error in found.values())
                title = f"{name}, {len(parts[0].gold):,}, {rule}"
                print(f"{title:<42} {plain:>5.1f}{cells}", flush=True)


if __name__ == "__main__":
    here = Path(__file__).parents[3] / "shared" / "data"
    main(
        int(sys.argv[1]) if len(sys.argv) > 1 else 8,
        Path(sys.argv[2] if len(sys.argv) > 2 else os.environ.get("ACT_SPEC_TEST_DATA", here)),
    )
