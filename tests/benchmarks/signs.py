"""
How often ordinary texts show a sign of speaking to the model, and what looking for them costs.

    PYTHONPATH=tests python tests/benchmarks/signs.py [ITEMS]

The texts are those of the recorded data, where they are; the cost is a ratio
to one pass of DuckDB over the same texts.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import duckdb

from act_spec.strategies.injection import SIGNS

DATA = Path(os.environ.get("ACT_SPEC_TEST_DATA", Path(__file__).parents[3] / "shared" / "data"))
SETS = {
    "babe_media_bias": "text",
    "cebab_aspects": "text",
    "global_warming_stance": "text",
    "grayfacts": "claim",
    "halueval_claim_evidence": "concat_ws(chr(10), question, claim_answer)",
    "llmbar_pairwise": "concat_ws(chr(10), instruction, output_1, output_2)",
    "multilabel_prompt_modifiers": "text",
    "re_semeval": "text",
    "sciq_mcq": "question",
    "summeval_ratings": "summary",
    "tweeteval_emotion_irony": "text",
}
ANY = "|".join(f"({pattern})" for pattern in SIGNS.values())


def main(items: int) -> None:
    """Print a table."""
    database = duckdb.connect()
    database.execute("CREATE TABLE texts (text VARCHAR)")
    flagged = total = 0
    for name, text in SETS.items():
        source = DATA / name / "items.parquet"
        if not source.is_file():
            print(f"{name}: not here")
            continue
        found, count = database.execute(
            f"SELECT count(*) FILTER (WHERE regexp_matches({text}, ?, 'i')), count(*) FROM read_parquet(?)",
            [ANY, str(source)],
        ).fetchall()[0]
        database.execute(f"INSERT INTO texts SELECT {text} FROM read_parquet(?)", [str(source)])
        flagged, total = flagged + found, total + count
        print(f"{name:<30} {found:>4} of {count:>6,}")
    if not total:
        return
    print(f"{'all':<30} {flagged:>4} of {total:>6,}")
    database.execute(
        "CREATE TABLE many AS SELECT text FROM texts, range(?) LIMIT ?", [items // total + 1, items]
    )
    plain = _seconds(
        database, "SELECT count(*) FROM many WHERE regexp_matches(text, 'nothing of the kind')", []
    )
    signs = sum(
        _seconds(database, "SELECT count(*) FROM many WHERE regexp_matches(text, ?, 'i')", [pattern])
        for pattern in SIGNS.values()
    )
    print(
        f"{items:,} texts: {signs:.2f} s, {signs / plain:.1f} x one search for a fixed text ({plain:.2f} s)"
    )


def _seconds(database: duckdb.DuckDBPyConnection, query: str, values: list[str]) -> float:
    started = time.perf_counter()
    database.execute(query, values).fetchall()
    return time.perf_counter() - started


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000)
