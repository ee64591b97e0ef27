"""An edit of the recipe beside a run: what `plan` foretells is what `run` then calls."""

from __future__ import annotations

import csv
import hashlib
import json
import random
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from model_server import Body, ModelServer, example, request_key, schema_of
from walking import database, plan_of, walk_recipe

from act_spec.documents.plan_diff import PlanDiff, diff_text
from act_spec.plan.compile import run_folder
from act_spec.run.difference import difference
from act_spec.run.outcome import take_in_files
from act_spec.store.database import Store

ITEMS = 150
REVIEWS = 30
LABELS = ("delivery", "billing", "defect")
_RECIPE = """\
act: 1
name: walked
task:
  kind: classification
  question: What is it about?
  labels:
    delivery: Where an order is.
    billing: What was paid.
    defect: It does not work.
data: {{source: data.csv, id: id, show: [text]}}
annotator:
  model: openai/annotator
  api_base: {url}
  price: {{input_usd_per_million: 1, output_usd_per_million: 2}}
judge:
  model: openai/judge
  api_base: {url}
  price: {{input_usd_per_million: 1, output_usd_per_million: 2}}
budget: {{reviews: {reviews}, rule: sqrt}}
review: {{reviewers: [ada]}}
guideline: {{purpose: Faster answers.}}
seed: 3
"""


def answer(body: Body) -> str:
    """
    Every label by the text and the annotator's model; no text gets the same one from two models.

    A label that the model was not offered is never given.
    """
    schema = schema_of(body) or {}
    value = example(schema, random.Random(request_key(body)))
    if "label" in schema.get("properties", {}):
        offered = schema["properties"]["label"]["enum"]
        text = re.search(r"text number (\d+)", str(body["messages"]))
        turn = int(hashlib.sha256((text[1] if text else "").encode()).hexdigest(), 16)
        value["label"] = offered[(turn + body["model"].count("2")) % len(offered)]
    return json.dumps(value)


@dataclass(frozen=True)
class Edited:
    """A run, its recipe edited, and what came of it."""

    diff: PlanDiff
    calls: dict[str, int]
    recipe: Path

    @property
    def foretold(self) -> dict[str, tuple[int, int]]:
        return {one.stage: (one.low, one.high) for one in self.diff.stages}

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        with Store.open(database(self.recipe), read_only=True) as store:
            return store.rows(sql)


@pytest.fixture(scope="module")
def server() -> Iterator[ModelServer]:
    with ModelServer(answer=answer) as running:
        yield running


