"""Reviewing with the keyboard alone, in one window and in two; what the tables hold in the end."""

from __future__ import annotations

from collections import Counter

import pytest
from browser.desk_work import answer, counted, place, ready, shown
from reviewed import SEVERAL, rows, served, waiting_run

pytest.importorskip("playwright.sync_api", reason="playwright drives the browser")
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
_LATEST = """
SELECT item_id, reviewer, arg_max_null(label, revision), arg_max(outcome, revision), arg_max_null(note, revision),
    max(seconds), max(revision)
FROM reviews GROUP BY item_id, reviewer
"""


def test_twenty_items_are_answered_with_the_keyboard_alone(tmp_path, profile):
    """Open, answer, undo, flag, skip, note, reload mid-item, close, come back, finish: twenty decisions with times."""
    recipe = waiting_run(tmp_path)
    decided: dict[str, tuple[str | None, str, str | None]] = {}
    with served(recipe) as running:
        context = profile()
        page = context.new_page()
        page.goto(running.link())
        place(page, 1)
        assert "token" not in page.url

        for done in range(1, 7):
            text = shown(page)
            answer(page, "1" if done % 2 else "2", done, 20)
            decided[text] = ("good", "keep", None) if done % 2 else ("bad", "change", None)

        page.keyboard.press("u")
        place(page, 6)
        assert decided[shown(page)] == ("bad", "change", None)
        decided[shown(page)] = ("good", "keep", None)
        page.keyboard.press("1")
        place(page, 7)

        decided |= _flag_twice_and_skip(page)
        text = shown(page)
        page.keyboard.press("n")
        page.keyboard.type("2 of us doubt this")
        page.keyboard.press("Escape")
        page.reload()
        place(page, 10)
        assert shown(page) == text
        expect(page.locator("#note")).to_have_value("2 of us doubt this")
        decided[text] = ("good", "keep", "2 of us doubt this")
        answer(page, "1", 10, 20)

        page.close()
        page = context.new_page()
        page.goto(running.link())
        place(page, 11)
        counted(page, 10, 20)
        for done in range(11, 21):
            decided[shown(page)] = ("bad", "change", None)
            answer(page, "2", done, 20)
        expect(page.locator("#finished")).to_contain_text("All 20 of your items are answered and saved")

    said = rows(recipe, f"SELECT * FROM ({_LATEST})")
    assert {f"text number {row[0][1:]}": row[2:5] for row in said} == decided
    assert len(said) == len(decided) == 20
    assert Counter(row[6] for row in said) == {1: 19, 2: 1}
    assert all(row[1] == "ada" and 0 < row[5] < 3600 for row in said)
    assert running.closed is not None
    assert running.closed.selected == 20


def _flag_twice_and_skip(page):
    """The seventh to ninth item; what was decided of each."""
    decided: dict[str, tuple[str | None, str, None]] = {shown(page): ("bad", "ambiguous", None)}
    page.keyboard.press("a")
    expect(page.locator("#leaning")).to_be_visible()
    answer(page, "2", 7, 20)
    decided[shown(page)] = (None, "ambiguous", None)
    page.keyboard.press("a")
    answer(page, "Enter", 8, 20)
    decided[shown(page)] = (None, "skip", None)
    answer(page, "s", 9, 20)
    return decided


def test_several_labels_are_switched_and_saved_with_enter(tmp_path, profile):
    recipe = waiting_run(tmp_path, task=SEVERAL, machine="price", reviews=4, texts=8)
    with served(recipe) as running:
        page = profile().new_page()
        page.goto(running.link())
        place(page, 1)
        for key in "123":
            page.keyboard.press(key)
        page.keyboard.press("2")
        answer(page, "Enter", 1, 4)
        answer(page, "0", 2, 4)
        page.keyboard.press("Enter")
        expect(page.locator("#problem")).to_contain_text("Choose a label, or press 0")
        page.keyboard.press("a")
        answer(page, "Enter", 3, 4)

    said = Counter(rows(recipe, "SELECT label, outcome FROM reviews"))
    assert said == {('["price","screen"]', "change"): 1, ("[]", "change"): 1, (None, "ambiguous"): 1}


