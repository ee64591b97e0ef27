"""A run is rebuilt from its records alone, to the last byte; what does not belong to it is named."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_socket
from model_server import ModelServer
from walking import plan_of, walk_recipe, write_recipe

from act_spec.cli.choose import plan_of_run
from act_spec.documents.replayed import Replayed, replay_text
from act_spec.errors import StoreError
from act_spec.plan.compile import run_folder
from act_spec.run.lock import read_lock
from act_spec.run.outcome import take_in_files
from act_spec.run.replay import replay
from act_spec.run.stage import Folder
from act_spec.store.database import Store
from act_spec.store.export import write_labels

DOCUMENTS = ("guideline.md", "guideline.html", "report.html", "METHODS.md", "act.lock")
_PEOPLE = """\
act: 1
name: walked
task: {{kind: classification, question: Good?, labels: [good, bad]}}
data: {{source: data.csv, id: id, show: [text], gold: gold}}
annotator: {{strategy: {{name: recorded, label: machine, confidence: sure}}}}
{judge}
budget: {{reviews: {reviews}, rule: {rule}, audit: 20%}}
review: {{reviewers: [ada, ben], overlap: 40%, disagreements: majority}}
seed: 3
"""
_JUDGE = "judge: {strategy: {name: recorded, as: own_confidence, confidence: sure}, calibrate: isotonic}"
_CANDIDATES = """\
judge:
  - {strategy: {name: recorded, as: own_confidence, confidence: sure}}
  - {strategy: {name: recorded, as: error_probability, error_probability: p_wrong}}
