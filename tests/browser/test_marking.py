"""Marking passages, rating by several criteria and comparing two, in the real browser."""

from __future__ import annotations

import json

import pytest
from browser.desk_work import counted, place, ready
from reviewed import rows, served, waiting_run

pytest.importorskip("playwright.sync_api", reason="playwright drives the browser")
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
SPANS = "{kind: spans, question: Who and where?, text: text, labels: [person, place]}"
RATED = "{kind: rating, question: How good?, scale: [1, 5], criteria: {clear: Is it clear?, long: {scale: [0, 200]}, kind: {scale: binary}}}"
PAIR = "{kind: pairwise, question: Which is better?, between: [one, two]}"
TEXT = "In Rome 👍 Ada Lovelace met Ada."


def answers(recipe) -> list[object]:
    return [json.loads(label) for (label,) in rows(recipe, "SELECT label FROM reviews ORDER BY item_id")]


def select(page, start: int, length: int) -> None:
    """Drag the mouse over characters of the text, counted in the browser's own units."""
    box = page.evaluate(
        """([start, length]) => {
          const range = document.createRange();
          const walker = document.createTreeWalker(document.querySelector('#fields .text'), NodeFilter.SHOW_TEXT);
          let seen = 0, open = false;
          for (let node = walker.nextNode(); node; node = walker.nextNode()) {
            const end = seen + node.length;
            if (!open && start < end) { range.setStart(node, start - seen); open = true; }
            if (open && start + length <= end) { range.setEnd(node, start + length - seen); break; }
            seen = end;
          }
          const found = range.getClientRects();
          const first = found[0], last = found[found.length - 1];
          return [first.left + 1, first.top + first.height / 2, last.right - 1, last.top + last.height / 2];
        }""",
        [start, length],
    )
    page.mouse.move(box[0], box[1])
    page.mouse.down()
    page.mouse.move(box[2], box[3], steps=5)
    page.mouse.up()


def test_passages_are_marked_with_the_keyboard_alone(tmp_path, profile):
    """Walk to a word, mark it, stretch over two, take one back, save; the second item has nothing."""
    recipe = waiting_run(tmp_path, [TEXT] * 4, task=SPANS, machine="none", reviews=2)
    with served(recipe) as running:
        page = profile().new_page()
        page.goto(running.link())
        place(page, 1)
        for name in ("Period", "ArrowRight", "2"):
            page.keyboard.press(name)
        expect(page.locator("#fields mark")).to_have_text(["Rome"])
        for name in ("Period", "ArrowRight", "ArrowDown", "1"):
            page.keyboard.press(name)
        expect(page.locator("#fields mark")).to_have_text(["Rome", "Ada Lovelace"])
        for name in ("Comma", "ArrowLeft", "1", "Backspace"):
            page.keyboard.press(name)
        expect(page.locator("#fields mark")).to_have_text(["Rome", "Ada Lovelace"])
        page.reload()
        place(page, 1)
        expect(page.locator("#fields mark")).to_have_text(["Rome", "Ada Lovelace"])
        page.keyboard.press("Enter")
        counted(page, 1, 2)
        ready(page)
        page.keyboard.press("Enter")
        expect(page.locator("#problem")).to_contain_text("0 if there is nothing to mark")
        page.keyboard.press("0")
        expect(page.locator("#finished")).to_be_visible()

    marked = [
        {"start": 3, "end": 7, "label": "place", "text": "Rome"},
        {"start": 10, "end": 22, "label": "person", "text": "Ada Lovelace"},
    ]
    assert sorted(answers(recipe), key=str) == sorted([marked, []], key=str)


def test_passages_are_marked_with_the_mouse(tmp_path, profile):
    """Of two that overlap the later stands; a click takes one away."""
    recipe = waiting_run(tmp_path, [TEXT] * 4, task=SPANS, machine="none", reviews=1)
    with served(recipe) as running:
        page = profile().new_page()
        page.goto(running.link())
        place(page, 1)
        select(page, 11, 3)
        page.get_by_role("button", name="person", exact=False).first.click()
        select(page, 11, 12)
        page.keyboard.press("1")
        expect(page.locator("#fields mark")).to_have_text(["Ada Lovelace"])
        select(page, 28, 3)
        page.keyboard.press("2")
        expect(page.locator("#fields mark")).to_have_text(["Ada Lovelace", "Ada"])
        page.get_by_role("button", name="Remove Ada, place").click()
        page.keyboard.press("Enter")
        expect(page.locator("#finished")).to_be_visible()

    assert answers(recipe) == [[{"start": 10, "end": 22, "label": "person", "text": "Ada Lovelace"}]]


def test_two_are_compared_side_by_side_and_blind(tmp_path, profile):
    """A and B stand beside one another in a drawn order, and the answer is stored in the data's own terms."""
    show = "{one: text, two: id}"
    recipe = waiting_run(
        tmp_path, [f"text {n}" for n in range(12)], task=PAIR, machine="one", reviews=8, show=show
    )
    decided = {}
    with served(recipe) as running:
        page = profile(viewport={"width": 1200, "height": 800}).new_page()
        page.goto(running.link())
        for number in range(1, 9):
            place(page, number)
            first, second = page.locator("#fields section").all()
            assert first.bounding_box()["y"] == second.bounding_box()["y"]
            assert first.bounding_box()["x"] < second.bounding_box()["x"]
            seen = [one.locator(".text").inner_text() for one in (first, second)]
            assert {one.locator("h3").inner_text() for one in (first, second)} == {"A", "B"}
            letter = next(
                one.locator("h3").inner_text()
                for one, text in zip((first, second), seen, strict=True)
                if text.startswith("text")
            )
            item = next(text for text in seen if not text.startswith("text"))
            decided[item] = letter
            page.keyboard.press("1" if letter == "A" else "2")
            counted(page, number, 8)
        expect(page.locator("#finished")).to_be_visible()

    assert set(decided.values()) == {"A", "B"}
    assert rows(recipe, "SELECT DISTINCT label FROM reviews") == [("one",)]


def test_criteria_are_rated_one_after_the_other(tmp_path, profile):
    """A digit answers and goes on, a long scale has a box, and nothing is saved before all have a number."""
    recipe = waiting_run(tmp_path, 4, task=RATED, machine='{"clear": 3, "long": 7, "kind": 1}', reviews=1)
    with served(recipe) as running:
        page = profile().new_page()
        page.goto(running.link())
        place(page, 1)
        page.keyboard.press("4")
        page.keyboard.press("Enter")
        expect(page.locator("#problem")).to_contain_text("Each criterion needs a number")
        page.keyboard.press("ArrowUp")
        page.keyboard.press("ArrowDown")
        page.keyboard.type("120")
        page.keyboard.press("Enter")
        page.keyboard.press("Escape")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("1")
        page.keyboard.press("Enter")
        expect(page.locator("#finished")).to_be_visible()

    assert answers(recipe) == [{"clear": 4, "long": 120, "kind": 1}]


def test_what_is_not_seen_moves_no_passage(tmp_path, profile):
    """Of three equal words the second is marked, though characters without a width stand before it."""
    text = "\ufeffno\u200b no\u00ad no"
    recipe = waiting_run(tmp_path, [text] * 4, task=SPANS, machine="none", reviews=1)
    with served(recipe) as running:
        page = profile().new_page()
        page.goto(running.link())
        place(page, 1)
        select(page, text.index("no", 4), 2)
        page.keyboard.press("1")
        page.keyboard.press("Enter")
        expect(page.locator("#finished")).to_be_visible()

    assert answers(recipe) == [[{"start": 5, "end": 7, "label": "person", "text": "no"}]]
