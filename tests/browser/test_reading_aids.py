"""Reading with a screen reader, at 200%, in the dark and on a phone: what each of them relies on."""

from __future__ import annotations

import json
import re

import pytest
from browser.desk_work import answer, place, ready, shown
from reviewed import SEVERAL, rows, served, waiting_run

pytest.importorskip("playwright.sync_api", reason="playwright drives the browser")
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
LONG = "A long sentence about a parcel that never came. " * 40
# Contrast of every text that shows, after WCAG 2.2: at least 4.5, or 3 where it is large.
_CONTRAST = """() => {
    const light = (c) => { const s = c / 255; return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4; };
    const parse = (css) => css.match(/[\\d.]+/g).map(Number);
    const luminance = ([r, g, b]) => 0.2126 * light(r) + 0.7152 * light(g) + 0.0722 * light(b);
    const behind = (one) => {
        for (let at = one; at; at = at.parentElement) {
            const [r, g, b, a = 1] = parse(getComputedStyle(at).backgroundColor);
            if (a === 1) return [r, g, b];
        }
        return [255, 255, 255];
    };
    const faint = [];
    for (const one of document.querySelectorAll('body *')) {
        const own = [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
        if (!own || !one.checkVisibility()) continue;
        const style = getComputedStyle(one), back = behind(one);
        let ink = parse(style.color);
        const opacity = Number(style.opacity);
        ink = ink.slice(0, 3).map((c, i) => c * opacity + back[i] * (1 - opacity));
        const [x, y] = [luminance(ink), luminance(back)].sort((p, q) => q - p);
        const ratio = (x + 0.05) / (y + 0.05);
        const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && style.fontWeight >= 700);
        if (!one.disabled && !one.closest('[disabled]') && ratio < (large ? 3 : 4.5)) {
            faint.push([one.tagName, one.textContent.trim().slice(0, 40), ratio]);
        }
    }
    return faint;
}"""
_WIDER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
_NAMELESS = """() => [...document.querySelectorAll('button, input, textarea, select, progress, dialog, aside')]
    .filter((one) => !(one.getAttribute('aria-label') || one.getAttribute('aria-labelledby') || one.textContent.trim()
        || (one.labels && one.labels.length)))
    .map((one) => one.outerHTML)"""


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    recipe = waiting_run(
        tmp_path_factory.mktemp("aids"),
        [LONG, *map(str, range(9))],
        reviews=10,
        review="{reviewers: [ada], reveal: ask}",
    )
    with served(recipe) as page:
        yield page


def _opened(profile, running, **options):
    page = profile(**options).new_page()
    page.goto(running.link())
    ready(page)
    return page


def test_a_screen_reader_finds_its_way(running, profile):
    """Landmarks, one first heading, a name on every control, the item as what is focused, keys announced."""
    page = _opened(profile, running)

    assert page.locator("html").get_attribute("lang") == "en"
    assert page.locator("h1:visible").count() >= 1
    assert [page.locator(name).count() for name in ("main", "header", "aside[aria-label]")] == [1, 1, 1]
    assert page.evaluate(_NAMELESS) == []
    assert page.evaluate("document.activeElement.id") == "item"
    assert page.locator("#item").get_attribute("aria-labelledby") == "place"
    expect(page.get_by_role("article", name=re.compile("^Item 1 of 10"))).to_be_visible()
    expect(page.get_by_role("form", name="Is it good?")).to_be_visible()
    for name, key in (("good", "1"), ("bad", "2"), ("Skip", "s"), ("Ambiguous", "a"), ("Undo", "u")):
        found = page.locator(f"#answer button[aria-keyshortcuts='{key}']")
        assert name in found.inner_text()
    assert page.locator("#choices button").first.get_attribute("aria-pressed") == "false"
    expect(page.get_by_role("progressbar", name="Answered items")).to_be_visible()


