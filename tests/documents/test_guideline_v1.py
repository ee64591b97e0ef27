import dataclasses
import re

import pytest
from documents.hostile import HOSTILE
from documents.pages import inert

from act_spec.documents.guideline import Templates, guideline_html, guideline_markdown
from act_spec.documents.guideline_facts import BoundaryCase, ConfusablePair, GuidelineFacts
from act_spec.documents.printable import visible
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
        purpose="Training set for routing.",
        contact="labels@example.org",
        reviewers=("ann", "bo"),
        pairs=(ConfusablePair("billing", "sales", 7),),
        boundary_cases=(BoundaryCase("Money back for the parcel?", "billing", "refund is asked"),),
    )
    return dataclasses.replace(facts, **changes)


def first_guideline(facts):
    return guideline_markdown(facts, Templates("guideline.v1"))


def page(facts):
    return inert(guideline_html(first_guideline(facts), facts))


@pytest.mark.parametrize(
    "words",
    [
        "Version 3 of this guideline, for recipe messages (7f3a91c2), reviewed by ann, bo.",
        "Ask labels@example.org before you guess.",
        "What this is for: Training set for routing.",
        "1,200 items to review, about 10 hours of work",
        "What is it about?",
        "Use it when: A charge or an invoice.",
        "Not when: The customer only asks for a price.",
        "Costly when missed",
        "Example: “I was charged twice.” (a charge is questioned)",
        "Looks like it, but is not: “How much is the large plan?” → sales (asks a price)",
        "billing or sales (7 times)",
        "sales: A question before buying.",
        "“Money back for the parcel?” → billing (refund is asked)",
        "Take the first topic.",
        "others were drawn at random",
        "The order is random too",
        "return it to labels@example.org",
    ],
)
def test_a_guideline_says_what_reviewers_need(words):
    assert words in page(made_facts()).words


def test_steps_are_numbered_without_a_gap():
    for facts in (made_facts(), made_facts(pairs=())):
        section = first_guideline(facts).split("## How to decide")[1]
        numbers = re.findall(r"(?m)^(\d)\. ", section.split("\n## ")[0])

        assert numbers == ["1", "2", "3", "4", "5"]


def test_answers_of_several_labels_are_explained():
    task = Multilabel(question="Which topics?", labels=LABELS, none="allowed")
    cases = (BoundaryCase("Money back and a discount?", "billing; sales"),)

    text = first_guideline(made_facts(task=task, boundary_cases=cases))

    assert "3. Every label that is left belongs to your answer." in text
    assert "\n4. If nothing is left" in text
    assert "Put semicolons between labels, and write `none` if none applies" in text
    assert "→ **billing; sales**" in text
    assert "### billing or sales (7 times)" in text


def test_simulated_reviewers_are_announced_before_anything_else():
    shown = page(made_facts(simulated=True)).words

    assert shown.index("simulated") < shown.index("Version 3")
    assert "simulated" not in page(made_facts()).words


def test_an_item_awaiting_review_never_appears():
    """Examples and settled cases that are items still to be answered would give the answer away."""
    awaiting = ["i was  CHARGED twice.", "How much is the large plan?", "Money back for the parcel?"]

    text = first_guideline(made_facts(awaiting=awaiting))

    assert "charged twice" not in text
    assert "large plan" not in text
    assert "Money back" not in text
    assert "## Cases that are settled" not in text


def test_a_settled_item_of_several_fields_that_awaits_again_is_left_out():
    facts = made_facts(boundary_cases=(BoundaryCase("Good\nNever again.", "sales"),))

    kept = first_guideline(dataclasses.replace(facts, awaiting=["Good"]))
    left_out = first_guideline(dataclasses.replace(facts, awaiting=["Good", "Never again."]))

    assert "“Good Never again.” → **sales**" in kept
    assert "Never again" not in left_out


def test_an_example_of_several_fields_is_left_out_only_where_all_of_it_awaits():
    labels = {"a": {"examples": [{"title": "Good", "body": "Never again."}]}, "b": {}}

    kept = first_guideline(made_facts(task=made_task(labels), awaiting=["Good"]))
    left_out = first_guideline(made_facts(task=made_task(labels), awaiting=["Good", "Never again."]))

    assert "“title: Good; body: Never again.”" in kept
    assert "Never again" not in left_out


def facts_full_of(text):
    """Facts with this text wherever a guideline shows a text that it was given."""
    entry = {"text": text, "why": text, "label": text}
    spec = LabelSpec.model_construct(
        definition=text, not_when=text, examples=(entry,), near_misses=(entry,), costly=None
    )
    # The recipe's own checks refuse some of these labels; the document does not rely on that.
    task = Classification.model_construct(
        question=text, if_unsure=text, labels={f"x {text}": spec, "other": LabelSpec()}
    )
    return made_facts(
        title=text,
        purpose=text,
        contact=text,
        language=text,
        reviewers=(text,),
        fields=(text,),
        chosen=text,
        task=task,
        pairs=(ConfusablePair(f"x {text}", "other", 2),),
        boundary_cases=(BoundaryCase(text, "other", text),),
    )


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_is_shown_and_does_nothing(text):
    """The page of hostile texts has exactly the tags of a page of harmless ones."""
    shown = page(facts_full_of(text))

    assert visible(text)[:200] in shown.words
    assert shown.tags == page(facts_full_of("harmless" if visible(text) else "")).tags


def test_a_pair_that_no_definition_covers_is_still_named():
    text = first_guideline(made_facts(pairs=(ConfusablePair("billing", "gone", 1),)))

    assert "### billing or gone (once)" in text


def test_the_same_facts_give_the_same_bytes():
    first, second = made_facts(), made_facts(task=made_task(if_unsure="Take the first topic."))

    assert first_guideline(first) == first_guideline(second)
    assert guideline_html(first_guideline(first), first) == guideline_html(first_guideline(second), second)


def test_optional_parts_leave_no_empty_headings():
    text = first_guideline(
        made_facts(purpose="", contact="", hours=None, reviewers=(), pairs=(), boundary_cases=())
    )

    assert "confused" not in text
    assert "settled" not in text
    assert "Questions?" not in text
    assert not re.search(r"\n## [^\n]*\n+(?=## )", text)


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
    assert words in first_guideline(made_facts(hours=hours))
