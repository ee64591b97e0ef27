"""Images, pages and sounds in the real browser: served and in a packet, zoomed with the keyboard and the mouse."""

from __future__ import annotations

import pytest
from browser.desk_work import answer, place, ready
from media_files import pdf, png, wav
from reviewed import rows, served, waiting_run
from walking import plan_of

from act_spec.plan.compile import run_folder
from act_spec.run.outcome import take_in_files
from act_spec.run.reviewing import hand_out

pytest.importorskip("playwright.sync_api", reason="playwright drives the browser")
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
COLOURS = ["red", "green", "blue", "orange"]
PICTURES = {
    "texts": [f"{colour}.png" for colour in COLOURS],
    "files": {f"{colour}.png": png(colour, (300, 200)) for colour in COLOURS},
    "show": "{photo: {image: text}}",
    "reviews": 3,
}


def until(page, condition: str) -> None:
    """Wait for a condition in the page; its policy forbids the browser's own way of waiting for a script."""
    for _ in range(2400):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never came true: {condition}")


def decoded(page) -> list[tuple[int, int]]:
    """Natural sizes of the images that the browser has decoded."""
    until(page, "[...document.querySelectorAll('#fields img')].every((image) => image.complete)")
    return page.evaluate(
        "[...document.querySelectorAll('#fields img')].map((image) => [image.naturalWidth, image.naturalHeight])"
    )


def colour_shown(page) -> str:
    """Which disc is seen, by the middle pixel of what the browser decoded."""
    pixel = page.evaluate(
        """() => {
          const image = document.querySelector('#fields img');
          const canvas = document.createElement('canvas');
          [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
          const pen = canvas.getContext('2d');
          pen.drawImage(image, 0, 0);
          return [...pen.getImageData(canvas.width / 2, canvas.height / 2, 1, 1).data].slice(0, 3);
        }"""
    )
    return {(255, 0, 0): "red", (0, 128, 0): "green", (0, 0, 255): "blue", (255, 165, 0): "orange"}[
        tuple(pixel)
    ]


def width(page) -> float:
    return page.locator("#fields img").bounding_box()["width"]


def test_pictures_are_zoomed_moved_and_answered_with_the_keyboard_alone(tmp_path, profile):
    """Zoom in twice, move, show it whole, answer; what was decided belongs to the picture that was seen."""
    recipe = waiting_run(tmp_path, **PICTURES)
    decided = {}
    with served(recipe) as running:
        page = profile().new_page()
        page.goto(running.link())
        place(page, 1)
        assert decoded(page) == [[300, 200]]
        whole = width(page)
        page.keyboard.press("+")
        page.keyboard.press("+")
        assert width(page) == pytest.approx(4 * whole, rel=0.01)
        frame = page.locator(".picture")
        expect(frame).to_be_focused()
        before = frame.evaluate("(frame) => frame.scrollLeft")
        page.keyboard.press("ArrowRight")
        assert frame.evaluate("(frame) => frame.scrollLeft") > before
        place(page, 1)
        page.keyboard.press("-")
        assert width(page) == pytest.approx(2 * whole, rel=0.01)
        page.keyboard.press("Escape")
        assert width(page) == pytest.approx(whole, rel=0.01)

        for done, key in enumerate("121", start=1):
            decoded(page)
            decided[colour_shown(page)] = {"1": "good", "2": "bad"}[key]
            answer(page, key, done, 3)

    said = rows(recipe, "SELECT content->'photo'->0->>'file', label FROM reviews JOIN items USING (item_id)")
    assert {file.removesuffix(".png"): label for file, label in said} == decided
    assert len(decided) == 3


def test_the_mouse_zooms_where_it_points(tmp_path, profile):
    recipe = waiting_run(tmp_path, **PICTURES)
    with served(recipe) as running:
        page = profile().new_page()
        page.goto(running.link())
        place(page, 1)
        decoded(page)
        whole = width(page)
        page.locator("#fields img").click(position={"x": whole * 0.9, "y": 10})
        frame = page.locator(".picture")
        assert width(page) == pytest.approx(3 * whole, rel=0.01)
        assert frame.evaluate("(frame) => frame.scrollWidth - frame.clientWidth - frame.scrollLeft") <= 1
        frame.click()
        assert width(page) == pytest.approx(whole, rel=0.01)


def test_a_packet_shows_its_pictures_without_a_network(tmp_path, profile):
    recipe = waiting_run(tmp_path, **PICTURES)
    plan = plan_of(recipe)
    file = tmp_path / "packet.html"
    hand_out(plan, run_folder(plan), "packet", file, reviewer=None)
    (tmp_path / "red.png").unlink()
    page = profile(offline=True, accept_downloads=True).new_page()
    page.goto(file.as_uri())
    place(page, 1)
    decided = {}
    for done in range(1, 4):
        assert decoded(page) == [[300, 200]]
        decided[colour_shown(page)] = "bad"
        answer(page, "2", done, 3)
    with page.expect_download() as downloading:
        page.locator("#download").press("Enter")
    downloading.value.save_as(tmp_path / "answers.json")
    (tmp_path / "red.png").write_bytes(png("red", (300, 200)))

    assert take_in_files(plan_of(recipe), run_folder(plan), [tmp_path / "answers.json"]).taken == 3
    assert len(decided) == 3
    assert ".png" not in file.read_text(encoding="utf-8")


def test_pages_and_sounds_are_shown_and_played(tmp_path, profile):
    files = {"one.pdf": pdf("First", "Second"), "two.pdf": pdf("Third", "Fourth")}
    recipe = waiting_run(
        tmp_path, list(files), files=files, show="{letter: {pdf: text, max_px: 400}}", reviews=1
    )
    with served(recipe) as running:
        page = profile().new_page()
        page.goto(running.link())
        place(page, 1)
        assert decoded(page) == [[400, 200], [400, 200]]
        expect(page.locator("figcaption").nth(1)).to_have_text("letter, page 2 of 2")
        page.locator("summary").first.click()
        expect(page.locator("details p").first).to_contain_text("First")


def test_a_sound_is_played_with_a_key(tmp_path, profile):
    files = {"one.wav": wav(1.0), "two.wav": wav(1.0, 880)}
    recipe = waiting_run(tmp_path, list(files), files=files, show="{clip: {audio: text}}", reviews=1)
    with served(recipe) as running:
        page = profile().new_page()
        page.goto(running.link())
        place(page, 1)
        until(page, "document.querySelector('audio').readyState >= 1")
        assert page.evaluate("document.querySelector('audio').duration") == pytest.approx(1.0, abs=0.05)
        page.keyboard.press(".")
        until(page, "document.querySelector('audio').currentTime > 0")
        ready(page)