def test_what_happens_is_said_once_and_politely(tmp_path, profile):
    """An answer is told in a polite region, a fault in an alert, and the next item takes the focus."""
    recipe = waiting_run(tmp_path, task=SEVERAL, machine="price", reviews=3, texts=6)
    with served(recipe) as page_running:
        page = _opened(profile, page_running)
        assert page.locator("#status").get_attribute("role") == "status"
        assert page.locator("#problem").get_attribute("role") == "alert"
        page.keyboard.press("Enter")
        expect(page.locator("#problem")).to_contain_text("Choose a label")
        page.keyboard.press("1")
        expect(page.locator("#choices [data-choice=price]")).to_have_attribute("aria-pressed", "true")
        answer(page, "Enter", 1, 3)
        expect(page.locator("#status")).to_contain_text("Saved: price.")
        expect(page.locator("#problem")).to_be_hidden()
        assert page.evaluate("document.activeElement.id") == "item"


def test_tab_goes_item_answers_tools_guideline_and_back_out(running, profile):
    """From the item, in reading order, and never into a trap."""
    page = _opened(profile, running)
    page.locator("#item").focus()
    seen = []
    for _ in range(14):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.id || document.activeElement.dataset.choice || ''"))

    order = ["good", "bad", "ambiguous", "skip", "note-button", "ask", "back", "forward", "search"]
    assert [name for name in seen if name in order][: len(order)] == order


def test_help_is_a_dialog_that_returns_the_focus(running, profile):
    page = _opened(profile, running)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("1")
    page.keyboard.press("Escape")
    expect(page.locator("#help")).to_be_hidden()
    place(page, 1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_has_contrast(running, profile, scheme):
    page = _opened(profile, running, color_scheme=scheme)
    page.keyboard.press("m")
    page.wait_for_selector("#machine:visible")
    page.keyboard.press("a")

    assert page.evaluate(_CONTRAST) == []
    page.keyboard.press("?")
    assert page.evaluate(_CONTRAST) == []


@pytest.mark.parametrize(
    "size",
    [(1280, 800), (640, 400), (390, 780), (320, 568)],
    ids=["desk", "zoomed to 200%", "phone", "zoomed to 400%"],
)
def test_nothing_is_cut_off_or_beside_the_window(running, profile, size):
    """No sideways scrolling, and a long item can be read to its end above the answers."""
    page = _opened(profile, running, viewport=dict(zip(("width", "height"), size, strict=True)))
    for _ in range(10):
        if shown(page).startswith("A long"):
            break
        page.keyboard.press("ArrowRight")
        ready(page)
    assert shown(page).startswith("A long")
    assert page.evaluate(_WIDER) <= 0
    page.keyboard.press("End")
    page.keyboard.press("a")
    page.keyboard.press("n")
    assert page.evaluate(_WIDER) <= 0
    page.locator("#choices button").first.scroll_into_view_if_needed()
    box = page.locator("#choices button").first.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= size[0]
    assert box["height"] >= 44 if size[0] < 500 else box["height"] >= 40


def test_keys_can_be_turned_off_and_buttons_still_answer(tmp_path, profile):
    recipe = waiting_run(tmp_path, reviews=2, texts=4)
    with served(recipe) as page_running:
        page = _opened(profile, page_running, has_touch=True)
        page.keyboard.press("?")
        page.locator("#keys-on").uncheck()
        page.keyboard.press("Escape")
        page.keyboard.press("1")
        page.wait_for_timeout(300)
        place(page, 1)
        page.locator("[data-choice=bad]").tap()
        place(page, 2)

    assert rows(recipe, "SELECT label FROM reviews") == [("bad",)]


@pytest.mark.parametrize("reveal", ["after", "ask", "never"])
def test_the_machines_label_shows_when_the_recipe_says(tmp_path, profile, reveal):
    """Before the answer it is not even sent, unless it was asked for."""
    recipe = waiting_run(
        tmp_path, reviews=2, texts=4, review=json.dumps({"reviewers": ["ada"], "reveal": reveal})
    )
    with served(recipe) as page_running:
        page = _opened(profile, page_running)
        sent = []
        page.on("response", lambda reply: sent.append(reply) if "/items/" in reply.url else None)
        page.keyboard.press("m")
        page.wait_for_timeout(200)
        assert page.locator("#machine").is_visible() is (reveal == "ask")
        answer(page, "2", 1, 2)
        told = "The machine had said: good" in page.locator("#status").inner_text()
        assert told is (reveal == "after")
        page.keyboard.press("ArrowLeft")
        place(page, 1)
        assert page.locator("#machine").is_visible() is (reveal == "after")
