"""A packet opened from a disk: no server, nothing fetched, answers downloaded and taken in."""

from __future__ import annotations

import pytest
from browser.desk_work import answer, counted, place, ready, shown
from reviewed import rows, waiting_run
from walking import plan_of

from act_spec.plan.compile import run_folder
from act_spec.run.outcome import take_in_files
from act_spec.run.reviewing import hand_out

pytest.importorskip("playwright.sync_api", reason="playwright drives the browser")
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_a_packet_is_answered_offline_and_comes_back(tmp_path, profile):
    """Answer, skip, flag, close, come back, finish, download; the import knows every decision and its time."""
    recipe = waiting_run(tmp_path, reviews=4, texts=8)
    plan = plan_of(recipe)
    file = tmp_path / "packet.html"
    assert hand_out(plan, run_folder(plan), "packet", file, reviewer=None).items == 4
    context = profile(offline=True, accept_downloads=True)
    page = context.new_page()
    page.goto(file.as_uri())
    place(page, 1)
    decided: dict[str, tuple[str | None, str]] = {shown(page): ("good", "keep")}
    answer(page, "1", 1, 4)
    decided[shown(page)] = (None, "skip")
    answer(page, "s", 2, 4)
    page.close()

    page = context.new_page()
    page.goto(file.as_uri())
    place(page, 3)
    counted(page, 2, 4)
    decided[shown(page)] = ("bad", "ambiguous")
    page.keyboard.press("a")
    answer(page, "2", 3, 4)
    decided[shown(page)] = ("bad", "change")
    answer(page, "2", 4, 4)
    expect(page.locator("#finished")).to_contain_text("Download your answers")
    with page.expect_download() as downloading:
        page.locator("#download").press("Enter")
    assert downloading.value.suggested_filename == "answers-walked-ada.json"
    downloading.value.save_as(tmp_path / "answers.json")

    facts = take_in_files(plan, run_folder(plan), [tmp_path / "answers.json"])
    assert (facts.taken, facts.blanks, facts.problems) == (4, 0, ())
    assert take_in_files(plan, run_folder(plan), [tmp_path / "answers.json"]).taken == 0
    said = rows(recipe, "SELECT item_id, label, outcome, channel, reviewer, seconds > 0 FROM reviews")
    assert {f"text number {row[0][1:]}": row[1:3] for row in said} == decided
    assert {row[3:] for row in said} == {("packet", "ada", True)}


def test_a_packet_asks_for_a_name_where_the_recipe_has_none(tmp_path, profile):
    recipe = waiting_run(tmp_path, reviews=2, texts=4, review="{}")
    plan = plan_of(recipe)
    hand_out(plan, run_folder(plan), "packet", tmp_path / "packet.html", reviewer=None)
    page = profile(accept_downloads=True).new_page()
    page.goto((tmp_path / "packet.html").as_uri())
    ready(page)
    answer(page, "1", 1, 2)
    page.locator("#download").press("Enter")
    with page.expect_download() as downloading:
        page.keyboard.type("Dr. Müller")
        page.keyboard.press("Enter")
    downloading.value.save_as(tmp_path / "answers.json")

    assert take_in_files(plan, run_folder(plan), [tmp_path / "answers.json"]).taken == 1
    assert rows(recipe, "SELECT reviewer FROM reviews") == [("Dr. Müller",)]
