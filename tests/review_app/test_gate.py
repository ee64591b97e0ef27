"""Who is kept out: strangers, other sites, other names for this machine, and whoever sends too much."""

from __future__ import annotations

import re

import pytest
from starlette.testclient import TestClient


def test_a_link_opens_a_session_and_leaves_the_address(shared):
    page = shared
    client = TestClient(page.app, base_url="http://127.0.0.1:8765", follow_redirects=False)

    entered = client.get(page.links[-1])

    assert (entered.status_code, entered.headers["location"]) == (303, "/")
    cookie = entered.headers["set-cookie"]
    assert re.search(r"; Path=/; HttpOnly; SameSite=Strict$", cookie)
    assert client.get("/").headers["location"] == "/as/0"


def test_a_link_works_once_and_another_is_announced(shared):
    page = shared
    used = page.links[-1]
    page.browser()

    assert page.stranger().client.get(used).status_code == 403
    assert page.links[-1] != used
    assert page.browser().get("").status_code == 200


@pytest.mark.parametrize("path", ["/", "/as/0", "/as/0/queue", "/as/0/items/0", "/nothing", "/enter?token=x"])
def test_a_stranger_sees_nothing(shared, path):
    page = shared
    reply = page.stranger().client.get(path)

    assert reply.status_code == 403
    assert "text number" not in reply.text


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8765", "127.0.0.1:9999", "127.0.0.1", "a/?x=", "127.0.0.1:8765.evil"],
)
def test_another_name_for_this_machine_is_refused(shared, host):
    """A name that an attacker's server makes point at 127.0.0.1 arrives with that name as its host."""
    browser = shared.browser()

    assert browser.get("/queue", host=host).status_code == 400


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": None},
        {"Origin": "http://evil.example"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Origin": "null"},
        {"X-CSRF-Token": None},
        {"X-CSRF-Token": "guessed"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Content-Type": "text/plain"},
    ],
)
def test_a_write_from_elsewhere_changes_nothing(shared, headers):
    page = shared
    reply = page.browser().post(0, "good", headers=headers)

    assert reply.status_code == 403
    assert page.rows("SELECT * FROM reviews") == []


def test_another_sessions_token_does_not_write(shared):
    page = shared
    one, other = page.browser(), page.browser()

    assert one.post(0, "good", headers={"X-CSRF-Token": other.csrf}).status_code == 403


def test_every_reply_forbids_scripts_frames_and_guessing(shared):
    page = shared
    browser = page.browser()

    for reply in (browser.get(""), browser.get("/queue"), page.stranger().get(""), browser.get("/nowhere")):
        policy = reply.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; ")
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert reply.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/as/0/", "/static/", "/%2e%2e/run.duckdb", "/as/0/items", "/as/1"])
def test_there_is_no_other_file_folder_or_redirect(shared, path):
    reply = shared.browser().client.get(path)

    assert reply.status_code == 404
    assert "location" not in reply.headers


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_are_refused(shared, method):
    assert shared.browser().client.request(method, "/as/0/items/0").status_code == 405


def test_too_large_an_answer_is_refused_unread(shared):
    page = shared

    assert page.browser().post(0, "good", note="x" * 500_000).status_code == 400
    assert page.rows("SELECT * FROM reviews") == []
