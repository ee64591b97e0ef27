"""Texts that try to be more than text, on the page and in a packet: a canary would fire, and shows that it can."""

from __future__ import annotations

import json

import pytest
from browser.desk_work import answer, ready, shown
from documents.hostile import HOSTILE
from reviewed import served, waiting_run
from walking import plan_of

from act_spec.documents.printable import visible_lines
from act_spec.plan.compile import run_folder
from act_spec.run.reviewing import hand_out

pytest.importorskip("playwright.sync_api", reason="playwright drives the browser")

pytestmark = pytest.mark.browser
_MORE = (
    "</script><script>alert(1)</script>",
    "<script>alert(1)//<!--<script>",
    "<!--data-->",
    "javascript:alert(1)",
    "<iframe srcdoc='<script>parent.alert(1)</script>'>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    '=HYPERLINK("http://evil.example","x")',
    "\u2028alert(1)\u2029",
    "\\u003cscript\\u003ealert(1)\\u003c/script\\u003e",
    "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    "<a href='javascript:alert(1)' onfocus=alert(1) autofocus>x</a>",
    "<details open ontoggle=alert(1)>x</details>",
    "\x1b]8;;http://evil.example\x07click\x1b]8;;\x07\x1b[2J\x1b[1A",
    "+cmd|'/C calc'!A0",
    "@SUM(1+9)*cmd|'/C calc'!A0",
    "\u202eevil\u2066\u2067\u2069\u061c",
    "big " * 250_000,
)
TEXTS = [
    text.replace("\x00", "").encode("utf-8", "replace").decode()
    for text in (*HOSTILE.values(), *_MORE)
    if text.strip()
]
TRAP = "window.fired = 0; for (const name of ['alert', 'confirm', 'prompt']) window[name] = () => { window.fired += 1; };"
TASK = json.dumps(
    {
        "kind": "classification",
        "question": "<img src=x onerror=alert(1)> Good?",
        "labels": {
            "<b onclick=alert(1)>good": "</title><script>alert(1)</script>",
            "bad\"'><svg onload=alert(1)>": "x",
        },
    }
)


def _walk_through(page, total):
    """Answer everything, and gather what was shown."""
    seen = []
    for done in range(1, total + 1):
        seen.append(shown(page))
        answer(page, "1", done, total)
        assert page.evaluate("window.fired") == 0
        assert page.locator("main :is(script, img, svg, iframe, style, a, b, math)").count() == 0
    return seen


@pytest.fixture
def hostile_run(tmp_path):
    machine = "<b onclick=alert(1)>good"
    return waiting_run(
        tmp_path,
        TEXTS,
        task=TASK,
        machine=machine,
        review=json.dumps({"reviewers": ["<i onmouseover=alert(1)>ada"], "reveal": "after"}),
        reviews=len(TEXTS),
    )


def test_there_are_forty_texts():
    assert len(set(TEXTS)) >= 40


def test_the_canary_can_fire(profile):
    context = profile()
    context.add_init_script(TRAP)
    page = context.new_page()
    page.goto("data:text/html,<script>alert(1)</script>")

    assert page.evaluate("window.fired") == 1


def test_hostile_texts_are_inert_on_the_page(hostile_run, profile):
    with served(hostile_run) as running:
        context = profile()
        context.add_init_script(TRAP)
        page = context.new_page()
        page.goto(running.link())
        ready(page)
        seen = _walk_through(page, len(TEXTS))

    assert max(map(len, seen)) > 900_000
    assert sum("<script>" in text for text in seen) >= 3


def test_hostile_texts_are_inert_in_a_packet(hostile_run, tmp_path, profile):
    plan = plan_of(hostile_run)
    hand_out(plan, run_folder(plan), "packet", tmp_path / "packet.html", reviewer=None)
    context = profile(offline=True)
    context.add_init_script(TRAP)
    page = context.new_page()
    page.goto((tmp_path / "packet.html").as_uri())
    ready(page)

    assert len(_walk_through(page, len(TEXTS))) == len(TEXTS)


@pytest.mark.parametrize("text", TEXTS[:40])
def test_no_text_on_a_page_can_act_on_its_reader(text):
    """Neither control characters nor overrides of direction are left; line breaks and tabs are."""
    shown_text = visible_lines(text)

    assert not set(shown_text) & set(map(chr, [*range(9), *range(11, 32), 0x202E, 0x2066, 0x7F, 0x9B]))
