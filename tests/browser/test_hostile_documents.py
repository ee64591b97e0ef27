"""
The same texts as reasons, reviewers' names, labels and notes: in documents, tables, a terminal and other tools' files.

Documents are opened in the browser with the canary; what people open in a
spreadsheet or read in a terminal is looked at character by character.
"""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from xml.etree import ElementTree as ET

import pytest
from browser.desk_work import ready
from browser.test_hostile import TASK, TEXTS, TRAP
from reviewed import served, waiting_run
from walking import plan_of

from act_spec.cli import main
from act_spec.plan.compile import run_folder
from act_spec.run.reviewing import hand_out
from act_spec.store.database import Store

pytest.importorskip("playwright.sync_api", reason="playwright drives the browser")

pytestmark = pytest.mark.browser
SHORT = [text for text in TEXTS if len(text) < 10_000]
# Names are one line of some words; every text that is one is a reviewer.
NAMES = [text for text in SHORT if text == text.strip() and len(text) <= 100 and text.isprintable()]
ACTING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_ALIVE = """() => ({
    fired: window.fired,
    scripts: document.querySelectorAll('script:not([type="application/json"])').length,
    handlers: [...document.querySelectorAll('*')].filter((one) => [...one.attributes].some((a) => a.name.startsWith('on'))).length,
    links: document.querySelectorAll('a[href^="javascript" i], a[href*="evil"], a[href*="example.org"]').length,
    foreign: document.querySelectorAll('img, iframe, object, embed, math, form:not(#answer):not([method=dialog])').length,
})"""
DEAD = {"fired": 0, "scripts": 0, "handlers": 0, "links": 0, "foreign": 0}


@pytest.fixture(scope="module")
def reviewed_run(tmp_path_factory):
    """Every text as an item, as both machines' reason, as a note; every name as a reviewer; all items answered."""
    folder = tmp_path_factory.mktemp("hostile")
    recipe = waiting_run(
        folder,
        SHORT,
        task=TASK,
        machine="<b onclick=alert(1)>good",
        review=json.dumps({"reviewers": NAMES, "overlap": "50%", "reveal": "ask"}),
        reviews=len(SHORT),
    )
    run = run_folder(plan_of(recipe))
    with Store.open(run / "run.duckdb") as store:
        for number, text in enumerate(SHORT):
            values = [text, f"i{number}"]
            store.run("UPDATE history.annotations SET rationale = ? WHERE item_id = ?", values)
            store.run("UPDATE history.judgments SET rationale = ? WHERE item_id = ?", values)
    sheet = list(csv.reader(io.StringIO((run / "worklist.csv").read_text(encoding="utf-8-sig"), newline="")))
    place = {name: sheet[0].index(name) for name in ("label", "note", "reviewer")}
    for number, row in enumerate(sheet[1:]):
        row[place["label"]] = "bad\"'><svg onload=alert(1)>" if number % 2 else "<b onclick=alert(1)>good"
        row[place["note"]] = SHORT[number]
        row[place["reviewer"]] = NAMES[number % len(NAMES)]
    with (folder / "back.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(sheet)
    return recipe


def _said(capsys, *words):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["act-spec", *map(str, words)])
        with pytest.raises(SystemExit):
            main()
    said = capsys.readouterr()
    return said.out + said.err


def _opened(profile, address):
    context = profile()
    context.add_init_script(TRAP)
    page = context.new_page()
    page.goto(address)
    return page


def test_in_a_terminal_nothing_acts(reviewed_run, capsys):
    """Import with faults, status, run, report: no control character and no override of direction is printed."""
    run = run_folder(plan_of(reviewed_run))
    bad = reviewed_run.with_name("bad.csv")
    with bad.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["item_id", "label"], *[[text, text] for text in SHORT]])
    said = [
        _said(capsys, "import", run, reviewed_run.with_name("back.csv")),
        _said(capsys, "import", run, bad),
        _said(capsys, "status", run),
        _said(capsys, "run", reviewed_run),
        _said(capsys, "report", run),
    ]

    # Another test may have taken them in before.
    assert f"{len(SHORT):,} of {len(SHORT):,} items answered" in said[0]
    assert said[1].count("not taken") >= len(SHORT) // 2
    assert not any(ACTING.search(text) for text in said)


