from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from act_spec.errors import Problem, RecipeError
from act_spec.recipe.load import LoadedRecipe, load_text

GOOD = """\
act: 1
name: topics
task:
  kind: classification
  question: Which topic?
  if_unsure: Take the first.
  labels: {price: What it costs., battery: How long a charge lasts.}
data: {source: items.csv, id: item_id, show: [title, body], gold: label}
annotator: {model: local/tiny}
judge: {model: local/other, strategy: cot}
budget: {reviews: 12%, rule: {name: exponential, beta: 20}}
"""
"""A recipe without a fault; line 7 holds the labels, 8 the data, 9 to 11 who answers and the budget."""

Load = Callable[[str], LoadedRecipe]
Faults = Callable[[str], list[Problem]]


@pytest.fixture
def good() -> str:
    return GOOD


@pytest.fixture
def load(tmp_path: Path) -> Load:
    return lambda text: load_text(text, "r.act.yaml", tmp_path)


@pytest.fixture
def faults(load: Load) -> Faults:
    def find(text: str) -> list[Problem]:
        with pytest.raises(RecipeError) as caught:
            load(text)
        return list(caught.value.problems)

    return find
