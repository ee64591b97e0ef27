"""
News summaries (arXiv:2301.13848): people compare a writer's summary with a model's.

The counts and alphas are ours, computed on the published judgements.
"""

import duckdb
import numpy as np
import pytest

from act_spec.strategies.estimators.agreement_alpha import krippendorffs_alpha
from act_spec.strategies.estimators.agreement_interval import Resampling
from act_spec.strategies.vote_table import VoteTable

FAST = Resampling(draws=50)


@pytest.mark.parametrize(
    ("question", "times", "alphas"),
    [("overall", [243, 117, 239], [0.085, 0.082]), ("informative", [217, 132, 250], [0.094, 0.080])],
)
def test_alphas_of_599_judgements_of_summaries(recorded_data, question, times, alphas):
    """Writer better, equal, model better; alpha nominal, and interval with 1, 0 and -1."""
    file = str(recorded_data / "news_summaries_pairwise" / "humans.parquet")
    rows = duckdb.execute(f"SELECT item_id, reviewer, {question} FROM read_parquet(?)", [file]).fetchall()
    votes = VoteTable.of(rows, ["writer", "tie", "model"])

    nominal = krippendorffs_alpha(votes.counts, resampling=FAST).value
    interval = krippendorffs_alpha(
        votes.counts, "interval", values=np.array([1.0, 0.0, -1.0]), resampling=FAST
    ).value

    assert votes.counts.sum(axis=0).tolist() == times
    assert [nominal, interval] == pytest.approx(alphas, abs=5e-4)
