"""
News summaries (arXiv:2301.13848): people compare a writer's summary with a model's.

The counts and alphas are ours, computed on the published judgements.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner
from walking import plan_of, walk_recipe

from act_spec.cli.program import program
from act_spec.plan.compile import run_folder
from act_spec.records import Item
from act_spec.store.database import Store
from act_spec.tasks.pairwise import SWAPPED, Pairwise
from act_spec.tasks.rating import Rating

_RECIPE = """\
act: 1
name: news
task: {{kind: pairwise, question: Which summary is better?, between: [{between}]}}
data: {{source: pairs.csv, id: item_id, show: [writer, model]}}
annotator: {{column: guess}}
budget: {{reviews: 100%, rule: uniform}}
review: {{reviewers: [{reviewers}], overlap: 100%, disagreements: majority}}
"""
Vote = tuple[str, str, str]


def judged(folder: Path, votes: Sequence[Vote], between: str = "writer, model") -> dict[str, float]:
    """The figures of a run that took these judgements in: item, reviewer, answer."""
    items = sorted({item for item, _, _ in votes})
    reviewers = sorted({reviewer for _, reviewer, _ in votes})
    folder.mkdir()
    lines = [f"{item},by the writer,by the model,writer" for item in items]
    (folder / "pairs.csv").write_text("\n".join(["item_id,writer,model,guess", *lines]), encoding="utf-8")
    recipe = folder / "news.act.yaml"
    recipe.write_text(_RECIPE.format(between=between, reviewers=", ".join(reviewers)), encoding="utf-8")
    walk_recipe(recipe)
    run = run_folder(plan_of(recipe))
    for reviewer in reviewers:
        file = folder / f"{reviewer}.csv"
        with file.open("w", encoding="utf-8", newline="") as opened:
            rows = csv.writer(opened)
            rows.writerow(["item_id", "label", "reviewer"])
            rows.writerows([item, answer, who] for item, who, answer in votes if who == reviewer)
        done = CliRunner().invoke(program, ["import", str(run), str(file)])
        assert done.exit_code == 0, done.output
    walk_recipe(recipe)
    with Store.open(run / "run.duckdb", read_only=True) as store:
        found: dict[str, float] = dict(store.rows("SELECT name, value FROM metrics"))
        settled = store.rows("SELECT coalesce(label, outcome), count(*) FROM adjudicated GROUP BY ALL")
    return found | {f"settled: {name}": count for name, count in settled}


def published(recorded_data: Path, question: str) -> list[Vote]:
    file = str(recorded_data / "news_summaries_pairwise" / "humans.parquet")
    return duckdb.execute(
        f"SELECT item_id, 'e' || dense_rank() OVER (ORDER BY reviewer), {question} FROM read_parquet(?)",
        [file],
    ).fetchall()


@pytest.mark.parametrize(
    ("question", "times", "alphas"),
    [("overall", (243, 117, 239), (0.085, 0.082)), ("informative", (217, 132, 250), (0.094, 0.080))],
)
def test_599_judgements_have_their_counts_and_alphas(tmp_path, recorded_data, question, times, alphas):
    """Writer better, equal, model better; alpha nominal, and interval with 1, 0 and -1."""
    found = judged(tmp_path / "run", published(recorded_data, question))

    shares = [found[f"people_preferred:{name}"] for name in ("writer", "tie", "model")]
    assert shares == pytest.approx([count / 599 for count in times])
    levels = [found[f"krippendorffs_alpha_{level}"] for level in ("nominal", "interval")]
    assert levels == pytest.approx(alphas, abs=5e-4)
    if question == "overall":
        ties = [value for name, value in found.items() if name.startswith("tie_share:")]
        assert (round(min(ties), 2), round(max(ties), 2)) == (0.01, 0.42)
        # Of 112 pairs twelve have a single answer, which stands without being settled.
        assert found["settled: open"] == 24


def test_no_writer_judges_a_summary_of_their_own(recorded_data):
    file = str(recorded_data / "news_summaries_pairwise" / "humans.parquet")
    [(own,)] = duckdb.execute(
        "SELECT count(*) FROM read_parquet(?) WHERE writer = reviewer", [file]
    ).fetchall()

    assert own == 0


VOTES: list[Vote] = [
    (f"p{number}", reviewer, ("writer", "model", "tie")[(number * step) % 7 % 3])
    for number in range(20)
    for reviewer, step in (("ann", 1), ("ben", 2), ("cem", 3))
]


def test_naming_the_other_field_first_changes_no_win(tmp_path):
    one = judged(tmp_path / "one", VOTES)
    other = judged(tmp_path / "other", VOTES, between="model, writer")

    figures = [name for name in one if name.startswith(("people_preferred", "krippendorffs", "tie_share"))]
    assert len(figures) == 3 + 4 + 3
    assert [other[name] for name in figures] == pytest.approx([one[name] for name in figures])


def test_swapping_a_and_b_flips_who_wins_and_no_tie():
    task = Pairwise.model_validate({"question": "?", "between": ["writer", "model"], "both_orders": True})
    seen = {one.name: one.task for one in task.present(Item("1", {"writer": "w", "model": "m"}))}
    swapped, given = seen.pop(SWAPPED), *seen.values()

    assert [given.parse(said) for said in ("A", "B", "tie")] == ["writer", "model", "tie"]
    assert [swapped.parse(said) for said in ("A", "B", "tie")] == ["model", "writer", "tie"]


def test_criteria_have_scales_of_their_own():
    """Faithfulness is 0 or 1, coherence and relevance go from 1 to 5, as in the published form."""
    task = Rating.model_validate(
        {
            "question": "?",
            "criteria": {"faithfulness": {"scale": "binary"}, "coherence": {}, "relevance": {}},
        }
    )

    assert task.read("faithfulness: 1; coherence: 5; relevance: 3") == (
        '{"coherence":5,"faithfulness":1,"relevance":3}'
    )
    with pytest.raises(ValueError, match="not on the scale"):
        task.read("faithfulness: 3; coherence: 5; relevance: 3")
