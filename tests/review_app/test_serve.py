"""A real socket: the port that is free, this machine alone, and the run held and let go."""

from __future__ import annotations

import http.client
import json
import socket
import urllib.error
import urllib.request

import pytest
from crashes import Page
from reviewed import rows, served, waiting_run
from walking import plan_of

from act_spec.errors import ReviewError
from act_spec.plan.compile import run_folder
from act_spec.review_app.serve import listening
from act_spec.run.outcome import status_facts
from act_spec.run.reviewing import hand_out, reviewers_of


def test_a_busy_port_is_passed_over():
    with listening(0) as (_, first), listening(first) as (_, second):
        assert second > first


def test_no_free_port_is_said_in_words():
    with pytest.raises(ReviewError, match="Name another with --port"), listening(70_000):
        pass


def test_only_this_machine_is_listened_to():
    with listening(0) as (opened, port):
        assert opened.getsockname() == ("127.0.0.1", port)
        assert opened.family is socket.AF_INET


def test_the_page_is_served_and_the_run_let_go_afterwards(tmp_path):
    recipe = waiting_run(tmp_path, reviews=2, texts=4)
    with served(recipe) as running:
        link = running.link()
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(link.partition("/enter")[0], timeout=120)  # noqa: S310 - our own address
        with refused.value:
            assert refused.value.code == 403
    assert running.closed is not None
    assert status_facts(run_folder(plan_of(recipe))).selected == 2


def test_a_run_without_work_says_so(tmp_path):
    plan = plan_of(waiting_run(tmp_path, review="{reviewers: [ada, sam]}", reviews=2, texts=4))
    folder = run_folder(plan)

    with pytest.raises(ReviewError, match="Say for whom: --reviewer, one of ada, sam"):
        hand_out(plan, folder, "packet", tmp_path / "packet.html", reviewer=None)
    with pytest.raises(ReviewError, match="Did you mean 'ada'"):
        reviewers_of(plan, "adda")
    assert hand_out(plan, folder, "worklist", tmp_path / "ada.csv", reviewer="ada").items == 1
    assert json.dumps(status_facts(folder).as_json())


def test_an_answer_of_a_browser_that_closes_at_once_is_kept(tmp_path):
    """The tab is closed before the reply comes; whoever opens the page again finds the answer."""
    recipe = waiting_run(tmp_path, reviews=2, texts=4)
    with served(recipe) as running:
        link = running.link()
        page = Page(lambda: f"open   {link}\n")
        item = page.next_item()
        body = json.dumps({"answer": "bad", "outcome": None, "note": "", "seconds": 1.0, "revision": 0})
        closed = http.client.HTTPConnection(page.address, timeout=120)
        closed.request("POST", f"/as/0/items/{item['number']}", body, dict(page.headers))
        closed.sock.shutdown(socket.SHUT_RDWR)
        closed.close()
        again = Page(lambda: f"open   {running.link()}\n")
        assert again.next_item()["number"] != item["number"]

    assert rows(recipe, "SELECT label, revision FROM reviews") == [("bad", 1)]
