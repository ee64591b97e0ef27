"""
Annotator disagreement (arXiv:2506.19467): predicting the share of people who give a label.

The distance is total variation, which is ours; of two labels it is |p - q|.
"""

from __future__ import annotations

import duckdb
import pytest
from recorded_walks import figures

from act_spec.store.database import Store
from act_spec.strategies.entropy import entropy


def write_hard_labels(folder, file):
    """The majority of the votes, ties to not_hate."""
    duckdb.sql(
        f"COPY (SELECT item_id, CASE WHEN prob_positive > 0.5 THEN 'hate' ELSE 'not_hate' END AS label "
        f"FROM '{folder}/items.parquet') TO '{file}'"
    )


@pytest.mark.parametrize(("subset", "gap"), [("random", 0.1026), ("high_variance", 0.4769)])
def test_a_hard_predictor_has_a_gap_and_no_variance_correlation(tmp_path, recorded_data, subset, gap):
    """The majority of the votes, ties to not_hate, against the share of hate among them."""
    folder = recorded_data / "ghc_disagreement"
    write_hard_labels(folder, tmp_path / "hard.csv")
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


def half(recorded_data, tmp_path, first):
    """The votes at odd, or at even, places of each item of the random subset, as a file; and as shares."""
    folder = recorded_data / "ghc_disagreement"
    file = tmp_path / f"half{first}.csv"
    duckdb.sql(
        f"""
        COPY (SELECT item_id, reviewer, label FROM (
            SELECT h.*, row_number() OVER (PARTITION BY item_id) AS place
            FROM read_parquet('{folder}/humans.parquet') h)
            WHERE place % 2 = {first}) TO '{file}'
        """
    )
    return file


def test_half_of_the_people_predicts_the_other_half(tmp_path, recorded_data):
    """Alternating halves of the votes on 1,000 items: correlation of variances 0.1835, mean gap 0.1508."""
    half(recorded_data, tmp_path, 1)
    other = half(recorded_data, tmp_path, 0)
    folder = recorded_data / "ghc_disagreement"
    duckdb.sql(
        f"""
        COPY (SELECT item_id, subset, avg((label = 'hate')::INT) AS share
            FROM read_csv('{other}') JOIN '{folder}/items.parquet' USING (item_id) GROUP BY ALL)
        TO '{tmp_path}/items.parquet'
        """
    )
    found = figures(
        tmp_path,
        tmp_path,
        "{kind: soft, question: Is it hateful?, labels: [hate, not_hate], expression: sampled, tolerance: 0.00001}",
        "show: [subset], where: {subset: random}, gold: share",
        "{strategy: {name: recorded, source: half1.csv, label: label, member: reviewer}}",
    )

    assert found["machine_variance_correlation"] == pytest.approx(0.1835, abs=0.0001)
    assert found["machine_distribution_gap"] == pytest.approx(0.1508, abs=0.0001)


def test_entropy_of_the_shares_is_in_bits():
    """Of two labels the entropy of p is that of votes, p of which are for one: 1 bit at a half, 0 at the ends."""
    assert [entropy(["hate"] * k + ["not"] * (4 - k)) for k in (0, 1, 2, 4)] == pytest.approx(
        [0, 0.8113, 1, 0], abs=5e-5
    )


@pytest.mark.parametrize(("subset", "warned"), [("high_variance", True), ("random", False)])
def test_where_all_variances_are_alike_the_correlation_comes_with_a_warning(
    tmp_path, recorded_data, subset, warned
):
    """On the items whose share is 0.4 to 0.6, p (1 - p) lies between 0.24 and 0.25."""
    figures(
        tmp_path,
        recorded_data / "ghc_disagreement",
        "{kind: soft, question: Is it hateful?, labels: [hate, not_hate], expression: sampled}",
        f"show: [subset], where: {{subset: {subset}}}, gold: prob_positive",
        "{strategy: {name: recorded, source: FOLDER/humans.parquet, label: label, member: reviewer}}",
    )

    with Store.open(tmp_path / "runs" / "recorded" / "run.duckdb", read_only=True) as store:
        [note] = store.one("SELECT note FROM metrics WHERE name = 'machine_variance_correlation'")
    assert ("says little" in note) == warned


def test_figures_come_for_each_subset(tmp_path, recorded_data):
    """One run over both: the gaps of a hard predictor are 0.1026 and 0.4769, and it has no correlation in either."""
    folder = recorded_data / "ghc_disagreement"
    write_hard_labels(folder, tmp_path / "hard.csv")
    found = figures(
        tmp_path,
        folder,
        "{kind: soft, question: Is it hateful?, labels: [hate, not_hate], subsets: subset}",
        "show: [item_id], gold: prob_positive",
        "{strategy: {name: recorded, source: hard.csv, label: label}}",
    )

    gaps = [found[f"machine_distribution_gap:{subset}"] for subset in ("random", "high_variance")]
    assert gaps == pytest.approx([0.1026, 0.4769], abs=0.00005)
    for subset in ("random", "high_variance"):
        assert found[f"machine_variance_correlation:{subset}"] is None
        assert found[f"machine_majority_macro_f1:{subset}"] == 1
