import dataclasses
import re

import pytest
from documents.hostile import HOSTILE
from documents.pages import inert, style_of
from documents.runs import ESTIMATES, GOLD, REST, made_run, piloted_run

from act_spec.documents.printable import visible
from act_spec.documents.report import report_html
from act_spec.documents.run_facts import Confusion, JudgedPart, Metric, RoleFacts, RoundFacts, StageCost


def words(**changes):
    return inert(report_html(made_run(**changes))).words


@pytest.mark.parametrize(
    "expected",
    [
        "machine alone 70.0%",
        "after 36 reviews 80.0%",
        # 70% and 36 of 300 of the remaining 30%.
        "As many random reviews would be expected to give 73.6%",
        "measured against known answers",
        "30 of the 90 wrong machine labels were among the 36 reviewed items; chance finds 11.",
        "29 by suspicion + 7 at random",
        "direct.v1 with gpt-4o-mini-2024-07-18",
        "estimated_final_accuracy 80.1% 74.9% 85.2%",
        "norm_area — — —",
        "no known answers",
        "auroc 0.712",
        "calls 1,498",
        "annotate gpt-4o-mini-2024-07-18 1,200 2 100,000 3,000 $0.03",
        "judge judge-snapshot-2 298 0 unknown unknown $0.50",
        "total 1,498 2 $0.53",
        "With 12.0% of the items reviewed, this run found 33.3% of the wrong labels",
        "a perfect judge 40.0%",
        "50% to 100% 50 30",
        "plan " + "7f3a91c2" * 8,
        "prices of 2026-11-20",
        "act_spec 0.1.0 litellm 1.103",
        "definitions of our own",
    ],
)
def test_a_report_says(expected):
    assert expected in words()


@pytest.mark.parametrize(
    "expected",
    [
        "Read this first Items seem to come in groups (billing), and data.group is not set.",
        "judged 60 items, those that the annotator was least sure of; the other 240",
        "scored by the annotator's own confidence alone",
        "1 12 12 uniform.v1 30.0% 2 24 24 sqrt.v1 70.0%",
        "12 random items were reviewed first; 4 of their machine labels are wrong. deepseek finds more",
        "deepseek 50.0% [30.0%, 70.0%] — used",
        "claude 20.0% [0.0%, 40.0%] 30.0% [10.0%, 50.0%]",
        "returns 80 9 60.0% 40.0% 80.0%",
        "billing 20 1 — — — too few reviews",
        "Scores as judged, expected calibration error 0.175",
        "90.0% 50.0% [30.0%, 70.0%] 12",
        "Filled squares and a plain line: calibrated by deepseek",
    ],
)
def test_a_report_of_a_piloted_run_says(expected):
    assert expected in inert(report_html(piloted_run())).words


def test_warnings_stand_before_every_table():
    shown = inert(report_html(piloted_run())).words

    assert shown.index("Read this first") < shown.index("What was done")
    assert "Read this first" not in words()


def test_without_the_facts_there_are_no_such_parts():
    shown = words()

    for heading in ("Rounds of review", "pilot chose", "How right the labels are", "mean what they say"):
        assert heading not in shown


def test_without_gold_the_headline_is_the_estimate_with_its_intervals():
    shown = words(metrics=ESTIMATES + REST, errors=None, errors_reviewed=None, gain_curve=())

    assert "machine alone 71.0% → after 36 reviews 80.1%" in shown
    assert "before [64.0%, 77.0%], after [74.9%, 85.2%]" in shown
    assert "estimated from the reviews alone" in shown
    assert "What the judge is worth" not in shown


def test_without_gold_and_reviews_nothing_is_claimed():
    shown = words(metrics=REST, errors=None, reviewed=0, gain_curve=())

    assert "cannot be said yet" in shown


def test_a_judge_no_better_than_chance_is_told_just_the_same():
    shown = words(errors_reviewed=9, metrics=(*GOLD[:1], Metric("final_accuracy", 0.73)))

    assert "after 36 reviews 73.0%" in shown
    assert "would be expected to give 73.6%" in shown
    assert "9 of the 90 wrong machine labels were among the 36 reviewed items; chance finds 11." in shown


