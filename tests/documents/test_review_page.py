"""The page as a file: its policy names its own parts, its data cannot leave their block, each label has a key."""

from __future__ import annotations

import base64
import hashlib
import json
import re

import pytest
from documents.hostile import HOSTILE

from act_spec import registry
from act_spec.documents.printable import visible_lines
from act_spec.documents.review_page import PageFacts, json_block, policy, review_page, script_names
from act_spec.recipe.load import is_base, load_recipe
from act_spec.resources import folder
from act_spec.tasks.classification import Classification
from act_spec.tasks.kind import TaskKind
from act_spec.tasks.multilabel import Multilabel

TASK = Classification(question="Good?", labels={"good": "It is.", "bad": ""})


class Typed(Classification):
    """A kind that brings no widget of its own."""

    def answer_form(self):
        return TaskKind.answer_form(self)


TYPED = Typed(question="Good?", labels=["good", "bad"])
WHOLE = [path for path in sorted(folder("recipes").glob("*.act.yaml")) if not is_base(path)]


def _page(task=TASK, **more):
    return review_page(PageFacts("Topics", task, ["text"], "<h2>Rules</h2>", more=more))


def _choices(page):
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    return json.loads(data[1])["form"]["choices"]


@pytest.mark.parametrize("tag", ["style", "script"])
def test_the_policy_allows_what_is_in_the_page_and_nothing_else(tag):
    allowed = re.search(rf"{tag}-src ([^;]*);", policy())[1].split()
    inside = re.findall(rf"<{tag}>(.*?)</{tag}>", _page(), re.DOTALL)
    hashes = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in inside]

    assert hashes
    assert {f"'sha256-{one}'" for one in hashes} <= set(allowed)
    assert all(one.startswith("'sha256-") for one in allowed)
    assert "unsafe" not in policy()


@pytest.mark.parametrize("name", registry.names("content"))
def test_every_modality_has_a_script_that_shows_it(name):
    script = registry.find("content", name).traits.get("widget", name)

    assert f"review_field_{script}.v1.js" in script_names()


@pytest.mark.parametrize("task", [TASK, TYPED], ids=["choices", "text"])
def test_every_way_to_answer_has_a_script(task):
    page = _page(task)

    assert f"window.reviewForms ??= {{}}).{task.answer_form().widget} =" in page
    assert page.index("window.reviewForms ??=") < page.index("reviewForms[data.form.widget]")


@pytest.mark.parametrize("recipe", WHOLE, ids=lambda path: path.name)
def test_the_gallery_s_tasks_have_their_scripts(recipe):
    task = load_recipe(recipe).recipe.task

    assert f"review_form_{task.answer_form().widget}.v1.js" in script_names()


def test_a_packet_carries_its_policy_and_may_talk_to_nobody():
    packet = _page(packet={"items": []})

    assert "connect-src &#39;none&#39;" in packet or "connect-src 'none'" in packet
    assert "Content-Security-Policy" not in _page()


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_no_text_ends_the_block_of_data(text):
    block = json_block({"text": text})

    assert not re.search(r"[<>&\u2028\u2029]", block)
    assert json.loads(block)["text"] == text.encode("utf-8", "replace").decode()


def test_a_mark_of_ours_in_a_title_stays_a_title():
    page = review_page(PageFacts("<!--data-->", TASK, ["text"], guideline=""))

    assert [choice["name"] for choice in _choices(page)] == ["good", "bad"]


def test_labels_have_keys_that_no_command_has():
    task = Classification(question="?", labels=[f"l{number}" for number in range(40)])
    keys = [choice["key"] for choice in _choices(_page(task))]

    given = [key for key in keys if key]
    assert len(given) == len(set(given)) == 30
    assert not set(given) & set("agmnsu?")


def test_none_has_its_own_key_where_it_is_an_answer():
    task = Multilabel(question="?", labels=[f"l{number}" for number in range(12)], none="allowed")
    choices = _choices(_page(task))

    assert [choice["name"] for choice in choices if choice["key"] == "0"] == [""]


def test_lines_and_tabs_are_kept_and_what_acts_is_shown():
    assert visible_lines("a  b\r\n\tc\u202ed\x1b[0m\re") == "a  b \n\tc<U+202E>d␛[0m\ne"


def test_a_place_on_the_page_is_that_place_in_a_text_with_line_breaks_of_two_characters():
    """Passages are marked by place: a break that grew shorter would move all that come behind it."""
    text = "no\r\nno\r\n\r\nno \r\nno"
    place = text.rindex("no")

    assert visible_lines(text)[place:] == text[place:]