@pytest.fixture(scope="module")
def finished(server: ModelServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that people have reviewed."""
    folder = tmp_path_factory.mktemp("finished")
    recipe = folder / "walked.act.yaml"
    recipe.write_text(_RECIPE.format(url=server.url, reviews=REVIEWS), encoding="utf-8")
    with (folder / "data.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("id", "text"), *((f"i{n}", f"text number {n}") for n in range(ITEMS))])
    assert walk_recipe(recipe).waiting == REVIEWS
    _answer_all(recipe)
    assert walk_recipe(recipe).waiting == 0
    return recipe


def _answer_all(recipe: Path) -> None:
    plan = plan_of(recipe)
    worklist = run_folder(plan) / "worklist.csv"
    with worklist.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    with worklist.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows({**row, "label": row["label"] or "billing"} for row in rows)
    assert not take_in_files(plan, run_folder(plan), [worklist]).problems


@pytest.fixture
def edit(server, finished, tmp_path):
    """Edit a copy of the finished run: look at the plan, then walk, and count what the server was asked."""

    def run(*edits: tuple[str, str]) -> Edited:
        folder = tmp_path / "copy"
        shutil.copytree(finished.parent, folder)
        recipe = folder / finished.name
        text = recipe.read_text()
        for old, new in edits:
            assert old in text
            text = text.replace(old, new, 1)
        recipe.write_text(text)
        before = database(recipe).read_bytes()
        diff = difference(plan_of(recipe), database(recipe))
        assert diff is not None
        assert database(recipe).read_bytes() == before
        already = len(server.bodies)
        walk_recipe(recipe)
        sent = server.bodies[already:]
        calls = {
            stage: sum(str(body["model"]).startswith(who) for body in sent)
            for stage, who in (("annotate", "annotator"), ("judge", "judge"))
        }
        return Edited(diff, calls, recipe)

    return run


def equal(made: Edited) -> bool:
    """Whether the stages called as foretold, with nothing left open."""
    return made.foretold == {stage: (calls, calls) for stage, calls in made.calls.items()}


def test_nothing_edited_calls_nothing(edit):
    made = edit()

    assert equal(made)
    assert made.calls == {"annotate": 0, "judge": 0}
    assert made.diff.changes == ()
    assert made.diff.people.kept == REVIEWS


def test_wording_of_the_guideline_costs_nothing(edit):
    made = edit(("Faster answers.", "Faster and better answers."))

    assert equal(made)
    assert made.calls == {"annotate": 0, "judge": 0}
    assert [change.path for change in made.diff.changes] == ["guideline.purpose"]
    assert made.diff.cost_usd == (0, 0, 0)
    assert made.diff.people.kept == REVIEWS


def test_the_definition_of_a_label_asks_again_what_stands_on_it(edit):
    made = edit(("What was paid.", "What was paid or has to be."))

    assert equal(made)
    assert made.calls == {"annotate": ITEMS, "judge": ITEMS}
    assert [one.reasons for one in made.diff.stages] == [("task.labels.billing.definition",)] * 2
    assert made.diff.people.kept == REVIEWS
    assert made.diff.people.aside == 0
    low, likely, high = made.diff.cost_usd
    assert 0 < low < likely < high


def test_a_renamed_label_calls_nothing_and_keeps_its_reviews(edit):
    made = edit(("billing: What was paid.", "invoice: {definition: What was paid., renamed_from: billing}"))

    assert equal(made)
    assert made.calls == {"annotate": 0, "judge": 0}
    assert (made.diff.people.kept, made.diff.people.renamed) == (REVIEWS, True)
    labels = made.rows("SELECT DISTINCT label FROM labels ORDER BY label")
    assert labels == [("defect",), ("delivery",), ("invoice",)]
    assert made.rows("SELECT count(*), any_value(label) FROM reviews") == [(REVIEWS, "invoice")]
    # The former answers lie where they lay.
    assert made.rows("SELECT count(*) FROM history.reviews WHERE label = 'billing'") == [(REVIEWS,)]
    assert made.rows("SELECT count(*) FROM labels WHERE source = 'human'") == [(REVIEWS,)]


def test_a_second_renaming_keeps_what_was_answered_under_every_name(server, edit):
    """Billing becomes invoice, an answer is corrected, then invoice becomes bill and defect becomes fault."""
    made = edit(("billing: What was paid.", "invoice: {definition: What was paid., renamed_from: billing}"))
    _correct_one(made.recipe, "defect")
    text = (
        made.recipe.read_text()
        .replace("invoice: {", "bill: {")
        .replace("from: billing", "from: [billing, invoice]")
    )
    made.recipe.write_text(
        text.replace(
            "defect: It does not work.", "fault: {definition: It does not work., renamed_from: defect}"
        )
    )
    diff = difference(plan_of(made.recipe), database(made.recipe))
    already = len(server.bodies)
    walk_recipe(made.recipe)

    assert diff is not None
    assert (diff.people.kept, diff.people.renamed) == (REVIEWS, True)
    assert len(server.bodies) == already
    assert made.rows(
        "SELECT label, count(*) FROM labels WHERE source = 'human' GROUP BY ALL ORDER BY ALL"
    ) == [
        ("bill", REVIEWS - 1),
        ("fault", 1),
    ]


def _correct_one(recipe: Path, label: str) -> None:
    plan = plan_of(recipe)
    worklist = run_folder(plan) / "worklist.csv"
    with worklist.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    with worklist.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows([{**rows[0], "label": label}, *rows[1:]])
    assert take_in_files(plan, run_folder(plan), [worklist]).taken == 1


def test_another_annotator_asks_everything_again_and_keeps_the_reviews(edit):
    """Its labels decide which judgments can be reused, so theirs is a range; here all of them differ."""
    made = edit(("openai/annotator", "openai/annotator2"))

    assert made.foretold == {"annotate": (ITEMS, ITEMS), "judge": (0, ITEMS)}
    assert made.calls == {"annotate": ITEMS, "judge": ITEMS}
    assert made.diff.drawn_anew
    assert made.diff.people.kept == REVIEWS
    assert made.rows("SELECT count(*) FROM labels WHERE source = 'human'") == [(REVIEWS,)]


def test_another_judge_leaves_the_annotations_alone(edit):
    made = edit(("openai/judge", "openai/judge2"))

    assert equal(made)
    assert made.calls == {"annotate": 0, "judge": ITEMS}
    assert [one.reasons for one in made.diff.stages] == [(), ("judge.model",)]


def test_another_question_keeps_human_labels_aside(edit):
    made = edit(("What is it about?", "Which desk has to act?"))

    assert equal(made)
    assert (made.diff.people.kept, made.diff.people.aside) == (0, REVIEWS)
    assert made.rows("SELECT count(*) FROM reviews") == [(0,)]
    assert made.rows("SELECT count(*) FROM history.reviews") == [(REVIEWS,)]
    assert "kept aside" in diff_text(made.diff)


def test_what_was_set_aside_counts_again_when_the_question_comes_back(edit):
    made = edit(("What is it about?", "Which desk has to act?"))
    made.recipe.write_text(made.recipe.read_text().replace("Which desk has to act?", "What is it about?"))
    diff = difference(plan_of(made.recipe), database(made.recipe))

    assert diff is not None
    assert (diff.calls, diff.people.back) == ((0, 0), REVIEWS)


def test_another_label_sets_human_labels_aside_and_asks_again(edit):
    made = edit(("    defect:", "    account: Login and address.\n    defect:"))

    assert equal(made)
    assert made.calls == {"annotate": ITEMS, "judge": ITEMS}
    assert made.diff.people.aside == REVIEWS


def test_a_new_rule_calls_nothing_and_draws_anew(edit):
    made = edit(("rule: sqrt", "rule: exponential"))

    assert equal(made)
    assert made.calls == {"annotate": 0, "judge": 0}
    assert made.diff.drawn_anew


def test_more_items_call_for_themselves_alone(edit, finished, server):
    """Data are one file and one hash, so every stage is settled anew: old items from the cache."""
    with (finished.parent / "data.csv").open(encoding="utf-8") as file:
        data = file.read()
    made = None
    original = (finished.parent / "data.csv").read_bytes()
    try:
        (finished.parent / "data.csv").write_text(
            data + "".join(f"j{n},text number j{n}\n" for n in range(7))
        )
        made = edit()
    finally:
        (finished.parent / "data.csv").write_bytes(original)

    assert equal(made)
    assert made.calls == {"annotate": 7, "judge": 7}
    assert made.diff.stages[0].cached == ITEMS
    assert made.diff.people.kept == REVIEWS


def test_a_preview_leaves_the_rest_to_do(server, finished, tmp_path):
    recipe = tmp_path / finished.name
    shutil.copy(finished.parent / "data.csv", tmp_path)
    shutil.copy(finished, recipe)
    walk_recipe(recipe, limit=20)
    diff = difference(plan_of(recipe), database(recipe))

    assert diff is not None
    assert diff.calls == (2 * (ITEMS - 20), 2 * (ITEMS - 20))
    assert f"{ITEMS - 20} items, still to do" in diff_text(diff)
