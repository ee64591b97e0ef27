"""
Contaminated crowds (arXiv:2506.06991): scoring reviewers without gold, beyond what a model's label explains.

The simulation is ours, and so are its figures.
"""

from __future__ import annotations

import csv
import random
from pathlib import Path

import duckdb
import numpy as np
import pytest
from click.testing import CliRunner
from crowds import crowd, table
from sklearn.metrics import roc_auc_score
from walking import plan_of, walk_recipe

from act_spec.cli.program import program
from act_spec.errors import RecipeError
from act_spec.plan.compile import run_folder
from act_spec.store.database import Store
from act_spec.strategies.estimators.reviewer_quality import conditional_agreement, reviewer_quality
from act_spec.strategies.vote_table import VoteTable


@pytest.mark.parametrize("answered", [1.0, 0.5])
@pytest.mark.parametrize("seed", range(5))
def test_copies_of_the_machine_and_constant_answers_score_exactly_0(seed, answered):
    votes, machine = crowd(seed, answered=answered)

    scores = conditional_agreement(votes, machine)

    assert scores[4:6].tolist() == [0, 0]
    assert scores[8] == 0
    assert (scores[:4] > 0).all()


def test_names_of_labels_do_not_matter():
    """Renamed by people and by the machine, each their own way; deals of the null too."""
    votes, machine = crowd(1)
    renamed = table(np.array([2, 0, 1])[votes.codes])

    found = reviewer_quality(renamed, np.array([1, 2, 0])[machine], permutations=19)

    expected = reviewer_quality(votes, machine, permutations=19)
    assert [one.p_value for one in found] == [one.p_value for one in expected]
    assert [one.score for one in found] == pytest.approx([one.score for one in expected], abs=1e-12)


def test_it_tells_honest_from_lazy_where_plain_agreement_cannot():
    """30 honest, 10 copying, 5 at random, 5 constant, 1,000 items, 5 seeds: AUC at least 0.99, else 0.5."""
    honest = np.arange(50) < 30
    for seed in range(5):
        votes, machine = crowd(seed, items=1000, honest=30, copying=10, guessing=5, constant=5)

        given = roc_auc_score(honest, conditional_agreement(votes, machine))
        plain = roc_auc_score(honest, conditional_agreement(votes, np.zeros_like(machine)))

        assert given >= 0.99
        assert plain == pytest.approx(0.5)


def test_chance_explains_who_answers_at_random_and_not_who_is_honest():
    votes, machine = crowd(2)

    found = reviewer_quality(votes, machine)

    assert [one.tells for one in found] == [True] * 4 + [False] * 5
    assert found[6].score == pytest.approx(found[6].by_chance, abs=0.015)
    assert (found[4].score, found[4].by_chance, found[4].p_value) == (0, 0, 1)


LABELS = ("a", "b", "c")
_RECIPE = """\
act: 1
name: crowd
task: {{kind: classification, question: Which?, labels: [a, b, c]}}
data: {{source: items.csv, id: id, show: [text], gold: truth}}
annotator: {{column: machine}}
budget: {{reviews: 100%, rule: uniform}}
review: {{reviewers: [{names}], overlap: 100%, quality: {quality}}}
"""


def answered(folder: Path, quality: str) -> dict[str, float]:
    """Figures of a run whose reviewers are two honest ones, one who copies a chatbot, and one who says always the same."""
    folder.mkdir()
    draw = random.Random(1)

    def near(label: str, sure: float) -> str:
        return label if draw.random() < sure else draw.choice(LABELS)

    items = []
    for number in range(100):
        truth = draw.choice(LABELS)
        items.append((f"i{number}", f"text {number}", truth, near(truth, 0.6), near(truth, 0.8)))
    votes = {
        "ann": [near(truth, 0.7) for _, _, truth, _, _ in items],
        "ben": [near(truth, 0.7) for _, _, truth, _, _ in items],
        "cob": [chatbot for *_, chatbot in items],
        "dee": ["a"] * len(items),
    }
    with (folder / "items.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("id", "text", "truth", "machine", "chatbot"), *items])
    recipe = folder / "crowd.act.yaml"
    recipe.write_text(_RECIPE.format(quality=quality, names=", ".join(votes)), encoding="utf-8")
    walk_recipe(recipe)
    run = run_folder(plan_of(recipe))
    for name, labels in votes.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            rows = [(item[0], label, name) for item, label in zip(items, labels, strict=True)]
            csv.writer(file).writerows([("item_id", "label", "reviewer"), *rows])
        done = CliRunner().invoke(program, ["import", str(run), str(folder / f"{name}.csv")])
        assert done.exit_code == 0, done.output
    walk_recipe(recipe)
    with Store.open(run / "run.duckdb", read_only=True) as store:
        return dict(store.rows("SELECT name, value FROM metrics"))


def test_a_crowd_that_copies_another_model_is_told_by_that_models_labels(tmp_path):
    """Beyond the annotator a copy of the chatbot tells much; beyond the chatbot exactly nothing."""
    plain = answered(tmp_path / "plain", "report")
    given = answered(
        tmp_path / "given", "{use: exclude, condition_on: [annotator, chatbot], min_overlap: 20}"
    )

    assert plain["reviewer_quality:cob"] > plain["reviewer_quality:ann"] > 0
    assert (
        given["reviewer_quality:cob"] == given["reviewer_quality:dee"] == plain["reviewer_quality:dee"] == 0
    )
    assert given["reviewer_quality:ann"] > 0
    assert given["reviewer_quality:ben"] > 0
    # Two honest answers are left of four, and settle what they agree on.
    assert given["final_accuracy"] > given["machine_accuracy"]


def test_a_column_that_is_not_there_is_named_with_its_key(tmp_path):
    (tmp_path / "items.csv").write_text("id,text,truth,machine\ni,t,a,b", encoding="utf-8")
    recipe = tmp_path / "crowd.act.yaml"
    quality = "{use: report, condition_on: [gpt]}"
    recipe.write_text(_RECIPE.format(quality=quality, names="ann, ben"), encoding="utf-8")

    with pytest.raises(RecipeError, match=r"review\.quality\.condition_on: .*no column 'gpt'"):
        plan_of(recipe)


def test_real_votes_are_scored(recorded_data):
    """Published votes on hate: scores are at least 0, and those of whoever always says the same are 0."""
    file = f"{recorded_data}/ghc_disagreement/humans.parquet"
    rows = duckdb.sql(f"SELECT item_id, reviewer::VARCHAR, label FROM '{file}'").fetchall()
    votes = VoteTable.of(rows, ["hate", "not_hate"])

    scores = conditional_agreement(votes, np.zeros(len(votes.items), dtype=np.int64))

    constant = np.array([len(set(column[column >= 0])) == 1 for column in votes.codes.T])
    known = ~np.isnan(scores)
    assert (scores[known] >= 0).all()
    assert (scores[known & constant] == 0).all()
    assert (scores[known & ~constant] > 0).any()
