"""The judge goes along while the annotator is at work; what comes of it is what comes of one after the other."""

from __future__ import annotations

import json
import os
import signal
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from crashes import rows_of
from model_server import Body, ModelServer
from walking import (
    BACKOFF_S,
    database,
    is_stopping,
    plan_of,
    quick_workers,
    start_walk,
    wait_for,
    walk_recipe,
    write_recipe,
)

from act_spec.documents.ticks import Tick
from act_spec.engine.job import Job, Progress
from act_spec.engine.ledger import CapReached
from act_spec.engine.local import ProviderDown
from act_spec.plan.compile import run_folder
from act_spec.plan.explain import explain
from act_spec.records import Annotation, Vote
from act_spec.run.session import Session, open_session
from act_spec.run.walk import walk
from act_spec.store.answers import write_annotations
from act_spec.store.database import Store
from act_spec.store.pending import EVERY_ITEM, as_read, pending

ITEMS = 30
FAULTS = {"invalid": 0.1, "truncated": 0.1, "refusal": 0.1, "error": 0.1}
SAMPLED = "{name: self_consistency, n: 3}"
ANSWERS = ("votes", "annotations", "judgments")
# A server cannot tell samples apart: which of them meets a fault would be left to chance.
JUDGES = {"direct": FAULTS, "cot_perplexity": FAULTS, "{name: combined, judges: [direct, disagreement]}": {}}


class OneAfterTheOther:
    """A session whose judge waits for the annotator."""

    side_by_side = False

    def __init__(self, session: Session) -> None:
        self.tell, self._session = session.tell, session

    def execute(self, job: Job, total: int) -> Progress:
        return self._session.execute(job, total)


def walk_in_order(recipe: Path) -> None:
    """What `act-spec run` did before."""
    plan = plan_of(recipe)
    with open_session(plan, run_folder(plan), lambda _: None, backoff_s=BACKOFF_S) as (
        store,
        session,
        folder,
    ):
        walk(plan, store, OneAfterTheOther(session), folder)


def result(recipe: Path) -> tuple[dict[str, Counter[str]], dict[str, bytes]]:
    """All rows of a run but the plan, which says where its recipe is, and its files."""
    with Store.open(database(recipe), read_only=True) as store:
        rows = rows_of(store)
    del rows["plans"]
    run = database(recipe).parent
    return rows, {
        path.name: path.read_bytes() for path in run.iterdir() if path.is_file() and path.suffix != ".duckdb"
    }


def assert_same(recipe: Path, other: Path) -> None:
    (found, files), (expected, expected_files) = result(recipe), result(other)
    for table, rows in expected.items():
        assert (found[table] - rows, rows - found[table]) == (Counter(), Counter()), table
    assert files == expected_files


def recipe_in(folder: Path, name: str, server: ModelServer, judge: str = "direct", **changed: Any) -> Path:
    """The recipe of `write_recipe`, its annotator asked several times where its judge reads votes."""
    (folder / name).mkdir()
    recipe = write_recipe(folder / name, server.url, ITEMS, judge=judge, **changed)
    if "disagreement" in judge:
        text = recipe.read_text()
        recipe.write_text(text.replace("strategy: direct", f"strategy: {SAMPLED}", 1))
    return recipe


def judge_at(recipe: Path, annotator: ModelServer, judge: ModelServer) -> None:
    """Have the judge asked at a server of its own."""
    head, tail = recipe.read_text().split("judge:\n")
    recipe.write_text(f"{head}judge:\n{tail.replace(annotator.url, judge.url)}")


def asks_judge(body: Body) -> bool:
    return "error_probability" in json.dumps(body)


def paid_again(server: ModelServer) -> int:
    return server.billed.total() - len(server.billed)


def test_labels_are_judged_while_others_are_still_awaited(tmp_path):
    """Ten annotations are answered and twenty kept back until ten judgments are asked for."""
    with ModelServer() as server:
        server.hold(before=10, together=ITEMS)
        recipe = recipe_in(tmp_path, "walked", server, concurrency=2 * ITEMS)
        assert not walk_recipe(recipe).failed

    assert server.held == ITEMS
    assert sum(map(asks_judge, server.bodies[: ITEMS + 10])) == 10


WAITING = {
    "the pilot's reviews come first": ("budget: {", "pilot: 10\nbudget: {"),
    "it judges the labels that the annotator is least sure of": ("\nbudget", "\n  on: 50%\nbudget"),
}


@pytest.mark.parametrize("reason", WAITING)
def test_a_judge_that_must_wait_for_all_labels_does(tmp_path, reason):
    with ModelServer() as server:
        recipe = recipe_in(tmp_path, "walked", server, reviews=20)
        recipe.write_text(recipe.read_text().replace(*WAITING[reason]))
        walk_recipe(recipe)

    asked = [asks_judge(body) for body in server.bodies]
    assert asked == sorted(asked)
    assert sum(asked) > 1
    assert f"The judge starts when all labels are in: {reason}." in explain(plan_of(recipe))


@pytest.mark.parametrize("judge", JUDGES)
def test_what_comes_of_it_is_what_comes_of_one_after_the_other(tmp_path, judge):
    """All rows and files, whatever fails: answers and faults rest on the request alone."""
    with ModelServer(JUDGES[judge], seed=2, retry_after="0.01") as server:
        beside, after = (recipe_in(tmp_path, name, server, judge) for name in ("beside", "after"))
        walk_recipe(beside)
        server.attempts.clear()
        walk_in_order(after)

    assert_same(beside, after)
    assert any('"status":"refused"' in row for row in result(after)[0]["calls"]) == bool(JUDGES[judge])
    assert "The judge starts while the annotator is at work" in explain(plan_of(beside))


