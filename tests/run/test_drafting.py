"""Rules that a model drafts: paid like any call, boxed, and out of everything until a person accepts them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from model_server import ModelServer, schema_of
from walking import database, plan_of, walk_recipe, write_recipe

from act_spec.cli.program import program
from act_spec.errors import RecipeError, StoppedEarly
from act_spec.plan.compile import run_folder
from act_spec.plan.explain import explain
from act_spec.run.reviewing import hand_out
from act_spec.store.database import Store

RULE = "Whatever is both old and cheap is bad."
REASON = "The text is old and cheap, which the label passes over."


def answer(body):
    """The annotator says good, the judge would say bad with a reason, the writer drafts a rule."""
    wanted = schema_of(body)["properties"]
    if "rules" in wanted:
        return json.dumps({"rules": [RULE]})
    if "error_probability" in wanted:
        return json.dumps({"reasoning": REASON, "error_probability": 0.5, "suggested_label": "bad"})
    return json.dumps({"label": "good"})


@pytest.fixture
def server():
    with ModelServer(answer=answer) as running:
        yield running


def written(folder: Path, url: str, **changed: object) -> Path:
    """A recipe with a writer, and people who review four of its twenty items."""
    recipe = write_recipe(
        folder, url, 20, judge="cot", reviews="4", review="{reviewers: [ada]}", max_tokens=300, **changed
    )
    writer = f"{{model: openai/writing, api_base: {url}, price: {{input_usd_per_million: 1, output_usd_per_million: 2}}}}"
    recipe.write_text(recipe.read_text() + f"guideline: {{writer: {writer}}}\n")
    return recipe


def rows(recipe: Path, sql: str):
    with Store.open(database(recipe), read_only=True) as store:
        return store.rows(sql)


def guide(recipe: Path, *words: str):
    return CliRunner().invoke(program, ["guide", str(run_folder(plan_of(recipe))), *words])


def files(recipe: Path) -> dict[str, str]:
    folder = run_folder(plan_of(recipe))
    return {file.name: file.read_text(encoding="utf-8") for file in folder.glob("guideline*")}


def packet(recipe: Path) -> str:
    plan, made = plan_of(recipe), recipe.with_name("packet.html")
    hand_out(plan, run_folder(plan), "packet", made, reviewer=None)
    return made.read_text(encoding="utf-8")


def test_a_draft_counts_only_once_a_named_person_has_accepted_it(tmp_path, server):
    recipe = written(tmp_path, server.url)
    walk_recipe(recipe)
    made = files(recipe)
    before, box = made["guideline.html"].split('<section class="drafts">')

    assert RULE in box
    assert "not in force" in box
    assert not any(RULE in text for text in (before, made["guideline.md"], made["guideline-card.html"]))
    assert RULE not in packet(recipe)
    assert rows(recipe, "SELECT number, label, other, text, decision FROM guideline_rules") == [
        (1, "bad", "good", RULE, None)
    ]

    refused = guide(recipe, "--accept", "1")
    assert refused.exit_code == 2
    assert "--by NAME" in refused.output
    assert guide(recipe, "--accept", "1", "--by", "Eve Example").exit_code == 0

    made = files(recipe)
    assert all(
        RULE in text for text in (made["guideline.md"], made["guideline.html"], made["guideline-card.html"])
    )
    assert "drafts" not in made["guideline.html"].split("</style>")[1]
    assert f"New rule: {RULE}" in made["guideline.md"]
    assert "**Version 2**" in made["guideline.md"]
    assert RULE in packet(recipe)
    assert "Eve Example" not in "".join(made.values()) + packet(recipe)
    assert rows(recipe, "SELECT decision, decided_by FROM guideline_rules") == [("accepted", "Eve Example")]


def test_a_rule_can_be_declined_or_taken_out_again(tmp_path, server):
    recipe = written(tmp_path, server.url)
    walk_recipe(recipe)
    guide(recipe, "--accept", "1", "--by", "eve")

    assert guide(recipe, "--decline", "1", "--by", "eve").exit_code == 0

    made = files(recipe)
    assert f"Rule withdrawn: {RULE}" in made["guideline.md"]
    assert RULE not in made["guideline-card.html"]
    assert rows(recipe, "SELECT decision FROM history.rule_decisions ORDER BY decided_at") == [
        ("accepted",),
        ("declined",),
    ]
    unknown = guide(recipe, "--accept", "7", "--by", "eve")
    assert "no rule has the number 7. Drafted: 1." in str(unknown.exception or unknown.output)


def test_the_writer_is_asked_once_and_never_about_items_under_review(tmp_path, server):
    recipe = written(tmp_path, server.url)
    for _ in range(2):
        walk_recipe(recipe)

    [asked] = [body for body in server.bodies if "rules" in schema_of(body)["properties"]]
    said = json.dumps(asked["messages"])
    assert said.count(REASON) == 8, "the most that a prompt shows; sixteen items are not drawn"
    assert "text number" not in said
    assert rows(recipe, "SELECT count(*), min(cost_usd) > 0 FROM calls WHERE stage = 'guideline'") == [
        (1, True)
    ]
    lock = json.loads((run_folder(plan_of(recipe)) / "act.lock").read_text())
    assert lock["writer"]["model"] == "openai/writing"
    assert lock["writer"]["answered_as"]


def test_the_writer_has_a_price_and_a_cap(tmp_path, server):
    recipe = written(tmp_path, server.url)
    without = plan_of(write_recipe(tmp_path, server.url, 20, judge="cot", reviews="4", max_tokens=300))
    recipe = written(tmp_path, server.url)
    plan = plan_of(recipe)

    assert plan.cost_usd.likely > without.cost_usd.likely
    assert "guideline  openai/writing rules" in explain(plan)
    with pytest.raises(StoppedEarly):
        walk_recipe(recipe, spend_usd=0.0001)
    assert rows(recipe, "SELECT count(*) FROM calls WHERE stage = 'guideline'") == [(0,)]


def test_a_writer_that_fails_leaves_people_their_work(tmp_path):
    def refuses(body):
        return "no" if "rules" in schema_of(body)["properties"] else answer(body)

    with ModelServer(answer=refuses) as server:
        recipe = written(tmp_path, server.url)
        report = walk_recipe(recipe)

    assert report.waiting == 4
    assert "Proposed rules" not in files(recipe)["guideline.html"]
    assert rows(recipe, "SELECT status FROM history.disputes") == [("invalid",)]
    assert (run_folder(plan_of(recipe)) / "worklist.csv").is_file()


def test_the_writers_host_is_checked_before_anything_is_sent(tmp_path, server):
    recipe = written(tmp_path, server.url)
    text = recipe.read_text().replace("gold: gold}", "gold: gold, send_to: [127.0.0.1]}")
    recipe.write_text(
        text.replace(
            "openai/writing, api_base: " + server.url, "openai/writing, api_base: http://elsewhere.example/v1"
        )
    )

    with pytest.raises(RecipeError, match="items would go to elsewhere.example"):
        plan_of(recipe)
