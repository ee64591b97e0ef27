"""`test`: what a recipe expects of itself."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from act_spec.cli.choose import (
    ENDING,
    choose_recipe,
    json_option,
    needs_folder,
    next_line,
    set_option,
    set_words,
)
from act_spec.errors import Problem, RecipeError


@click.command("test")
@click.argument("recipes", nargs=-1, type=click.Path(path_type=Path))
@set_option
@click.option(
    "--run",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="The run whose replies are used.",
)
@click.option(
    "--junit", type=click.Path(path_type=Path, dir_okay=False), help="Write the outcome as JUnit's XML."
)
@json_option
def test_command(
    recipes: tuple[Path, ...],
    settings: dict[str, str],
    folder: Path | None,
    junit: Path | None,
    *,
    as_json: bool,
) -> None:
    """
    Hold recipes to what they expect; spends nothing.

    Uses the replies that a run has recorded, and the built-in model; no other
    model is called.
    """
    from act_spec.documents.tested import junit_xml, tested_text
    from act_spec.plan.compile import compile_plan, run_folder
    from act_spec.recipe.load import PartialRecipeError, load_recipe
    from act_spec.run.expecting import check_expectations
    from act_spec.run.stage import Folder

    if junit is not None:
        needs_folder(junit)
    paths = [choose_recipe(path) for path in recipes] if recipes else sorted(Path().glob(f"*{ENDING}"))
    if not paths:
        choose_recipe(None)
    ready = []
    problems: list[Problem] = []
    for path in paths:
        try:
            loaded = load_recipe(path, settings)
            ready.append((loaded, compile_plan(loaded)))
        except PartialRecipeError:
            click.echo(f"{path}   a base for others; tested in the recipes that extend it", err=True)
        except RecipeError as error:
            problems += error.problems
    if problems:
        raise RecipeError(sorted(set(problems)))
    tested = [
        check_expectations(loaded, plan, run_folder(plan, folder) / "run.duckdb") for loaded, plan in ready
    ]
    if junit is not None:
        Folder(junit.parent).write_bytes(junit.name, junit_xml(tested))
    if as_json:
        click.echo(json.dumps({"format": 1, "tested": [one.as_json() for one in tested]}, ensure_ascii=False))
    else:
        click.echo(tested_text(tested))
    failed = sum(one.failed for one in tested)
    first = next((loaded.path for loaded, _ in ready), paths[0])
    next_line("check" if failed or not ready else "plan", first, *set_words(settings))
    sys.exit(1 if failed else 0)
