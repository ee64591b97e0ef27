"""A clock that is set back and forth: times are kept as UTC, in the order in which things happened."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

import pytest
from reviewed import rows, waiting_run
from walking import plan_of, walk_recipe

from act_spec.cli.choose import plan_of_run
from act_spec.plan.compile import run_folder
from act_spec.run.outcome import take_in_files
from act_spec.run.replay import replay
from act_spec.store.database import Store
from act_spec.store.reviews import Review, latest_answers, write_answer


class Jumping(datetime):
    """A clock that nobody can trust: it is up to two days wrong, otherwise each time."""

    dice = random.Random(4)

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        return datetime.now(tz) + timedelta(hours=cls.dice.uniform(-48, 48))


@pytest.fixture
def set_clock_wrong(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From then on."""

    def wrong() -> None:
        for name, module in list(sys.modules.items()):
            if name.startswith("act_spec.") and vars(module).get("datetime") is datetime:
                monkeypatch.setattr(module, "datetime", Jumping)
        monkeypatch.setattr(time, "time", lambda: Jumping.now(UTC).timestamp())

    return wrong


def answer(recipe: Path, number: int) -> None:
    """Ada answers all that is drawn, from what her worklist says, and sees one item otherwise each time."""
    plan = plan_of(recipe)
    file = run_folder(plan) / "worklist.csv"
    lines = file.read_text(encoding="utf-8-sig").splitlines()
    place = lines[0].split(",").index("label")
    told = [line.split(",") for line in lines[1:]]
    for row, cells in enumerate(told):
        cells[place] = "bad" if row % 3 == number % 3 else "good"
    text = "\n".join([lines[0], *(",".join(cells) for cells in told)])
    file.write_text(text + "\n", encoding="utf-8-sig")
    take_in_files(plan, run_folder(plan), [file])


def live(recipe: Path) -> list[tuple[object, ...]]:
    """Two rounds of reviews, each answered twice over; the labels."""
    for number, reviews in enumerate((8, 12)):
        recipe.write_text(recipe.read_text().replace(f"reviews: {reviews - 4}", f"reviews: {reviews}"))
        walk_recipe(recipe)
        answer(recipe, number)
        answer(recipe, number + 1)
        walk_recipe(recipe)
    return rows(recipe, "SELECT * FROM labels ORDER BY item_id")


def test_a_run_under_a_jumping_clock_is_the_run_under_a_good_one(tmp_path, set_clock_wrong):
    folders = [tmp_path / name for name in ("good", "wrong")]
    for folder in folders:
        folder.mkdir()
    expected = live(waiting_run(folders[0], 24, reviews=4))
    set_clock_wrong()
    recipe = waiting_run(folders[1], 24, reviews=4)

    assert live(recipe) == expected
    run = run_folder(plan_of(recipe))
    again = replay(plan_of_run(run), run, tmp_path / "again")
    assert all(table.equal == table.total for table in again.tables)


def test_an_answer_is_later_than_the_one_that_it_corrects(store: Store):
    noon = datetime(2026, 10, 25, 12)  # noqa: DTZ001 - tables hold UTC without saying so
    said = Review("i1", 1, "ada", "good", "keep", None, None, None, "page")
    write_answer(store, "key", said, 0, noon)
    write_answer(store, "key", replace(said, outcome="skip"), 1, noon - timedelta(hours=1))

    times = store.rows("SELECT revision, reviewed_at FROM history.reviews ORDER BY reviewed_at")
    assert [revision for revision, _ in times] == [1, 2]
    assert latest_answers(store, "key")[0].outcome == "skip"
