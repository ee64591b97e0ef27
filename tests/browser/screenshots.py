"""
Pictures of what reviewers see: the guideline, the page and a packet, to be looked at by people.

    make screenshots

walks the demo's recipe with people in the place of its simulated reviewers,
and writes PNG files to screenshots/.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright
from reviewed import served
from walking import plan_of, walk_recipe

from act_spec import resources
from act_spec.plan.compile import run_folder
from act_spec.run.reviewing import hand_out

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
DESK: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 780}
# What is left of such a screen at 200%.
ZOOMED: ViewportSize = {"width": 640, "height": 400}


def people_recipe(folder: Path) -> Path:
    """The demo's recipe with a reviewer, walked until she is needed."""
    recipes = resources.folder("recipes")
    shutil.copytree(recipes / "demo", folder / "demo")
    text = (recipes / "demo.act.yaml").read_text(encoding="utf-8")
    recipe = folder / "demo.act.yaml"
    recipe.write_text(text.replace("{simulate: gold}", "{reviewers: [Ada], reveal: ask}"), encoding="utf-8")
    walk_recipe(recipe)
    return recipe


@contextmanager
def opened(browser: Browser, address: str, size: ViewportSize, **options: Any) -> Iterator[Page]:
    """A page of that size, with its first item before it."""
    context = browser.new_context(viewport=size, **options)
    page = context.new_page()
    page.goto(address)
    if page.locator("#item").count():
        page.wait_for_selector("#item[aria-busy=false]")
    yield page
    context.close()


def main(folder: Path) -> None:
    """Write every picture."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as made:
        # Before the driver: no run starts beside its event loop.
        recipe = people_recipe(Path(made))
        with sync_playwright() as driver:
            browser = driver.chromium.launch(
                executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"]
            )
            _pictures(browser, recipe, folder)
            browser.close()


def _pictures(browser: Browser, recipe: Path, folder: Path) -> None:
    plan = plan_of(recipe)
    run, packet = run_folder(plan), recipe.with_name("packet.html")
    hand_out(plan, run, "packet", packet, reviewer=None)
    with opened(browser, (run / "guideline.html").as_uri(), DESK) as page:
        page.screenshot(path=folder / "guideline.png", full_page=True)
        page.pdf(path=folder / "guideline.pdf", format="A4", prefer_css_page_size=True)
    with opened(browser, (run / "guideline-card.html").as_uri(), DESK) as page:
        page.screenshot(path=folder / "guideline-card.png", full_page=True)
        page.pdf(path=folder / "guideline-card.pdf", format="A4", prefer_css_page_size=True)
    with opened(browser, (run / "guideline.html").as_uri(), PHONE, color_scheme="dark") as page:
        page.screenshot(path=folder / "guideline-phone-dark.png")
    with opened(browser, packet.as_uri(), DESK) as page:
        page.screenshot(path=folder / "packet.png")
    with served(recipe) as running:
        _page(browser, running.link(), folder)
        _others(browser, running, folder)


def _page(browser: Browser, link: str, folder: Path) -> None:
    with opened(browser, link, DESK) as page:
        page.screenshot(path=folder / "page.png")
        page.keyboard.press("m")
        page.wait_for_selector("#machine:visible")
        page.keyboard.press("n")
        page.keyboard.type("The parcel and the bill are both named.")
        page.keyboard.press("Escape")
        page.keyboard.press("a")
        page.screenshot(path=folder / "page-asked-and-flagged.png")
        page.keyboard.press("2")
        page.wait_for_selector("#counted:text('1 of')")
        page.wait_for_selector("#item[aria-busy=false]")
        page.keyboard.press("g")
        page.keyboard.type("refund")
        page.screenshot(path=folder / "page-search.png")
        page.keyboard.press("Escape")
        page.keyboard.press("?")
        page.screenshot(path=folder / "page-keys.png")


def _others(browser: Browser, running: Any, folder: Path) -> None:
    with opened(browser, running.link(), DESK, color_scheme="dark") as page:
        page.screenshot(path=folder / "page-dark.png")
    with opened(browser, running.link(), PHONE, device_scale_factor=2) as page:
        page.screenshot(path=folder / "page-phone.png")
    with opened(browser, running.link(), ZOOMED, device_scale_factor=2) as page:
        page.screenshot(path=folder / "page-zoomed.png")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "screenshots"))
