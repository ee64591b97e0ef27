import dataclasses
import json
import re
from itertools import pairwise

import pytest
from documents.hostile import HOSTILE
from documents.pages import inert

from act_spec.documents.compare import compare_html, compare_text, difference_verdict
from act_spec.documents.compare_facts import (
    Agreement,
    ComparedPair,
    ComparedRun,
    CompareFacts,
    Difference,
)
from act_spec.documents.compare_picture import DASHES, curves_picture
from act_spec.documents.printable import visible
from act_spec.records import Metric
from act_spec.strategies.estimators.label_quality import Estimate

FIRST = ComparedRun(
    key="A",
    name="messages",
    folder="runs/messages",
    plan_hash="7f3a91c2" * 8,
    data_hash="ab12cd34" * 8,
    items=300,
    selected=60,
    reviewed=60,
    annotator="direct.v1 with local/tiny",
    judge="cot.v1 with local/tiny",
    rule="sqrt.v1",
    simulated=False,
    hours=0.5,
    hours_measured=False,
    metrics=(
        Metric("machine_accuracy", 0.7),
        Metric("final_accuracy", 0.8),
        Metric("estimated_final_accuracy", 0.801, 0.749, 0.852),
        Metric("auroc", 0.7122),
        Metric("cost_usd", None),
    ),
    gain_curve=((0.0, 0.0), (0.2, 0.5), (1.0, 1.0)),
)
SECOND = dataclasses.replace(
    FIRST,
    key="B",
    name="other",
    plan_hash="deadbeef" * 8,
    hours=1.25,
    hours_measured=True,
    metrics=(Metric("machine_accuracy", 0.65), Metric("cost_usd", 0.0321)),
    gain_curve=((0.0, 0.0), (0.2, 0.3), (1.0, 1.0)),
)
HIGHER = Difference("final_accuracy", Estimate(0.03, 0.01, 0.05))
PAIR = ComparedPair(
    first="A",
    second="B",
    common=280,
    same_data=False,
    delivered=Agreement(279, 0.9, 0.8512),
    machine=Agreement(0, None, None),
    known=250,
    groups=140,
    differences=(HIGHER, Difference("gain at 20.0% reviewed", None, "there is no error to find")),
)
FACTS = CompareFacts((FIRST, SECOND), (PAIR,), ("A and B read different data.",))


@pytest.mark.parametrize(
    "expected",
    [
        "Read this first A and B read different data.",
        "messagesruns/messagesplan 7f3a91c2, data ab12cd34",
        "A 70.0% 80.0% — 80.1%[74.9%, 85.2%]",
        "B 65.0% — — —",
        "A 0.712 — —",
        "A 60 of 300 about 0.5 — —",
        "B 60 of 300 1.2 — $0.03",
        "Hours with “about” were not measured",
        "A 50.0%, B 30.0%; random review finds 20.0%",
        "A and B 280 90.0% 0.851 — —",
        "B - A final accuracy 250 +3.0 [+1.0, +5.0] B is higher",
        "B - A gain at 20.0% reviewed 250 — not computed: there is no error to find",
        "drawing whole groups of data.group (140 groups)",
        "definition",
    ],
)
def test_the_page_says(expected):
    assert expected in inert(compare_html(FACTS)).words


@pytest.mark.parametrize(
    "expected",
    [
        "A  messages   plan 7f3a91c2   data ab12cd34   300 items   runs/messages",
        "80.1% [74.9%, 85.2%]",
        "A and B: 280 common items; delivered labels equal 90.0% (kappa 0.851)",
        "+3.0 [+1.0, +5.0]   B is higher",
        "not computed: there is no error to find",
        "Note: A and B read different data.",
    ],
)
def test_the_terminal_says(expected):
    assert expected in compare_text(FACTS)


def test_runs_without_common_items_are_not_compared():
    nothing = dataclasses.replace(PAIR, common=0)

    shown = compare_text(dataclasses.replace(FACTS, pairs=(nothing,)))

    assert "A and B: no item in common" in shown
    assert "B - A" not in shown


@pytest.mark.parametrize(
    ("estimate", "expected"),
    [
        (Estimate(0.03, 0.01, 0.05), "B is higher"),
        (Estimate(-0.03, -0.05, -0.01), "A is higher"),
        (Estimate(0.03, -0.01, 0.05), "the data do not tell them apart"),
        (Estimate(0.0, 0.0, 0.0), "equal"),
    ],
)
def test_a_difference_in_words(estimate, expected):
    assert difference_verdict(Difference("final_accuracy", estimate), PAIR) == expected


def many_runs(count):
    return [
        dataclasses.replace(
            FIRST, key=chr(ord("A") + number), gain_curve=((0, 0), (0.2, number / 50), (1, 1))
        )
        for number in range(count)
    ]


def test_curves_have_dashes_and_letters_of_their_own():
    curves = curves_picture(many_runs(len(DASHES)))["curves"]

    assert len({curve["dash"] for curve in curves}) == len(DASHES)


def test_letters_of_many_runs_do_not_cover_one_another():
    curves = curves_picture(many_runs(18))["curves"]

    places = [curve["letter_x"] for curve in curves]
    assert min(b - a for a, b in pairwise(places)) > curves[0]["radius"]


def test_equal_curves_are_named():
    runs = [*many_runs(2), dataclasses.replace(FIRST, key="C", gain_curve=many_runs(1)[0].gain_curve)]

    assert "A and C have the same curve." in curves_picture(runs)["description"]


def test_dashes_are_told_apart_without_colour():
    style = compare_html(FACTS)
    strokes = {dash: re.findall(rf"svg \.{dash} {{([^}}]*)}}", style)[0] for dash in DASHES}
    plain = {dash: re.sub(r"stroke: var\([^)]*\);", "", rule).strip() for dash, rule in strokes.items()}

    assert len(set(plain.values())) == len(DASHES)


def test_runs_without_gold_have_no_picture():
    without = [dataclasses.replace(run, gain_curve=()) for run in (FIRST, SECOND)]

    assert curves_picture(without) is None
    assert "Gain curves" not in inert(compare_html(dataclasses.replace(FACTS, runs=tuple(without)))).words


def test_the_json_has_every_figure():
    told = json.loads(json.dumps(FACTS.as_json()))

    assert told["runs"][0]["plan_hash"] == FIRST.plan_hash
    assert told["pairs"][0]["differences"][0]["estimate"] == {"value": 0.03, "low": 0.01, "high": 0.05}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_is_shown_and_does_nothing(text):
    shown, harmless = (inert(compare_html(facts_full_of(value))) for value in (text, "harmless"))

    assert visible(text) in shown.words
    if visible(text):
        assert shown.tags == harmless.tags


def facts_full_of(text):
    run = dataclasses.replace(FIRST, name=text, folder=text, annotator=text, judge=text or "j", rule=text)
    return CompareFacts((run, SECOND), (PAIR,), (text,))
