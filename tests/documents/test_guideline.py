import dataclasses
import re

import pytest
from documents.hostile import HOSTILE
from documents.pages import inert

from act_spec import resources
from act_spec.documents.guideline import (
    Templates,
    card_markdown,
    drafts_markdown,
    guideline_html,
    guideline_markdown,
)
from act_spec.documents.guideline_changes import changes_since, snapshot
from act_spec.documents.guideline_facts import (
    Agreement,
    BoundaryCase,
    Change,
    ConfusablePair,
    GuidelineFacts,
    Rule,
)
from act_spec.documents.printable import visible
from act_spec.errors import RecipeError
from act_spec.sandbox import environment
from act_spec.tasks.classification import Classification
from act_spec.tasks.kind import LabelSpec
from act_spec.tasks.multilabel import Multilabel

LABELS = {
    "billing": {
        "definition": "A charge or an invoice.",
        "not_when": "The customer only asks for a price.",
        "examples": [{"text": "I was charged twice.", "why": "a charge is questioned"}],
        "near_misses": [{"text": "How much is the large plan?", "why": "asks a price", "label": "sales"}],
        "costly": "missed",
    },
    "sales": {"definition": "A question before buying."},
    "other": {},
}
CASE = BoundaryCase("Money back for the parcel?", "billing", "refund is asked", "sales", "i1")
RULE = Rule(4, "A question about an invoice is billing even before buying.")


def made_task(labels=LABELS, **fields):
    return Classification(**{"question": "What is it about?", "labels": labels, **fields})


def made_facts(**changes):
    facts = GuidelineFacts(
        recipe="messages",
        recipe_hash="7f3a91c2deadbeef",
        title="Customer messages",
        task=made_task(if_unsure="Take the first topic."),
        fields=("title", "body"),
        reviews=1_200,
        hours=10.0,
        version=3,
        made_on="2026-11-24",
        purpose="Training set for routing.",
        contact="labels@example.org",
        reviewers=("Annika", "Bosse"),
        pairs=(ConfusablePair("billing", "sales", 7),),
        boundary_cases=(CASE,),
        changes=(Change("cases", count=1),),
        overlap="20%",
        settling="person",
        agreement=Agreement(12, 0.83, 0.712),
    )
    return dataclasses.replace(facts, **changes)


def page(facts):
    return inert(guideline_html(guideline_markdown(facts), facts))


@pytest.mark.parametrize(
    "words",
    [
        "Version 3 of 2026-11-24, for the recipe messages (7f3a91c2).",
        "Ask labels@example.org before you guess.",
        "one change since version 2, at the end",
        "1,200 items to answer, about 10 hours for all reviewers together",
        "You see of each item: title, body.",
        "Training set for routing.",
        "to miss billing: if it may well apply, look twice",
        "What is it about?",
        "Use when: A charge or an invoice.",
        "Not when: The customer only asks for a price.",
        "billing · costly when missed",
        "Example: “I was charged twice.” (a charge is questioned)",
        "Looks like it, but is not: “How much is the large plan?” → sales (asks a price)",
        "Not defined: take the word in its ordinary meaning.",
        "“Money back for the parcel?” → billing, not sales. Why: refund is asked.",
        "billing or sales (7 times)",
        "Still unsure: Take the first topic.",
        "others by lot",
        "shows it after you have answered",
        "About 20% of the items go to two reviewers",
        "12 items had answers from several people; the answers were equal for 83% of the pairs",
        "alpha 0.71",
        "The settled cases: 1 new.",
        "Version 3 of 2026-11-24 · recipe messages · 7f3a91c2deadbeef",
    ],
)
def test_a_guideline_says_what_reviewers_need(words):
    assert words in page(made_facts()).words


def test_the_head_has_five_lines():
    head = guideline_markdown(made_facts()).split("\n## ")[0]

    assert len(re.findall(r"(?m)^- ", head)) == 5


def test_purpose_and_costly_mistake_take_eighty_words_at_most():
    """A long purpose goes on at the end, whole; it does not push the labels down."""
    purpose = " ".join(f"word{number}" for number in range(300))

    text = guideline_markdown(made_facts(purpose=purpose))
    section = text.split("## What it is for")[1].split("\n## ")[0]

    assert len(section.split()) <= 80
    assert purpose in text.split("## More on what it is for")[1]


# ---- present a model's invented rule as settled ---------------------------


