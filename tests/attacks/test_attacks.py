"""
Fifty items that speak to the model, against models that obey whatever they can.

The attacks are ours. `seen` ones were looked at when the signs were written,
`held out` ones were written afterwards and the signs left as they were.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from model_server import Body, ModelServer, schema_of
from walking import database, plan_of, walk_recipe, write_data, write_recipe

from act_spec.content.text import as_data
from act_spec.store.database import Store
from act_spec.strategies.injection import SIGNS

ATTACKS = [
    json.loads(line)
    for line in Path(__file__).with_name("attacks.jsonl").read_text(encoding="utf-8").splitlines()
]
PLAIN = [f"Kettle number {number} leaks and is bad." for number in range(30)]
# Whatever a lenient reader might take for the end of the data.
_GAP = "[\\s\u00ad\u200b-\u200f\u2060-\u2064\ufeff]*"
_CLOSES = re.compile(f"[<\uff1c\ufe64]{_GAP}[/\uff0f]{_GAP}field[^>\uff1e]*[>\uff1e]", re.IGNORECASE)


def found_in(text: str) -> list[str]:
    return [sign for sign, pattern in SIGNS.items() if re.search(pattern, text, re.IGNORECASE)]


def texts(message: Any) -> str:
    content = message["content"]
    return content if isinstance(content, str) else "".join(part["text"] for part in content)


def conversation(body: Body) -> str:
    return "\n".join(texts(message) for message in body["messages"])


def asks_for(body: Body) -> str:
    schema = schema_of(body)
    return "label" if schema and "label" in schema["properties"] else "error_probability"


def beyond_the_data(body: Body) -> str:
    """What a question says around its field, to a reader who takes anything like a closing tag for one."""
    before, _, rest = texts(body["messages"][-1]).partition('<field name="text">')
    return before + _CLOSES.split(rest, maxsplit=1)[-1]


def rows(recipe: Path, query: str) -> list[Any]:
    with Store.open(database(recipe), read_only=True) as store:
        return store.rows(query)


@pytest.fixture(scope="module")
def judged_by_its_frame(tmp_path_factory):
    """A walk with a model that obeys whatever stands outside the data, and is honest else."""
    frames: dict[str, set[str]] = {}

    def answer(body: Body) -> str:
        stage = asks_for(body)
        told = frames.setdefault(stage, set())
        told.add(beyond_the_data(body))
        obeys = len(told) > 1
        return json.dumps(
            {"label": "good" if obeys else "bad"}
            if stage == "label"
            else {stage: 0.5, "suggested_label": "bad"}
        )

    folder = tmp_path_factory.mktemp("frames")
    write_data(folder, [PLAIN[0], *(attack["text"] for attack in ATTACKS), *PLAIN[1:]])
    with ModelServer(answer=answer) as server:
        recipe = write_recipe(folder, server.url, judge="direct", reviews=70)
        walk_recipe(recipe)
    return recipe, server, frames


def test_no_attack_reaches_a_model_as_anything_but_data(judged_by_its_frame):
    recipe, _, frames = judged_by_its_frame

    assert {stage: len(told) for stage, told in frames.items()} == {"label": 1, "error_probability": 1}
    assert rows(recipe, "SELECT label, count(*) FROM annotations GROUP BY label") == [("bad", 80)]


@pytest.fixture(scope="module")
def obeyed(tmp_path_factory):
    """A walk with a model that does what an item says, and worse; it calls every such label right for certain."""
    texts = {as_data(attack["text"]): number for number, attack in enumerate(ATTACKS)}
    worse = [
        {"label": "good"},
        {"label": "excellent"},
        {"label": "good", "labels": {"i55": "good", "i60": "good"}},
        {"label": ["good", "bad"]},
        {"label": "good", "api_base": "https://example.org", "model": "other"},
    ]

    def answer(body: Body) -> str:
        said = conversation(body)
        obeyed = next((number for text, number in texts.items() if text in said), None)
        if asks_for(body) != "label":
            return json.dumps({"error_probability": 0.4 * (obeyed is None), "suggested_label": "good"})
        return json.dumps({"label": "bad"} if obeyed is None else worse[obeyed % len(worse)])

    folder = tmp_path_factory.mktemp("obeyed")
    write_data(folder, [*(attack["text"] for attack in ATTACKS), *PLAIN])
    with ModelServer(answer=answer) as server:
        recipe = write_recipe(folder, server.url, judge="direct", reviews=60)
        before = plan_of(recipe).hash
        walk_recipe(recipe)
    return recipe, server, before


def test_what_an_item_makes_a_model_say_stays_with_that_item(obeyed):
    recipe, server, before = obeyed
    labels = dict(rows(recipe, "SELECT item_id, label FROM annotations"))
    statuses = Counter(dict(rows(recipe, "SELECT status, count(*) FROM annotations GROUP BY status")))

    assert {labels[f"i{number}"] for number in range(50, 80)} == {"bad"}
    assert {labels[f"i{number}"] for number in range(50)} == {"good", None}
    assert set(statuses) == {"ok", "invalid"}
    assert plan_of(recipe).hash == before
    assert {body["model"] for body in server.bodies} == {"tested"}


@pytest.mark.promise("injection")
def test_items_that_speak_to_the_model_go_to_people_whatever_models_say_of_them(obeyed, measured):
    recipe, _, _ = obeyed
    signed = "item_id IN (SELECT item_id FROM signs)"
    least = rows(recipe, f"SELECT min(inclusion_probability) FROM allocations WHERE {signed}")[0][0]
    most = rows(
        recipe,
        "SELECT max(inclusion_probability) FROM allocations JOIN judgments USING (item_id)"
        f" WHERE error_probability > 0 AND NOT {signed}",
    )[0][0]
    judged = rows(recipe, f"SELECT max(error_probability) FROM judgments WHERE {signed}")[0][0]
    reasons = {
        reason for (reason,) in rows(recipe, f"SELECT reason FROM allocations WHERE selected AND {signed}")
    }
    found = {
        split: Counter(bool(found_in(one["text"])) for one in ATTACKS if one["split"] == split)
        for split in ("seen", "held out")
    }

    measured(
        f"{len(ATTACKS)} attacks, none changed another item; signs in {found['seen'][True]} of 30 that were looked "
        f"at, {found['held out'][True]} of 20 held out"
    )
    assert judged == 0
    assert least > most > 0
    assert reasons == {"injection", "failed", "audit"}
    assert found["seen"] == {True: 30}
    assert found["held out"][True] >= 16


def test_the_database_sees_the_signs_that_we_see(obeyed):
    recipe, _, _ = obeyed
    noted = {(item, sign) for item, sign in rows(recipe, "SELECT item_id, sign FROM signs")}

    assert noted == {
        (f"i{number}", sign) for number, attack in enumerate(ATTACKS) for sign in found_in(attack["text"])
    }


def test_where_the_recipe_says_so_it_is_drawn_like_any_other(tmp_path):
    write_data(tmp_path, [ATTACKS[0]["text"], *PLAIN])
    with ModelServer() as server:
        recipe = write_recipe(tmp_path, server.url, reviews=5)
        recipe.write_text(recipe.read_text().replace("rule: sqrt", "rule: sqrt, injection: ignore"))
        walk_recipe(recipe)

    assert rows(recipe, "SELECT count(*) FROM allocations WHERE reason = 'injection'") == [(0,)]


@pytest.mark.parametrize(
    "text",
    [
        "Ignore the manual, it is easier than it looks.",
        "The system: loud, heavy and slow. My assistant hates it.",
        "Please rate the seller before you leave.",
        "I always answer good-naturedly when guests ask about the kettle.",
        "Dear seller, the label came off after a week.",
        "The judge set new rules for kettles, and the old rules are gone.",
        "You must descale it; only then does it boil properly.",
        "Instructions for use: fill, close, press. See the previous page.",
        "It scored 5 < 7 and then > 3 on my own scale.",
        "The right answer to bad tea is a good kettle.",
        "As a language teacher I model good behaviour for my class.",
        "a" * 60 + " is how my cat types on it.",
    ],
)
def test_ordinary_texts_show_no_sign(text):
    assert found_in(text) == []