def test_workers_change_nothing(tmp_path):
    with ModelServer() as server:
        beside, after = (recipe_in(tmp_path, name, server) for name in ("beside", "after"))
        walk_recipe(beside, pool=quick_workers())
        walk_in_order(after)

    found, expected = result(beside)[0], result(after)[0]
    assert [found[table] for table in ANSWERS] == [expected[table] for table in ANSWERS]


def test_a_run_that_the_cap_ends_again_and_again_comes_to_the_same(tmp_path):
    """Labels that are not judged, and items that have none, are taken up side by side."""
    with ModelServer(erratic=True, latency_s=0.01) as server:
        recipe, other = (recipe_in(tmp_path, name, server, concurrency=4) for name in ("capped", "after"))
        walk_in_order(other)
        server.billed.clear()
        for usd in (0.015, 0.03):
            with pytest.raises(CapReached):
                walk_recipe(recipe, spend_usd=usd)
        walk_recipe(recipe)

    assert not paid_again(server)
    found, expected = result(recipe)[0], result(other)[0]
    assert [found[table] for table in ("calls", *ANSWERS)] == [
        expected[table] for table in ("calls", *ANSWERS)
    ]


@contextmanager
def two_servers(annotator: ModelServer, judge: ModelServer) -> Iterator[None]:
    with annotator, judge:
        yield


@pytest.mark.parametrize(
    ("fault", "reason", "concurrency"),
    [("key", "Incorrect API key", 2), ("bad_request", "25 calls in a row failed", 32)],
)
def test_a_judge_that_is_down_stops_the_run_with_its_reason_and_no_label_is_lost(
    tmp_path, fault, reason, concurrency
):
    """However well the annotator is; with the judge back, only what is missing is asked."""
    annotator, down, well = ModelServer(), ModelServer(script=[fault] * 99), ModelServer()
    with two_servers(annotator, down), well:
        recipe = recipe_in(tmp_path, "walked", annotator, concurrency=concurrency)
        judge_at(recipe, annotator, down)
        with pytest.raises(ProviderDown, match=reason):
            walk_recipe(recipe)
        with Store.open(database(recipe), read_only=True) as store:
            found = store.rows("SELECT status, count(*) FROM annotations GROUP BY status")
        assert found == [("ok", annotator.billed.total())]

        recipe.write_text(recipe.read_text().replace(down.url, well.url))
        assert not walk_recipe(recipe).failed

    assert (annotator.billed.total(), well.billed.total()) == (ITEMS, ITEMS)


def test_ctrl_c_ends_an_annotator_that_waits_for_a_judge_that_hangs(tmp_path):
    """The annotator is far ahead, and the second Ctrl-C drops what the judge has not answered."""
    with ModelServer() as annotator, ModelServer(script=["hang"] * 99) as judge:
        recipe = write_recipe(tmp_path, annotator.url, 700, concurrency=4)
        judge_at(recipe, annotator, judge)
        process = start_walk(recipe)
        wait_for(lambda: annotator.billed.total() > 250, process)
        os.kill(process.pid or 0, signal.SIGINT)
        wait_for(lambda: is_stopping(recipe), process)
        os.kill(process.pid or 0, signal.SIGINT)
        process.join(120)
        labelled = annotator.billed.total()

    assert process.exitcode == 130
    assert labelled < 700
    with Store.open(database(recipe), read_only=True) as store:
        [kept] = store.one("SELECT count(*) FROM annotations")
    assert labelled - 4 <= kept <= labelled


def test_progress_tells_of_both_and_what_failed_is_not_due_for_the_judge(tmp_path):
    told: list[Tick] = []
    with ModelServer({"refusal": 0.3}, seed=1) as server:
        recipe = recipe_in(tmp_path, "walked", server)
        plan = plan_of(recipe)
        with open_session(plan, run_folder(plan), told.append, backoff_s=BACKOFF_S) as (
            store,
            session,
            folder,
        ):
            walk(plan, store, session, folder)

    last = {one.stage: one for one in told}
    refused = last["annotate"].failures["refused"]
    assert (last["annotate"].done, last["annotate"].total) == (ITEMS, ITEMS)
    assert (last["judge"].done, last["judge"].total) == (ITEMS - refused, ITEMS - refused)


def test_an_annotation_is_read_from_the_file_as_it_is_handed_on():
    votes: Sequence[Vote] = [
        Vote("b", 1, None, call_key="3"),
        Vote("é", 0, "good", 1 / 3, "4"),
        Vote("b", 0, "bad", 0.1, "2"),
        Vote("Z", 0, "good", call_key="1"),
    ]
    made = Annotation("good", 2 / 3, "because", votes=tuple(votes), repairs={"relocated": 1})
    with Store.open() as store:
        store.run("INSERT INTO history.current_keys VALUES ('data', 'd'), ('annotate', 'a'), ('judge', 'j')")
        store.run(
            "INSERT INTO history.items (stage_key, item_id, content, position) VALUES ('d', 'i', '{}', 0)"
        )
        write_annotations(store, "a", 1, "tested", [("i", made)])
        found = [one.annotation for one in pending(store, "judge", "j", EVERY_ITEM)]

    assert found == [as_read(made)]