def test_simulated_reviewers_are_the_first_thing_said():
    shown = words(simulated=True)

    assert shown.index("simulated from known answers") < shown.index("Customer messages", 20)
    assert "simulated" not in words()


def test_an_unknown_cost_is_never_nothing():
    unknown = StageCost("judge", "m", 10)

    assert "judge m 10 0 unknown unknown unknown" in words(stages=(unknown,))
    assert "at least $0.03" in words(stages=(made_run().stages[0], unknown))


def test_items_that_still_wait_are_counted():
    assert "Not finished: 6 items still without an answer" in words(reviewed=30, unanswered=6)
    assert "Not finished" not in words()


def test_every_picture_has_a_text_alternative_and_a_table():
    text = report_html(piloted_run())

    pictures = re.findall(r"<svg.*?</svg>", text, re.DOTALL)
    assert len(pictures) == 4
    for picture in pictures:
        ((title, description),) = re.findall(r'role="img" aria-labelledby="([^ "]+) ([^"]+)"', picture)
        assert re.search(rf'<title id="{title}">[^<]+</title>', picture)
        assert re.search(rf'<desc id="{description}">[^<]+</desc>', picture)
    assert text.count("<table") >= len(pictures)


def test_ids_of_the_page_are_unique():
    page = inert(report_html(piloted_run()))
    ids = [value for _, name, value in page.attributes if name == "id"]

    assert sorted(ids) == sorted(set(ids))


def test_lines_are_told_apart_without_colour():
    style = style_of(report_html(made_run()))
    strokes = [
        re.sub(r"var\([^)]*\)", "", rule)
        for line in ("curve", "perfect", "chance")
        for rule in re.findall(rf"svg \.{line} ({{[^}}]*}})", style)
    ]

    assert len(strokes) == len(set(strokes)) == 3


def test_many_labels_become_a_list_of_the_most_frequent_disagreements():
    cells = tuple((f"l{number}", f"l{number + 1}", number) for number in range(30))

    shown = words(confusions=(Confusion("Many", "machine", "human", cells),))

    assert "l29 l30 29" in shown
    assert "l1 l2 1" not in shown


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_is_shown_and_does_nothing(text):
    """The page of hostile texts has exactly the tags of a page of harmless ones."""
    shown, harmless = (inert(report_html(run_full_of(value))) for value in (text, "harmless"))

    assert visible(text) in shown.words
    if visible(text):
        assert shown.tags == harmless.tags


def run_full_of(text):
    facts = piloted_run(name=text, label=text)
    return dataclasses.replace(
        facts,
        name=text,
        title=text,
        rule=text,
        annotator=RoleFacts(text, (text,)),
        judge=RoleFacts(text),
        metrics=(*GOLD, Metric(text, 0.5, note=text)),
        confusions=(Confusion(text, text, text, ((text, "b", 1),)),),
        stages=(StageCost(text, text, 1),),
        data_hash=text,
        versions={text: text},
        price_date=text,
        provenance=((text, text),),
        language=text,
        judged_part=JudgedPart(1, 2, text),
        rounds=(RoundFacts(1, 1, 1, text, 1.0),),
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"items": 0, "selected": 0, "reviewed": 0, "errors": 0, "errors_reviewed": 0, "suspicion": ()},
        {"errors": 0, "errors_reviewed": 0},
        {"judge": None, "suspicion": (), "confusions": (), "stages": (), "metrics": ()},
        {"reviewed": 300, "selected": 300},
        {"confusions": (Confusion("None", "machine", "human", ()),)},
    ],
)
def test_edges_make_a_page(changes):
    assert "Where it comes from" in words(**changes)


def test_the_same_facts_give_the_same_bytes():
    turned = dataclasses.replace(made_run(), versions={"act_spec": "0.1.0", "litellm": "1.103"})

    assert report_html(made_run()) == report_html(turned)
