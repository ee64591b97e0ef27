"""The guideline on paper: four A4 pages at most for five labels, and a card of one."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from act_spec.documents.guideline import card_markdown, guideline_html, guideline_markdown
from act_spec.documents.guideline_facts import BoundaryCase, Change, ConfusablePair, GuidelineFacts, Rule
from act_spec.tasks.classification import Classification

pytestmark = pytest.mark.browser
LONG = (
    "The customer asks for something that this label covers, in words that go on for a while and end here. "
)


def facts(language: str = "en", *, labels: int = 5) -> GuidelineFacts:
    """As much as a guideline of five labels can hold, in texts as long as people write them."""
    example = {"text": LONG * 2, "why": LONG[:60]}
    specs = {
        f"label {number}": {
            "definition": LONG,
            "not_when": LONG,
            "examples": [example] * 2,
            "near_misses": [example],
            "costly": "missed" if number == 1 else None,
        }
        for number in range(labels)
    }
    return GuidelineFacts(
        recipe="long",
        recipe_hash="7f3a91c2" * 8,
        title="A guideline that uses its room",
        task=Classification(question="What is it about?", labels=specs, if_unsure=LONG),
        fields=("text",),
        reviews=500,
        hours=10,
        version=3,
        made_on="2026-11-24",
        purpose=LONG * 2,
        contact="labels@example.org",
        language=language,
        pairs=tuple(ConfusablePair("label 0", f"label {number}", 9) for number in range(1, labels)),
        boundary_cases=tuple(
            BoundaryCase(LONG * 2, "label 0", LONG, "label 1", str(number)) for number in range(8)
        ),
        rules=(Rule(1, LONG), Rule(2, LONG)),
        changes=(Change("cases", count=8), Change("definition", "label 0", LONG, LONG)),
        overlap="20%",
        settling="person",
    )


@pytest.fixture
def pages(profile: Any) -> Callable[[str], int]:
    page = profile().new_page()

    def count(html: str) -> int:
        page.set_content(html)
        return len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4", prefer_css_page_size=True)))

    return count


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_guideline_of_five_labels_has_four_pages_at_most_and_the_card_one(pages, language):
    made = facts(language)

    assert 3 <= pages(guideline_html(guideline_markdown(made), made)) <= 4
    assert pages(guideline_html(card_markdown(made), made)) == 1


def test_the_labels_begin_on_the_first_page(profile):
    page = profile(viewport={"width": 794, "height": 1123}).new_page()
    made = facts()
    page.emulate_media(media="print")
    page.set_content(guideline_html(guideline_markdown(made), made))

    top = page.locator("h2", has_text="The labels").bounding_box()["y"]

    assert top < 1123 / 2