def test_a_drafted_rule_is_no_part_of_the_guideline():
    """There is no place for a draft in it: only rules that a person has accepted are given to it."""
    facts = made_facts()
    box = drafts_markdown(facts, [RULE])

    assert RULE.text not in guideline_markdown(facts)
    assert RULE.text in guideline_markdown(made_facts(rules=(RULE,)))
    assert box.index("not in force") < box.index(RULE.text)
    assert "They are not part of version 3; do not answer by them." in box
    assert "**4** A question" in box


def test_drafts_stand_apart_in_a_box_of_their_own():
    facts = made_facts()
    shown = guideline_html(guideline_markdown(facts), facts, drafts=drafts_markdown(facts, [RULE]))

    before, box = shown.split('<section class="drafts">')
    assert RULE.text not in before
    assert RULE.text in box
    inert(shown)


def test_simulated_reviewers_are_announced_before_anything_else():
    shown = page(made_facts(simulated=True)).words

    assert shown.index("simulated") < shown.index("Version 3")
    assert "simulated" not in page(made_facts()).words


# ---- give an answer away --------------------------------------------------


def test_an_item_awaiting_review_never_appears():
    """Examples and settled cases that are items still to be answered would give the answer away."""
    awaiting = ["i was  CHARGED twice.", "How much is the large plan?", "Money back for the parcel?"]

    text = guideline_markdown(made_facts(awaiting=awaiting))

    assert "charged twice" not in text
    assert "large plan" not in text
    assert "Money back" not in text
    assert "## Settled cases" not in text


def test_nor_does_one_that_an_example_quotes_in_part_or_whole():
    example = "Dear team, I was charged twice for one and the same parcel."
    labels = {"billing": {"examples": [{"text": example}]}, "sales": {}}
    facts = made_facts(task=made_task(labels))

    for awaiting in ("I was charged twice for one and the same parcel", f"{example} Please help."):
        assert "charged twice" not in guideline_markdown(dataclasses.replace(facts, awaiting=[awaiting]))


def test_a_settled_item_of_several_fields_that_awaits_again_is_left_out():
    facts = made_facts(boundary_cases=(BoundaryCase("Good\nNever again.", "sales"),))

    kept = guideline_markdown(dataclasses.replace(facts, awaiting=["Good"]))
    left_out = guideline_markdown(dataclasses.replace(facts, awaiting=["Good", "Never again."]))

    assert "“Good Never again.” → **sales**" in kept
    assert "Never again" not in left_out


def test_a_rule_a_note_or_a_change_that_quotes_an_item_under_review_is_left_out():
    quoted = "When somebody writes that the blue parcel came in pieces, take sales."
    facts = made_facts(
        rules=(Rule(1, quoted),),
        boundary_cases=(dataclasses.replace(CASE, note=quoted),),
        changes=(Change("rule_added", after=quoted), Change("case_changed", quoted, "sales", "billing")),
        awaiting=["Hello, the blue parcel came in pieces, what now?"],
    )

    text = guideline_markdown(facts) + card_markdown(facts)

    assert drafts_markdown(facts, [Rule(2, quoted)]) == ""
    assert "blue parcel" not in text
    assert "Some examples or settled cases come or go" in text


def test_an_example_that_is_gone_is_not_named_by_the_change_list():
    before, after = made_facts(), made_facts(awaiting=["I was charged twice."])

    [change] = changes_since(snapshot(before), after, withheld=True)

    assert change == Change("withheld")


def test_there_is_no_place_for_what_the_machine_thinks():
    """Probabilities, models, labels of items under review and gold cannot be given to a guideline."""
    fields = {field.name for field in dataclasses.fields(GuidelineFacts)}

    assert fields == {
        *("recipe", "recipe_hash", "title", "task", "fields", "reviews", "hours", "version", "purpose"),
        *("contact", "language", "reviewers", "chosen", "pairs", "boundary_cases", "awaiting", "simulated"),
        *(
            "made_on",
            "changes",
            "rules",
            "reveal",
            "overlap",
            "settling",
            "agreement",
            "own",
            "round",
            "images",
        ),
    }
    assert not re.search(
        r"(?i)probabilit|error rate|accuracy|gpt|claude|gold",
        guideline_markdown(made_facts()) + card_markdown(made_facts()),
    )


@pytest.mark.parametrize("language", ["en", "de"])
def test_no_reviewer_is_named_on_paper(language):
    facts = made_facts(language=language, rules=(RULE,))

    text = guideline_markdown(facts) + card_markdown(facts)

    assert not re.search("Annika|Bosse", text)