def test_documents_are_inert(reviewed_run, capsys, profile):
    run = run_folder(plan_of(reviewed_run))
    _said(capsys, "import", run, reviewed_run.with_name("back.csv"))
    _said(capsys, "run", reviewed_run)
    _said(capsys, "report", run)
    for document in sorted(run.glob("*.html")):
        assert _opened(profile, document.as_uri()).evaluate(_ALIVE) == DEAD, document.name
    assert {"report.html", "guideline.html"} <= {document.name for document in run.glob("*.html")}


def test_reasons_and_names_are_inert_on_the_page(reviewed_run, profile):
    """Who is who lists every name; each queue opens, and both reasons of its first item are shown."""
    with served(reviewed_run) as running:
        page = _opened(profile, running.link())
        assert page.evaluate(_ALIVE) == DEAD
        assert page.locator(".people a").count() == len(NAMES)
        for number in range(min(12, len(NAMES))):
            page.goto(page.url.partition("/as/")[0].rstrip("/") + f"/as/{number}")
            ready(page)
            if not page.locator("#item").is_visible():
                page.keyboard.press("ArrowLeft")
                page.wait_for_selector("#item:visible")
                ready(page)
            page.keyboard.press("m")
            page.wait_for_selector("#machine:visible")
            alive = page.evaluate(_ALIVE)
            # The page's own scripts: one for the form, one for the field, one for the page.
            assert alive == {**DEAD, "scripts": 3}
            assert "label: <b onclick=alert(1)>good" in page.locator("#machine").inner_text()
            assert page.locator("#machine :not(p)").count() == 0


def test_tables_hold_no_formula(reviewed_run, capsys):
    run = run_folder(plan_of(reviewed_run))
    labels = reviewed_run.with_name("labels.csv")
    _said(capsys, "import", run, reviewed_run.with_name("back.csv"))
    _said(capsys, "labels", run, "-o", labels)
    for file in (run / "worklist.csv", labels):
        table = list(csv.reader(io.StringIO(file.read_text(encoding="utf-8-sig"), newline="")))
        assert len(table) == len(SHORT) + 1
        assert not [
            cell for row in table for cell in row if re.match(r"[=+\-@\t\r]", cell) and not _number(cell)
        ]


def _number(cell):
    return re.fullmatch(r"-?\d+(\.\d+)?(e-?\d+)?", cell)


@pytest.mark.parametrize(("tool", "ending"), [("labelstudio", ".json"), ("argilla", ".jsonl")])
def test_files_for_other_tools_hold_texts_and_nothing_else(tmp_path, tool, ending):
    recipe = waiting_run(tmp_path, TEXTS, task=TASK, machine="<b onclick=alert(1)>good", reviews=len(TEXTS))
    output = tmp_path / f"work{ending}"
    files = hand_out(
        plan_of(recipe), run_folder(plan_of(recipe)), tool, output, reviewer=None, with_machine=True
    ).files
    written = [file.read_text(encoding="utf-8") for file in files]

    assert not any(re.search("[\x00\ud800-\udfff]", text) for text in written)
    shown = re.findall(r'"field_1": "((?:[^"\\]|\\.)*)"', written[0])
    assert {json.loads(f'"{text}"') for text in shown} == set(TEXTS)
    if tool == "labelstudio":
        tags = [element.tag for element in ET.fromstring(written[1]).iter()]  # noqa: S314 - our own
        assert set(tags) == {"View", "Header", "Text", "Choices", "Choice", "TextArea"}
        assert "HyperText" not in written[1]
    else:
        settings = json.loads(written[1])
        assert all(one["settings"]["use_markdown"] is False for one in settings["fields"])
