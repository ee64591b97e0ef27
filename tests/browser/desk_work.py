"""What a reviewer does at the page, with the keyboard alone."""

from __future__ import annotations

from playwright.sync_api import Page, expect


def counted(page: Page, done: int, total: int) -> None:
    """Wait until the page counts so many answers."""
    expect(page.locator("#counted")).to_contain_text(f"{done} of {total}")


def place(page: Page, number: int) -> None:
    """Wait until the item of that place is shown, and taken keys for."""
    expect(page.locator("#place")).to_contain_text(f"Item {number} of ")
    ready(page)


def ready(page: Page) -> None:
    """Wait until the page takes keys."""
    page.wait_for_selector("#item[aria-busy=false]", state="attached")


def shown(page: Page) -> str:
    """The text of the item that is shown."""
    return page.locator("#fields").inner_text()


def answer(page: Page, key: str, done: int, total: int) -> None:
    """Press a key that answers, and wait until it counts."""
    page.keyboard.press(key)
    counted(page, done, total)
    ready(page)