# ---- change quietly, or bury the labels -----------------------------------


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (
            {"task": made_task(question="What does it want?")},
            "The question: “What is it about?” is now “What does it",
        ),
        ({"contact": "eve@example.org"}, "Whom to ask: “labels@example.org” is now “eve@example.org”."),
        ({"purpose": "Routing."}, "The purpose is worded anew."),
        ({"fields": ("body",)}, "What is shown of an item"),
        ({"task": made_task({**LABELS, "spam": {}})}, "New label: **spam**."),
        (
            {"task": made_task({"billing": LABELS["billing"], "sales": LABELS["sales"]})},
            "The label **other** is gone.",
        ),
        (
            {"task": made_task({**LABELS, "sales": "Before buying."})},
            "**sales**, use when: “A question before buying.”",
        ),
        ({"task": made_task({**LABELS, "billing": {}})}, "**billing**: its examples have changed."),
        ({"task": made_task(dict(reversed(LABELS.items())))}, "another order"),
        ({"rules": (RULE,)}, f"New rule: {RULE.text}"),
        ({"boundary_cases": (CASE, dataclasses.replace(CASE, item="i2"))}, "The settled cases: 1 new."),
        ({"boundary_cases": ()}, "Some examples or settled cases come or go"),
        ({"boundary_cases": (dataclasses.replace(CASE, label="other"),)}, "→ **other**, before **billing**."),
        ({"pairs": ()}, "counts of confused labels"),
        ({"round": 2}, "A new round of items."),
        ({"reveal": "never"}, "label is shown, has changed"),
        ({}, "The standing text is worded anew."),
    ],
)
def test_every_version_says_how_it_differs_from_the_one_before(changes, told):
    task = changes.get("task", made_task())
    before = made_facts(task=made_task(), version=1, changes=())
    after = made_facts(**{**changes, "task": task})

    found = changes_since(snapshot(before), after)

    assert found
    assert told in guideline_markdown(dataclasses.replace(after, changes=found))


def test_the_labels_come_before_the_standing_text():
    """At most 160 words of ours stand before the labels, and most of a guideline of five labels is its own."""
    labels = {f"label{number}": {"definition": "word " * 15, "not_when": "word " * 10} for number in range(5)}
    text = guideline_markdown(made_facts(task=made_task(labels)))
    sections = re.findall(r"(?m)^## (.*)$", text)

    assert sections.index("The labels") <= 2
    assert len(text.split("## The labels")[0].split()) <= 160
    for later in ("How these items were chosen", "How quality is kept", "Answering and handing in"):
        assert sections.index(later) > sections.index("Settled cases") > sections.index("The labels")


# ---- words, languages, kinds, teams ---------------------------------------


def macros(language):
    text = resources.template(f"guideline.v2.{language}.md")
    found = re.findall(r"{% macro (\w+)\(([^)]*)\)", text)
    return sorted(found)


def test_every_language_has_the_same_sentences():
    languages = {
        file.name.split(".")[2] for file in resources.folder("templates").glob("guideline.v2.*.md.j2")
    }

    assert {"en", "de"} <= languages
    for language in languages:
        assert macros(language) == macros("en")


def test_a_german_guideline_holds_no_english_sentence_of_ours():
    text = guideline_markdown(
        made_facts(language="de-CH", task=made_task({"a": {}, "b": {}}), boundary_cases=())
    )

    assert "**Fassung 3** vom 2026-11-24" in text
    assert "1.200 Einträge, etwa 10 Stunden" in text
    assert "Krippendorffs Alpha 0,71" in text
    assert not re.search(
        r"\b(the|label|when|answer|with)\b", text.replace("`label`", "").replace("labels@", "")
    )


def test_a_language_without_words_reads_english():
    assert guideline_markdown(made_facts(language="fi")) == guideline_markdown(made_facts())


def test_answers_of_several_labels_are_explained():
    task = Multilabel(question="Which topics?", labels=LABELS, none="allowed")
    cases = (BoundaryCase("Money back and a discount?", "billing; sales", other="none"),)

    text = guideline_markdown(made_facts(task=task, boundary_cases=cases))

    assert "Choose every label that applies; choose none if none applies." in text
    assert "3. Every label with a yes belongs to the answer." in text
    assert "with semicolons between labels, or `none` if none applies" in text
    assert "→ **billing; sales**, not none" in text


def test_a_kind_brings_words_of_its_own():
    own = {
        "guideline_classification.v2.en.md": (
            "{% macro answer(own) %}Point at one.{% endmacro %}"
            "{% macro section(own) %}## Scale\n\nFrom {{ own.lowest }}.{% endmacro %}"
        )
    }
    templates = Templates(load=lambda name: own.get(name) or resources.find_template(name))

    text = guideline_markdown(made_facts(own={"lowest": "*none*"}), templates)

    assert "Point at one." in text
    assert "## Scale\n\nFrom \\*none\\*." in text
    assert "## How to decide" in text