pilot: 20
"""


def write_people(folder: Path, reviews: int, rule: str = "sqrt", judge: str = _JUDGE) -> Path:
    """A recipe that asks only people; the second of its judges knows more than the first."""
    recipe = folder / "walked.act.yaml"
    recipe.write_text(_PEOPLE.format(reviews=reviews, rule=rule, judge=judge), encoding="utf-8")
    with (folder / "data.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "text", "gold", "machine", "sure", "p_wrong"])
        for number in range(120):
            gold = "bad" if number % 3 == 0 else "good"
            wrong = number % 7 == 0
            machine = {"bad": "good", "good": "bad"}[gold] if wrong else gold
            sure, suspected = 0.5 + number % 5 / 10, 0.9 if wrong else 0.1
            writer.writerow([f"i{number}", f"text {number}", gold, machine, sure, suspected])
    return recipe


def answer(recipe: Path, *, label: str | None = None) -> None:
    """Ada and Ben answer every drawn item, with one label or with what is right, and Ben errs now and then."""
    file = recipe.parent / "runs" / "walked" / "worklist.csv"
    plan = plan_of(recipe)
    for name, errs in (("ada", 10_000), ("ben", 11)):
        with file.open(encoding="utf-8-sig", newline="") as opened:
            found = list(csv.DictReader(opened))
        for row in found:
            number = int(row["text"].removeprefix("text "))
            right = (number % 3 == 0) != (number % errs == 1)
            row["label"] = label or ("bad" if right else "good")
            row["reviewer"] = name
        with file.open("w", encoding="utf-8-sig", newline="") as opened:
            writer = csv.DictWriter(opened, list(found[0]))
            writer.writeheader()
            writer.writerows(found)
        take_in_files(plan, run_folder(plan), [file])


def moved(recipe: Path, to: Path) -> Path:
    """The project on another path, its old place gone; the run in it."""
    shutil.move(recipe.parent, to)
    return to / "runs" / "walked"


def replayed(run: Path, to: Path) -> Replayed:
    return replay(plan_of_run(run), run, to)


def written(run: Path, ending: str) -> bytes:
    """The labels as `act-spec labels` writes them."""
    output = run.parent / f"{run.name}-labels.{ending}"
    with Store.open(run / "run.duckdb", read_only=True) as store:
        write_labels(store, output)
    return output.read_bytes()


def figures(run: Path) -> list[tuple[Any, ...]]:
    with Store.open(run / "run.duckdb", read_only=True) as store:
        return store.rows("SELECT * FROM metrics")


def check_equal(run: Path, to: Path) -> None:
    """Everything that the issue asks to be equal is, without asking `replay` itself."""
    assert {
        name: (run / name).read_bytes() == (to / name).read_bytes() for name in DOCUMENTS
    } == dict.fromkeys(DOCUMENTS, True)
    assert {
        ending: written(run, ending) == written(to, ending) for ending in ("csv", "jsonl", "parquet")
    } == {
        "csv": True,
        "jsonl": True,
        "parquet": True,
    }
    assert figures(run) == figures(to)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "first" / "project"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def refuse_network() -> Iterator[Callable[[], None]]:
    """Call it, and every socket is refused until the test is over."""
    yield pytest_socket.disable_socket
    pytest_socket.enable_socket()


@pytest.mark.parametrize("fault", ["invalid", "refusal", "error"])
def test_a_run_with_failures_is_rebuilt_elsewhere_without_a_network(project, tmp_path, refuse_network, fault):
    """What failed fails again, what was asked twice is looked up twice, and the bill is the same."""
    with ModelServer({fault: 0.3}, seed=4) as server:
        recipe = write_recipe(project, server.url, items=40)
        walk_recipe(recipe)
    run = moved(recipe, tmp_path / "second")
    refuse_network()

    done = replayed(run, tmp_path / "rebuilt")

    check_equal(run, tmp_path / "rebuilt")
    assert done.equal
    assert done.figures.total == len(figures(run)) > 10
    assert f"{done.figures.total} of {done.figures.total} figures equal." in replay_text(done)


def test_rounds_calibrated_by_earlier_answers_are_drawn_again(project, tmp_path):
    """Each of three rounds sees the answers of its time: a later change of mind does not reach back."""
    recipe = write_people(project, reviews=20)
    walk_recipe(recipe)
    answer(recipe)
    recipe = write_people(project, reviews=40)
    walk_recipe(recipe)
    answer(recipe)
    recipe = write_people(project, reviews=50)
    walk_recipe(recipe)
    answer(recipe, label="good")
    walk_recipe(recipe)
    run = moved(recipe, tmp_path / "second")

    done = replayed(run, tmp_path / "rebuilt")

    check_equal(run, tmp_path / "rebuilt")
    assert done.equal
    with Store.open(tmp_path / "rebuilt" / "run.duckdb", read_only=True) as store:
        assert store.rows("SELECT round, size FROM history.round_shares ORDER BY round") == [
            (1, 20),
            (2, 20),
            (3, 10),
        ]


def test_a_pilot_chooses_the_same_judge_again(project, tmp_path):
    recipe = write_people(project, reviews=40, judge=_CANDIDATES)
    walk_recipe(recipe)
    answer(recipe)
    walk_recipe(recipe)
    answer(recipe)
    walk_recipe(recipe)
    run = moved(recipe, tmp_path / "second")

    done = replayed(run, tmp_path / "rebuilt")

    check_equal(run, tmp_path / "rebuilt")
    assert done.equal
    with Store.open(tmp_path / "rebuilt" / "run.duckdb", read_only=True) as store:
        assert store.rows("SELECT count(*) FROM pilots") == [(4,)]


def test_answers_kept_from_before_an_edit_are_there_again(project, tmp_path):
    """Another rule draws anew; who was answered under the old one needs no second answer."""
    recipe = write_people(project, reviews=20)
    walk_recipe(recipe)
    answer(recipe)
    recipe = write_people(project, reviews=20, rule="threshold")
    walk_recipe(recipe)
    answer(recipe)
    walk_recipe(recipe)
    run = moved(recipe, tmp_path / "second")

    assert replayed(run, tmp_path / "rebuilt").equal
    check_equal(run, tmp_path / "rebuilt")


def test_a_pilot_that_waits_for_people_is_rebuilt(project, tmp_path):
    recipe = write_people(project, reviews=40, judge=_CANDIDATES)
    walk_recipe(recipe)
    run = moved(recipe, tmp_path / "second")

    assert replayed(run, tmp_path / "rebuilt").equal
    check_equal(run, tmp_path / "rebuilt")


def test_a_run_that_waits_for_people_is_rebuilt_as_far_as_it_went(project, tmp_path):
    recipe = write_people(project, reviews=20)
    walk_recipe(recipe)
    run = moved(recipe, tmp_path / "second")

    assert replayed(run, tmp_path / "rebuilt").equal


def test_a_run_stopped_by_its_cap_is_rebuilt_as_far_as_it_went(project, tmp_path):
    with ModelServer() as server:
        recipe = write_recipe(project, server.url, items=60, concurrency=1)
        with pytest.raises(Exception, match="cap"):
            walk_recipe(recipe, spend_usd=0.004)
    run = moved(recipe, tmp_path / "second")
    with Store.open(run / "run.duckdb", read_only=True) as store:
        [(labelled,)] = store.rows("SELECT count(*) FROM annotations")

    done = replayed(run, tmp_path / "rebuilt")

    assert 0 < labelled < 60
    assert done.equal


def test_a_missing_reply_is_an_error_and_never_a_call(project, tmp_path):
    with ModelServer() as server:
        recipe = write_recipe(project, server.url, items=10)
        walk_recipe(recipe)
        run = recipe.parent / "runs" / "walked"
        with Store.open(run / "run.duckdb") as store:
            store.run("DELETE FROM calls WHERE item_id = 'i3'")
        sent = len(server.bodies)

        with pytest.raises(StoreError, match="recorded replies are not those of act.lock"):
            replayed(run, tmp_path / "rebuilt")
        assert len(server.bodies) == sent


def test_a_changed_answer_is_noticed(project, tmp_path):
    recipe = write_people(project, reviews=20)
    walk_recipe(recipe)
    answer(recipe)
    walk_recipe(recipe)
    run = recipe.parent / "runs" / "walked"
    with Store.open(run / "run.duckdb") as store:
        store.run(
            "UPDATE history.reviews SET label = if(label = 'bad', 'good', 'bad') WHERE item_id = (SELECT min(item_id) FROM reviews)"
        )

    with pytest.raises(StoreError, match="answers of people came in, or were changed"):
        replayed(run, tmp_path / "rebuilt")


def test_a_changed_result_is_named(project, tmp_path):
    recipe = write_people(project, reviews=20)
    walk_recipe(recipe)
    answer(recipe)
    walk_recipe(recipe)
    run = recipe.parent / "runs" / "walked"
    with Store.open(run / "run.duckdb") as store:
        store.run("UPDATE history.metrics SET value = 0.999 WHERE name = 'machine_accuracy'")
        store.run("UPDATE history.annotations SET label = 'bad' WHERE item_id = 'i1'")
    with (run / "METHODS.md").open("a") as file:
        file.write("Better than ever.\n")

    said = replay_text(replayed(run, tmp_path / "rebuilt"))

    assert "machine_accuracy" in said
    assert "not i1" in said
    assert "not METHODS.md" in said
    assert "figures equal; not machine_accuracy." in said


@pytest.mark.parametrize("changed", ["data.csv", "walked.act.yaml"])
def test_changed_inputs_are_named(project, tmp_path, changed):
    recipe = write_people(project, reviews=20)
    walk_recipe(recipe)
    text = (project / changed).read_text()
    (project / changed).write_text(text.replace("Good?", "Nice?").replace("text 5", "text five"))

    with pytest.raises(StoreError, match=f"changed since: {changed}"):
        replayed(recipe.parent / "runs" / "walked", tmp_path / "rebuilt")


def test_nothing_is_written_over(project, tmp_path):
    recipe = write_people(project, reviews=20)
    walk_recipe(recipe)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")

    with pytest.raises(StoreError, match="something is there already"):
        replayed(recipe.parent / "runs" / "walked", tmp_path / "full")
    assert [one.name for one in (tmp_path / "full").iterdir()] == ["mine.txt"]


def test_the_lock_names_what_went_in_and_no_path_of_the_machine(project):
    recipe = write_people(project, reviews=20)
    walk_recipe(recipe)
    folder = Folder(recipe.parent / "runs" / "walked")
    lock = read_lock(folder)

    assert [(one["name"], one["what"]) for one in lock["inputs"]] == [
        ("walked.act.yaml", "recipe"),
        ("data.csv", "data"),
    ]
    assert lock["rounds"] == [{"round": 1, "reviews": 20}]
    assert lock["answers"]["count"] == 0
    assert str(project) not in (folder.path / "act.lock").read_text()


def test_answers_carried_over_to_a_renamed_label_are_there_again(project, tmp_path):
    with ModelServer() as server:
        recipe = write_recipe(project, server.url, items=30, review="{reviewers: [ada]}")
        walk_recipe(recipe)
        answer_all(recipe)
        walk_recipe(recipe)
        text = recipe.read_text()
        recipe.write_text(text.replace("good: It is.", "fine: {definition: It is., renamed_from: good}"))
        (project / "data.csv").write_text((project / "data.csv").read_text().replace(",good", ",fine"))
        walk_recipe(recipe)
    run = moved(recipe, tmp_path / "second")

    done = replayed(run, tmp_path / "rebuilt")

    check_equal(run, tmp_path / "rebuilt")
    assert done.equal
    with Store.open(tmp_path / "rebuilt" / "run.duckdb", read_only=True) as store:
        assert store.one("SELECT count(*) FROM labels WHERE source = 'human'")[0] > 0


def answer_all(recipe: Path) -> None:
    """Every drawn item is good, says Ada."""
    file = recipe.parent / "runs" / "walked" / "worklist.csv"
    with file.open(encoding="utf-8-sig", newline="") as opened:
        found = list(csv.DictReader(opened))
    with file.open("w", encoding="utf-8-sig", newline="") as opened:
        writer = csv.DictWriter(opened, list(found[0]))
        writer.writeheader()
        writer.writerows({**row, "label": "good"} for row in found)
    plan = plan_of(recipe)
    take_in_files(plan, run_folder(plan), [file])
