"""
The guideline: what reviewers read before they answer, and a card of one page.

It explains the task and nothing of what the machine thinks of an item: an
example that is an item awaiting review is left out, and so is whatever quotes
one. Its words stand in templates, a file a language; a team's own templates
replace any block.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from act_spec import resources
from act_spec.documents.guideline_context import card_context, context
from act_spec.documents.guideline_facts import GuidelineFacts, Rule
from act_spec.documents.guideline_images import with_images
from act_spec.documents.guideline_v1 import first_context
from act_spec.documents.markdown import escape, to_html
from act_spec.documents.page import html_page
from act_spec.documents.printable import each_text
from act_spec.documents.withheld import Withheld
from act_spec.templating import render_document

FIRST = "guideline.v1"
NEWEST = "guideline.v2"
WORDS = "guideline.v2"
_CARD = "guideline_card.v2"
_DRAFTS = "guideline_drafts.v2"
_STYLE = "guideline.v2.css"
_NOTHING = "nothing.md"
Load = Callable[[str], str | None]
"""Name of a template with its kind, as `guideline.v2.md`, to its text; None where there is none."""


@dataclass(frozen=True)
class Templates:
    """
    Which templates a guideline is made from.

    Attributes:
        name: Of the guideline's, with its version.
        load: Finds a template's text; a team's own come first.
    """

    name: str = NEWEST
    load: Load = resources.find_template

    def words(self, language: str) -> str:
        """The file with a language's sentences; English where the language has none."""
        wanted = (f"{WORDS}.{language.lower()}.md", f"{WORDS}.{language.partition('-')[0].lower()}.md")
        return next((name for name in wanted if self.load(name) is not None), f"{WORDS}.en.md")

    def kind_words(self, kind: str, language: str) -> str:
        """The file with what a task kind says for itself; an empty one where it says nothing."""
        spoken = self.words(language).removeprefix(f"{WORDS}.").removesuffix(".md")
        wanted = (f"guideline_{kind}.v2.{spoken}.md", f"guideline_{kind}.v2.en.md")
        return next((name for name in wanted if self.load(name) is not None), _NOTHING)

    def files(self, kind: str, language: str) -> dict[str, str]:
        """Name to text of all that a guideline in this language is made from, for tasks of this kind."""
        names = (f"{self.name}.md", f"{_CARD}.md", f"{_DRAFTS}.md", self.words(language))
        found = {name: self.load(name) or "" for name in (*names, self.kind_words(kind, language))}
        return {**{name: text for name, text in found.items() if text}, _STYLE: resources.template(_STYLE)}

    def render(self, name: str, facts: GuidelineFacts, values: Mapping[str, Any]) -> str:
        """
        A document from values of which every text is shown as it is, never interpreted.

        Raises:
            FileNotFoundError: If no template has that name.
            RecipeError: If a template asks for what is not there.
        """
        if self.load(f"{name}.md") is None:
            raise FileNotFoundError(f"no template is named '{name}'")
        files = {
            "words": self.words(facts.language),
            "kind_words": self.kind_words(facts.task.kind, facts.language),
        }
        # Emphasis ends at a word, so nothing may end in a space.
        shown = each_text(values, lambda text: escape(text).strip())
        return render_document(f"{name}.md", self._find, {**shown, **files})

    def _find(self, name: str) -> str | None:
        return "" if name == _NOTHING else self.load(name)


def guideline_markdown(facts: GuidelineFacts, templates: Templates | None = None) -> str:
    """
    The guideline as Markdown; the same facts give the same text.

    Raises:
        FileNotFoundError: If no template has that name.
        RecipeError: If a template asks for what is not there.
    """
    templates = templates or Templates()
    values = first_context(facts) if templates.name == FIRST else context(facts)
    return _tidy(templates.render(templates.name, facts, values))


def card_markdown(facts: GuidelineFacts, templates: Templates | None = None) -> str:
    """The same on one page, for the desk: labels, steps, what to do when unsure."""
    return _tidy((templates or Templates()).render(_CARD, facts, card_context(facts)))


def drafts_markdown(facts: GuidelineFacts, drafts: Sequence[Rule], templates: Templates | None = None) -> str:
    """
    The box with drafted rules that nobody has accepted; no part of the guideline.

    Those that quote an item under review wait until it is answered; empty where none is left.
    """
    withheld = Withheld(facts.awaiting)
    listed = [
        {"number": draft.number, "text": draft.text}
        for draft in drafts
        if not withheld.is_quoted_in(draft.text)
    ]
    if not listed:
        return ""
    values = {"version": facts.version, "drafts": listed}
    return _tidy((templates or Templates()).render(_DRAFTS, facts, values))


def guideline_html(markdown: str, facts: GuidelineFacts, *, drafts: str = "") -> str:
    """
    The guideline's Markdown as one self-contained page that also prints on A4.

    Args:
        markdown: Of the guideline or the card.
        facts: For title and language.
        drafts: Of the box with proposed rules, which is set apart.
    """
    box = f'<section class="drafts">{to_html(drafts)}</section>' if drafts else ""
    text = with_images(to_html(markdown), facts.images)
    body = f'<article class="guideline">{text}</article>{box}'
    style = resources.template(_STYLE)
    return html_page(facts.title, body, language=facts.language, more_style=style, images=bool(facts.images))


def _tidy(text: str) -> str:
    """Without the empty lines that blocks leave where they say nothing."""
    lines = text.split("\n")
    kept = [line for line, before in zip(lines, ["", *lines], strict=False) if line.strip() or before.strip()]
    return "\n".join(kept).strip() + "\n"
