"""A recipe, however broken, is read or refused with places; nothing else happens, and nothing takes long."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import pytest
from mutants.mutate import mutated

from act_spec.errors import RecipeError
from act_spec.recipe.load import load_text
from act_spec.resources import folder

FOLDER = folder("recipes")
RECIPES = sorted(FOLDER.rglob("*.act.yaml"))
MOST_S = 20.0


def read(recipe: Path, seed: int) -> str:
    """What became of one mutant: `read`, or `refused`."""
    text = mutated(recipe.read_text(encoding="utf-8"), seed)
    started = time.process_time()
    try:
        load_text(text, str(recipe), recipe.parent)
        problems = None
    except RecipeError as error:
        problems = error.problems
    assert time.process_time() - started < MOST_S, seed
    if problems is None:
        return "read"
    assert problems, seed
    for problem in problems:
        assert problem.message.strip(), seed
        assert "\n" not in str(problem), seed
        assert problem.line <= text.count("\n") + text.count("\r") + 2 or problem.file != str(recipe), seed
    return "refused"


@pytest.mark.parametrize("seed", range(150))
def test_a_mutant_is_read_or_refused(seed: int) -> None:
    read(RECIPES[seed % len(RECIPES)], seed)


@pytest.mark.long
def test_a_hundred_thousand_mutants_are_read_or_refused() -> None:
    came = Counter(read(RECIPES[seed % len(RECIPES)], seed) for seed in range(100_000))
    print(dict(came))

    assert came["refused"] > came["read"] > 0