def test_a_team_replaces_a_block_and_keeps_the_rest():
    mine = (
        '{% extends "act_spec/guideline.v2.md" %}{% block unsure %}## Ask Eve\n\n{{ contact }}{% endblock %}'
    )

    def load(name):
        if name.startswith("act_spec/"):
            return resources.find_template(name.removeprefix("act_spec/"))
        return mine if name == "guideline.v2.md" else resources.find_template(name)

    text = guideline_markdown(made_facts(), Templates(load=load))

    assert "## Ask Eve\n\nlabels@example.org" in text
    assert "Flag as ambiguous" not in text
    assert "## The labels" in text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "{% block x %}\n\n{{ gone }}{% endblock %}",
            "guideline.v2.md.j2:3:1: template: 'gone' is undefined.",
        ),
        ("{{ ''.__class__ }}", "is unsafe"),
        ("\n{% if %}", "guideline.v2.md.j2:2:1"),
        ('{% include "../../etc/passwd" %}', "etc/passwd"),
    ],
)
def test_a_teams_template_that_is_wrong_is_named_with_its_line(text, words):
    templates = Templates(
        load=lambda name: text if name == "guideline.v2.md" else resources.find_template(name)
    )

    with pytest.raises(RecipeError, match=re.escape(words)):
        guideline_markdown(made_facts(), templates)


def test_every_block_can_be_replaced():
    blocks = environment().from_string(resources.template("guideline.v2.md")).blocks

    assert set(blocks) == {
        *(
            "title",
            "demonstration",
            "head",
            "purpose",
            "question",
            "labels",
            "procedure",
            "own",
            "rules",
            "blind_spots",
        ),
        *("cases", "pairs", "unsure", "machine", "chosen", "quality", "handing_in", "purpose_more"),
        *("changes", "foot"),
    }


# ---- hostile text ---------------------------------------------------------


def facts_full_of(text):
    """Facts with this text wherever a guideline shows a text that it was given."""
    entry = {"text": text, "why": text, "label": text}
    spec = LabelSpec.model_construct(
        definition=text, not_when=text, examples=(entry,), near_misses=(entry,), costly="missed"
    )
    # The recipe's own checks refuse some of these labels; the document does not rely on that.
    task = Classification.model_construct(
        question=text, if_unsure=text, labels={f"x {text}": spec, "other": LabelSpec()}
    )
    return made_facts(
        title=text,
        recipe=text,
        purpose=text,
        contact=text,
        language=text,
        fields=(text,),
        task=task,
        pairs=(ConfusablePair(f"x {text}", "other", 2),),
        boundary_cases=(BoundaryCase(text, "other", text, f"x {text}"),),
        rules=(Rule(1, text),),
        changes=(Change("definition", text, text, f"{text}."), Change("rule_added", after=text)),
    )


@pytest.mark.parametrize("made", [guideline_markdown, card_markdown], ids=["guideline", "card"])
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_is_shown_and_does_nothing(text, made):
    """The page of hostile texts has exactly the tags of a page of harmless ones."""
    facts, harmless = facts_full_of(text), facts_full_of("harmless" if visible(text) else "")
    shown = inert(guideline_html(made(facts), facts))

    assert visible(text)[:150] in shown.words
    assert shown.tags == inert(guideline_html(made(harmless), harmless)).tags


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_draft_is_shown_and_does_nothing(text):
    facts = made_facts()
    shown = inert(guideline_html("", facts, drafts=drafts_markdown(facts, [Rule(1, text)])))

    assert visible(text)[:150] in shown.words


def test_the_same_facts_give_the_same_bytes():
    first, second = made_facts(), made_facts(task=made_task(if_unsure="Take the first topic."))

    assert guideline_markdown(first) == guideline_markdown(second)
    assert guideline_html(guideline_markdown(first), first) == guideline_html(
        guideline_markdown(second), second
    )


@pytest.mark.parametrize("language", ["en", "de"])
def test_optional_parts_leave_no_empty_headings(language):
    facts = made_facts(
        language=language,
        purpose="",
        contact="",
        hours=None,
        pairs=(),
        boundary_cases=(),
        changes=(),
        agreement=None,
    )

    assert not re.search(r"\n## [^\n]*\n+(?=## )", guideline_markdown(facts))


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        (0.001, "about a minute"),
        (0.6, "about 36 minutes"),
        (2.5, "about 2.5 hours"),
        (1500, "about 1,500 hours"),
    ],
)
def test_hours_are_told_as_people_tell_them(hours, words):
    assert words in guideline_markdown(made_facts(hours=hours))
