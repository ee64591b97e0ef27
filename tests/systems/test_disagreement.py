"""
Annotator disagreement (arXiv:2506.19467): predicting the share of people who give a label.

The distance is total variation, which is ours; of two labels it is |p - q|.
"""

from __future__ import annotations

import duckdb
import pytest
from recorded_walks import figures


@pytest.mark.parametrize(("subset", "gap"), [("random", 0.1026), ("high_variance", 0.4769)])
def test_a_hard_predictor_has_a_gap_and_no_variance_correlation(tmp_path, recorded_data, subset, gap):
    """The majority of the votes, ties to not_hate, against the share of hate among them."""
    folder = recorded_data / "ghc_disagreement"
    duckdb.sql(
        f"COPY (SELECT item_id, CASE WHEN prob_positive > 0.5 THEN 'hate' ELSE 'not_hate' END AS label "
        f"FROM '{folder}/items.parquet') TO '{tmp_path}/hard.csv'"
    )
    found = figures(
        tmp_path,
        folder,
        "{kind: soft, question: Is it hateful?, labels: [hate, not_hate]}",
        f"show: [subset], where: {{subset: {subset}}}, gold: prob_positive",
        "{strategy: {name: recorded, source: hard.csv, label: label}}",
    )

    assert found["machine_distribution_gap"] == pytest.approx(gap, abs=0.00005)
    assert found["machine_variance_correlation"] is None
    assert found["machine_majority_macro_f1"] == 1


def test_the_votes_of_people_are_their_distribution(tmp_path, recorded_data):
    """The share of hate votes is the published one on all 1,200 items."""
    found = figures(
        tmp_path,
        recorded_data / "ghc_disagreement",
        "{kind: soft, question: Is it hateful?, labels: [hate, not_hate], expression: sampled, tolerance: 0.00001}",
        "show: [subset], gold: prob_positive",
        "{strategy: {name: recorded, source: FOLDER/humans.parquet, label: label, member: reviewer}}",
    )

    assert found["machine_distribution_gap"] == pytest.approx(0, abs=1e-5)
    assert found["machine_variance_correlation"] == pytest.approx(1, abs=1e-5)
    assert found["machine_accuracy"] == 1
