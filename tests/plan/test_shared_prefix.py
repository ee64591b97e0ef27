"""What is the same for every item comes first in a prompt, so that a server's prefix cache stays warm."""

from __future__ import annotations

import json
from itertools import takewhile

import pytest
from walking import plan_of, write_recipe

from act_spec.plan.model import Answering, Plan
from act_spec.plan.prompting import Asking
from act_spec.records import Item

DEFINITION = "Says that it does what it is for and why; a mere greeting does not count. " * 8
ANNOTATORS = ["direct", "cot", "{name: self_consistency, n: 3}"]
JUDGES = ["direct", "cot", "devils_advocate", "multiple_choice"]
ITEMS = [
    Item(f"i{number}", {"text": f"{word} came with the parcel, and it works."})
    for number, word in enumerate(["Apple", "Stone", "Zebra"])
]


def first_prompts(plan: Plan, role: Answering | None) -> list[str]:
    """What a server reads for each item, in its order."""
    assert role is not None
    asking = Asking(role, plan.task, plan.data.show, plan.recipe_path.parent)
    return [json.dumps(asking.first_messages(item)[0]) for item in ITEMS]


def planned(tmp_path, annotator: str = "direct", judge: str = "direct") -> Plan:
    recipe = write_recipe(tmp_path, "http://127.0.0.1:9/v1", 3, definition=DEFINITION, judge=judge)
    recipe.write_text(recipe.read_text().replace("strategy: direct", f"strategy: {annotator}", 1))
    return plan_of(recipe)


def shared_start(texts: list[str]) -> str:
    """The longest text that all of them begin with."""
    same = zip(*texts, strict=False)
    return "".join(letters[0] for letters in takewhile(lambda letters: len(set(letters)) == 1, same))


def assert_item_last(prompts: list[str]) -> None:
    """All before the item is one text for all items, and holds the instructions and definitions."""
    shared = shared_start(prompts)

    assert DEFINITION.strip() in shared
    assert shared.rstrip("\\n").endswith('<field name=\\"text\\">')
    assert len(shared) > 0.6 * max(map(len, prompts))


@pytest.mark.parametrize("strategy", ANNOTATORS)
def test_an_annotator_reads_the_item_after_all_that_is_shared(tmp_path, strategy):
    plan = planned(tmp_path, annotator=strategy)

    assert_item_last(first_prompts(plan, plan.annotate))


@pytest.mark.parametrize("strategy", JUDGES)
def test_a_judge_reads_the_item_after_all_that_is_shared(tmp_path, strategy):
    plan = planned(tmp_path, judge=strategy)

    assert_item_last(first_prompts(plan, plan.judge))


def test_samples_of_an_item_share_the_whole_prompt(tmp_path):
    plan = planned(tmp_path, annotator="{name: self_consistency, n: 3}")
    asking = Asking(plan.annotate, plan.task, plan.data.show, plan.recipe_path.parent)

    assert len({json.dumps(sent) for sent in asking.first_messages(ITEMS[0])}) == 1
