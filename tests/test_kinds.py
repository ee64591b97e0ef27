"""What docs/kinds.md says of task kinds, and what every kind must have."""

from __future__ import annotations

import re
from typing import Any, cast

import documented
import pytest
from ruamel.yaml import YAML

from act_spec.recipe.load import load_recipe
from act_spec.records import Item, Task
from act_spec.registry import find, names

KINDS = (documented.ROOT / "docs" / "kinds.md").read_text(encoding="utf-8")
BLOCKS = [block.text for block in documented.blocks("docs/kinds.md", "yaml")]
GALLERY = {
    loaded.recipe.task.kind: loaded
    for loaded in (
        load_recipe(documented.ROOT / "recipes" / f"{name}.act.yaml")
        for name in re.findall(r"^\| `\w+` \|.*\| `([\w-]+)` \|$", KINDS, re.MULTILINE)
    )
}


def test_every_kind_is_described_and_has_a_recipe_to_begin_with() -> None:
    assert set(GALLERY) == set(names("task"))
    assert [kind for kind in names("task") if not re.search(rf"^## .*\b{kind}\b", KINDS, re.MULTILINE)] == []


@pytest.mark.parametrize("text", BLOCKS)
def test_its_examples_are_tasks(text: str) -> None:
    task = YAML(typ="base").load(text)["task"]

    assert cast("Any", find("task", task["kind"]).build).model_validate(task).kind == task["kind"]


@pytest.mark.parametrize("kind", sorted(GALLERY))
def test_a_kind_keeps_what_all_others_rely_on(kind: str) -> None:
    """An example is canonical, equal to itself, and comes back from what people and judges are shown."""
    loaded = GALLERY[kind]
    task = cast("Task", loaded.recipe.task)
    label = task.example()
    item = Item("i", dict.fromkeys(loaded.recipe.data.show, "Some text."))
    put = task.present(item)[-1].task

    assert task.about(item).parse(label) == label
    assert put.read(put.show(label)) == label
    assert task.distance(label, label) == 0
    assert task.same(label, label)
    assert task.settle([label, label]) == label
    assert task.answer_instruction()
    assert list(task.figures(iter(()))) is not None
    assert all(isinstance(one, str) for one in (*task.parts(label), *task.units(label), *task.guidance()))
