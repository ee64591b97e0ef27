"""What is said of drawn items that did not come back, by the pattern in which they are missing."""

from __future__ import annotations

import csv
import io
import json

import pytest
from reviewed import rows, waiting_run
from walking import plan_of

from act_spec.documents.summary import status_text
from act_spec.plan.compile import run_folder
from act_spec.run.measure import measure
from act_spec.run.outcome import status_facts, take_in_files
from act_spec.run.report import write_report
from act_spec.run.report_quality import warnings
from act_spec.run.stage import Folder
from act_spec.run.walk import open_run
from act_spec.store.database import Store


def _return(recipe, answers):
    """The worklist with these cells, in its own order; the figures that follow."""
    plan = plan_of(recipe)
    file = run_folder(plan) / "worklist.csv"
    table = list(csv.reader(io.StringIO(file.read_text(encoding="utf-8-sig"), newline="")))
    label, outcome = (table[0].index(name) for name in ("label", "outcome"))
    for row, answer in zip(table[1:], answers, strict=True):
        row[outcome if answer in {"skip", "ambiguous"} else label] = answer
    back = recipe.with_name("back.csv")
    with back.open("w", encoding="utf-8", newline="") as target:
        csv.writer(target).writerows(table)
    assert take_in_files(plan, run_folder(plan), [back]).problems == ()
    return {row[0]: row[1:] for row in rows(recipe, "SELECT name, value, low, high, note FROM metrics")}


@pytest.fixture
def recipe(tmp_path):
    return waiting_run(tmp_path, reviews=10, texts=20, review="{reviewers: [ada, sam]}")


def test_before_the_first_answer_nothing_is_missing(recipe):
    """Whoever waits for people is not told of non-response."""
    plan = plan_of(recipe)
    folder = Folder(run_folder(plan))
    with Store.open(folder.database) as store:
        plan = open_run(plan, store)
        measure(plan, store)
        said = warnings(store)
    found = rows(recipe, "SELECT value, note FROM metrics WHERE name = 'response_share'")

    assert found == [(0.0, "no answer is in yet")]
    assert said == ()


def test_all_that_came_back_needs_no_words(recipe):
    found = _return(recipe, ["good", "bad"] * 5)

    assert found["response_share"] == (1.0, None, None, None)
    assert "estimated_machine_accuracy_bounds" not in found


def test_the_first_answers_of_each_queue_are_a_random_part(recipe):
    """Ada sent three back and Sam two: no gap in either queue."""
    found = _return(recipe, ["good", "bad", "good", "bad", "good", "", "", "", "", ""])

    assert found["response_share"][0] == 0.5
    assert "5 of 10 drawn items have a label of people; 5 not answered" in found["response_share"][3]
    assert "a random part" in found["response_share"][3]
    assert "estimated_machine_accuracy_bounds" not in found


def test_what_is_missing_elsewhere_is_bounded(recipe):
    """Skips and gaps depend on the items: the estimate is shown with all of them wrong, and with all right."""
    found = _return(recipe, ["good", "good", "skip", "bad", "good", "good", "ambiguous", "", "good", "good"])
    _, low, high, note = found["estimated_machine_accuracy_bounds"]

    assert "1 skipped" in found["response_share"][3]
    assert "1 ambiguous" in found["response_share"][3]
    assert "need not be" in found["response_share"][3]
    assert low < found["estimated_machine_accuracy"][0] < high
    assert "Sampling comes on top" in note


def test_the_bounds_are_what_the_answers_would_have_given(tmp_path):
    """Filled in with changes and with keeps, the same run estimates its own bounds."""
    given = ["good", "bad", "", "good", "", "good", "bad", "", "good", "good"]
    made = {}
    for name in ("open", "bad", "good"):
        folder = tmp_path / name
        folder.mkdir()
        one = waiting_run(folder, reviews=10, texts=20)
        answers = given if name == "open" else [answer or name for answer in given]
        made[name] = _return(one, answers)

    _, low, high, _ = made["open"]["estimated_machine_accuracy_bounds"]
    assert low == pytest.approx(made["bad"]["estimated_machine_accuracy"][0])
    assert high == pytest.approx(made["good"]["estimated_machine_accuracy"][0])


def test_status_report_and_methods_say_so(recipe):
    _return(recipe, ["good", "good", "skip", "bad", "good", "good", "ambiguous", "", "good", "good"])
    plan = plan_of(recipe)
    folder = Folder(run_folder(plan))
    facts = status_facts(folder.path)
    with Store.open(folder.database) as store:
        write_report(open_run(plan, store), store, folder)

    assert "7 of 10 drawn items" in status_text(facts)
    assert json.loads(json.dumps(facts.as_json()))["response"].startswith("7 of 10")
    report = (folder.path / "report.html").read_text(encoding="utf-8")
    assert "7 of 10 drawn items have a label of people" in report
    assert "Whatever the missing answers are" in report
    assert "non-response: 7 of 10" in (folder.path / "METHODS.md").read_text(encoding="utf-8")
