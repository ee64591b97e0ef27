"""Queues, answers and what shows when: one reviewer, several, two windows, a disagreement."""

from __future__ import annotations

import pytest
from reviewed import SEVERAL

TWO = "{reviewers: [ada, sam]}"


def _queue(browser):
    return browser.get("/queue").json()


def _open(browser):
    return [entry["id"] for entry in _queue(browser)["items"] if entry["outcome"] is None]


def test_an_answer_is_in_the_table_when_the_reply_comes(opened):
    page = opened()
    reply = page.browser().post(0, "good", note=" sure ", seconds=4.25)

    assert reply.json()["next"] == 1
    assert page.rows(
        "SELECT reviewer, label, outcome, seconds, note, guideline_version, channel, revision FROM reviews"
    ) == [("ada", "good", "keep", 4.25, "sure", "1", "page", 1)]


@pytest.mark.parametrize(
    ("answer", "outcome", "kept"),
    [
        ("good", None, ("good", "keep")),
        ("bad", None, ("bad", "change")),
        (None, "skip", (None, "skip")),
        (None, "ambiguous", (None, "ambiguous")),
        ("bad", "ambiguous", ("bad", "ambiguous")),
    ],
)
def test_what_a_reviewer_can_say(opened, answer, outcome, kept):
    page = opened()
    page.browser().post(0, answer, outcome=outcome)

    assert page.rows("SELECT label, outcome FROM reviews") == [kept]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"answer": "ugly"}, "'ugly' is not one of the labels"),
        ({"answer": ["good", "bad"]}, "exactly one label"),
        ({"answer": []}, "exactly one label"),
        ({"answer": None}, "no label"),
        ({"answer": "good", "outcome": "skip"}, "either skipped or labelled"),
        ({"answer": "good", "outcome": "keep"}, "not an answer of the review page"),
        ({"answer": "good", "seconds": -1}, "not an answer of the review page"),
        ({"answer": {"$ne": 1}}, "exactly one label"),
        ({"answer": "good", "revision": "0"}, "not an answer of the review page"),
    ],
)
def test_what_is_no_answer_is_refused_with_its_reason(opened, body, said):
    page = opened()
    reply = page.browser().post(0, **body)

    assert reply.status_code == 400
    assert said in reply.json()["message"]
    assert page.rows("SELECT * FROM reviews") == []


def test_several_labels_and_none_are_answers_where_the_task_says_so(opened):
    page = opened(task=SEVERAL, machine="price")
    browser = page.browser()
    browser.post(0, ["screen", "price"])
    browser.post(1, [])

    assert page.rows("SELECT label, outcome FROM reviews ORDER BY reviewed_at") == [
        ('["price","screen"]', "change"),
        ("[]", "change"),
    ]
    assert browser.get("/items/0").json()["answer"]["answer"] == ["price", "screen"]


def test_the_machines_label_shows_after_the_answer_only(opened):
    browser = opened(review="{reviewers: [ada], reveal: after}").browser()

    assert browser.get("/items/0").json()["machine"] is None
    assert browser.get("/items/0/machine").status_code == 404
    assert browser.post(0, "bad").json()["machine"]["label"] == "good"
    assert browser.get("/items/0").json()["machine"]["label"] == "good"


def test_the_machines_label_shows_when_asked(opened):
    browser = opened(review="{reviewers: [ada], reveal: ask}").browser()

    assert browser.get("/items/0").json()["machine"] is None
    assert browser.get("/items/0/machine").json()["machine"]["label"] == "good"


def test_the_machines_label_never_shows(opened):
    browser = opened(review="{reviewers: [ada], reveal: never}").browser()

    assert browser.post(0, "bad").json()["machine"] is None
    assert browser.get("/items/0/machine").status_code == 404


def test_a_second_window_cannot_overwrite_what_it_has_not_seen(opened):
    page = opened()
    one, other = page.browser(), page.browser()
    one.post(0, "good")
    refused = other.post(0, "bad")

    assert refused.status_code == 409
    assert (refused.json()["answer"]["answer"], refused.json()["revision"]) == ("good", 1)
    assert page.rows("SELECT label FROM reviews") == [("good",)]
    assert other.post(0, "bad", revision=1).status_code == 200


def test_an_answer_sent_twice_is_one(opened):
    page = opened()
    browser = page.browser()

    assert [browser.post(0, "good").status_code for _ in range(2)] == [200, 200]
    assert page.rows("SELECT count(*) FROM reviews") == [(1,)]


def test_reviewers_have_queues_of_their_own_that_make_the_whole(opened):
    page = opened(review=TWO)
    ada, sam = (_open(page.browser(number)) for number in range(2))

    assert (len(ada), len(sam)) == (10, 10)
    assert sorted([*ada, *sam]) == list(range(20))
    assert page.browser(0).post(sam[0], "good").status_code == 404


def test_overlap_gives_items_to_two(opened):
    page = opened(review="{reviewers: [ada, sam, eve], overlap: 20%}")
    queues = [_open(page.browser(number)) for number in range(3)]

    assert sum(map(len, queues)) == 24
    [first, *_] = set(queues[0]) & (set(queues[1]) | set(queues[2]))
    other = 1 if first in queues[1] else 2
    page.browser(0).post(first, "good")
    page.browser(other).post(first, "bad")
    assert page.rows("SELECT count(DISTINCT reviewer), count(DISTINCT item_id) FROM reviews") == [(2, 1)]


def test_a_disagreement_goes_to_the_reviewer_who_settles_them(opened):
    page = opened(review="{reviewers: [ada, sam, eve], overlap: 100%, disagreements: eve}")
    ada, sam, eve = (page.browser(number) for number in range(3))
    agreed, split, *_ = sorted(set(_open(ada)) & set(_open(sam)))
    for number, label in ((agreed, "good"), (split, "bad")):
        ada.post(number, "good")
        sam.post(number, label)

    assert agreed not in _open(eve)
    assert split in _open(eve)
    assert eve.post(split, "good").status_code == 200


def test_progress_and_the_time_left_follow_the_reviewers_own_pace(opened):
    browser = opened().browser()
    assert _queue(browser)["left_s"] == 20 * 30

    for number in range(5):
        said = browser.post(number, "good", seconds=10 + number).json()
    assert (said["done"], said["total"], said["left_s"]) == (5, 20, 15 * 12)


def test_after_the_last_item_there_is_none(opened):
    browser = opened(texts=3, reviews=2).browser()
    browser.post(1, "good")

    assert browser.post(0, "good").json()["next"] is None


def test_the_page_asks_who_it_is_where_there_are_several(opened):
    page = opened(review=TWO).browser().client.get("/").text

    assert '<a href="/as/0">ada</a>' in page
    assert '<a href="/as/1">sam</a>' in page
