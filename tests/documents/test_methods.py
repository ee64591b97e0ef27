import dataclasses
import re

import pytest
from documents.hostile import HOSTILE
from documents.runs import REST, made_run

from act_spec.documents.markdown import to_html
from act_spec.documents.methods import methods_markdown
from act_spec.documents.run_facts import RoleFacts, StageCost
from act_spec.records import Metric


def words(**changes):
    return " ".join(methods_markdown(made_run(**changes)).replace("\\", "").split())


@pytest.mark.parametrize(
    "expected",
    [
        "300 items were labelled by a machine annotator, the strategy direct.v1 on gpt-4o-mini-2024-07-18",
        "a judge, the strategy cot.v1 on judge-snapshot-2",
        "36 (12.0%) were drawn for review",
        "29 were drawn by suspicion, 7 at random",
        "(seed 17)",
        "One reviewer answered all 36",
        "machine accuracy 70.0%, final accuracy 80.0%",
        "estimated final accuracy 80.1% [74.9%, 85.2%]",
        "effective sample size 12.3, largest weight 41.9",
        "1,498 model calls were made for $0.53 at the prices of 2026-11-20",
        "act_spec 0.1.0, litellm 1.103",
        "prompt annotate_direct.v1: deadbeef",
    ],
)
def test_the_paragraph_says(expected):
    assert expected in words()


@pytest.mark.parametrize("term", ["Gain", "Gain curve"])
def test_our_definitions_are_said_to_be_ours(term):
    line = next(line for line in methods_markdown(made_run()).splitlines() if line.startswith(f"- *{term}*"))

    assert line.endswith("**Our definition.**")


def test_simulated_reviewers_are_announced_and_named_so():
    shown = words(simulated=True)

    assert shown.startswith("# Methods: Customer messages > **Demonstration: reviewers were simulated")
    assert "Simulated reviewers answered all 36" in shown
    assert "imulated" not in words()


def test_open_reviews_are_called_non_response():
    share = Metric("response_share", 30 / 36, note="6 of 36 did not come back.")

    assert "2 reviewers answered 30 of them (non-response: 6 of 36 did not come back.)" in words(
        reviewed=30, reviewers=2, metrics=(*REST, share)
    )


def test_what_is_not_known_is_left_out_or_said():
    shown = words(metrics=REST, judge=None, stages=(StageCost("annotate", "m", 5),), price_date="")

    assert "Against known answers" not in shown
    assert "From the reviews alone" not in shown
    assert "a judge," not in shown
    assert "5 model calls were made; their price is not known" in shown


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_changes_no_markup(text):
    """The document of hostile texts has exactly the tags of a document of harmless ones."""
    pages = [
        to_html(
            methods_markdown(
                made_run(
                    name=value,
                    title=value,
                    rule=value,
                    annotator=RoleFacts(value, (value,)),
                    versions={value: value},
                    provenance=((value, value),),
                )
            )
        )
        for value in (text, "harmless")
    ]

    hostile, harmless = (re.findall(r"</?\w+", page) for page in pages)
    assert hostile == harmless


def test_the_same_facts_give_the_same_bytes():
    turned = dataclasses.replace(made_run(), versions={"act_spec": "0.1.0", "litellm": "1.103"})

    assert methods_markdown(made_run()) == methods_markdown(turned)