def test_two_browsers_at_once_lose_and_double_nothing(tmp_path, profile):
    """Both answer as fast as they can; where they meet, the second is told and decides anew."""
    recipe = waiting_run(tmp_path)
    with served(recipe) as running:
        pages = []
        for _ in range(2):
            page = profile().new_page()
            page.goto(running.link())
            place(page, 1)
            pages.append(page)
        one, other = pages

        answer(one, "1", 1, 20)
        other.keyboard.press("2")
        expect(other.locator("#problem")).to_contain_text("answered this item in another window: good")
        ready(other)
        other.keyboard.press("ArrowRight")
        place(other, 2)

        accepted = 1
        while any(page.locator("#item").is_visible() for page in pages):
            for page, key in zip(pages, "12", strict=True):
                if not page.locator("#item").is_visible():
                    continue
                with page.expect_response(lambda reply: reply.request.method == "POST") as reply:
                    page.keyboard.press(key)
                accepted += reply.value.status == 200
                if reply.value.status == 409:
                    ready(page)
                    page.reload()
                ready(page)
        counted(one, 20, 20)
        counted(other, 20, 20)

    said = rows(recipe, "SELECT item_id, count(*), max(revision) FROM reviews GROUP BY item_id")
    assert len(said) == 20
    assert all(count == revision for _, count, revision in said)
    assert sum(count for _, count, _ in said) == accepted


def test_two_reviewers_answer_their_own_parts(tmp_path, profile):
    recipe = waiting_run(tmp_path, review="{reviewers: [ada, sam]}", reviews=6, texts=12)
    with served(recipe) as running:
        for name in ("ada", "sam"):
            page = profile().new_page()
            page.goto(running.link())
            page.keyboard.press("Tab")
            if name == "sam":
                page.keyboard.press("Tab")
            page.keyboard.press("Enter")
            expect(page.locator(".who")).to_have_text(name)
            ready(page)
            for done in range(1, 4):
                answer(page, "1", done, 3)

    assert rows(
        recipe, "SELECT reviewer, count(DISTINCT item_id) FROM reviews GROUP BY ALL ORDER BY ALL"
    ) == [
        ("ada", 3),
        ("sam", 3),
    ]


def test_the_guideline_is_searched_without_leaving_the_item(tmp_path, profile):
    recipe = waiting_run(tmp_path)
    with served(recipe) as running:
        page = profile().new_page()
        page.goto(running.link())
        place(page, 1)
        page.keyboard.press("g")
        page.keyboard.type("it is not")
        expect(page.locator("#found")).to_contain_text(" of ")
        expect(page.locator("#guideline-text h3", has_text="bad")).to_be_visible()
        expect(page.locator("#guideline-text h1")).to_be_hidden()
        marked = page.evaluate("[...CSS.highlights.get('found')].map((range) => String(range).toLowerCase())")
        assert {"it", "is", "not"} == set(marked)
        page.keyboard.press("Escape")
        expect(page.locator("#guideline-text h1")).to_be_visible()
        answer(page, "1", 1, 20)

    assert rows(recipe, "SELECT count(*) FROM reviews") == [(1,)]


def test_an_answer_that_cannot_be_saved_stays_on_the_page(tmp_path, profile):
    recipe = waiting_run(tmp_path)
    with served(recipe) as running:
        context = profile()
        page = context.new_page()
        page.goto(running.link())
        place(page, 1)
        context.route(
            "**/items/0", lambda route: route.fulfill(status=500, json={"message": "No room left."})
        )
        page.keyboard.press("1")
        expect(page.locator("#problem")).to_contain_text("No room left.")
        place(page, 1)
        context.unroute("**/items/0")
        answer(page, "1", 1, 20)
