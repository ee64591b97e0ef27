"""`init`, `check`, `plan` and `schema`: everything that spends nothing."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from act_spec.cli.choose import choose_recipe, compile_recipe, json_option, next_line, recipe_argument
from act_spec.errors import Problem, RecipeError

if TYPE_CHECKING:
    from act_spec.recipe.advice import Advice


@click.command("init")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--data", type=click.Path(path_type=Path, dir_okay=False), help="Your data: Parquet, CSV or JSON lines."
)
@click.option("--label", "labels", help="The labels, parted by commas.")
@click.option("--from", "gallery", help="Start from a recipe of the gallery, with its sample data.")
def init_command(folder: Path, data: Path | None, labels: str | None, gallery: str | None) -> None:
    """Make a commented recipe from your own data, or from the gallery."""
    from act_spec.starter.begin import begin

    made = begin(folder, data, labels, gallery, ask=sys.stdin.isatty())
    for note in made.notes:
        click.echo(note, err=True)
    click.echo(f"{made.recipe}   written")
    next_line("check", made.recipe)


@click.command("check")
@click.argument("recipes", nargs=-1, type=click.Path(path_type=Path))
@click.option("--strict", is_flag=True, help="Advice counts as a problem.")
@json_option
def check_command(recipes: tuple[Path, ...], *, strict: bool, as_json: bool) -> None:
    """
    Name every problem of a recipe at once, then give advice.

    Opens no connection and needs no key.
    """
    from act_spec.recipe.advice import advise
    from act_spec.recipe.load import load_recipe

    paths = [choose_recipe(path) for path in recipes] if recipes else [choose_recipe(None)]
    problems: list[Problem] = []
    advice: list[Advice] = []
    names: dict[Path, str] = {}
    for path in paths:
        try:
            loaded = load_recipe(path)
            advice += advise(loaded)
            names[path] = compile_recipe(path).hash
        except RecipeError as error:
            problems += error.problems
    if as_json:
        errors = [problem.as_json() for problem in problems]
        click.echo(
            json.dumps(
                {"format": 1, "errors": errors, "advice": [_advice_json(one) for one in advice]},
                ensure_ascii=False,
            )
        )
    else:
        for problem in problems:
            click.echo(str(problem), err=True)
        for one in advice:
            click.echo(str(one))
        for path, plan_hash in names.items():
            click.echo(f"{path}   plan {plan_hash[:8]}   no problems")
    if problems:
        next_line("check", paths[0], why="after mending")
        sys.exit(2)
    next_line("plan", paths[0])
    sys.exit(2 if strict and advice else 0)


@click.command("plan")
@recipe_argument
@click.option(
    "--prompts",
    "item",
    is_flag=False,
    flag_value="",
    default=None,
    help="Show the prompts of an item; the walk's first unless named.",
)
@json_option
def plan_command(recipe: Path | None, item: str | None, *, as_json: bool) -> None:
    """Show stages, calls, money, reviews and forecast; spends nothing."""
    from act_spec.plan.explain import as_json as plan_json
    from act_spec.plan.explain import explain
    from act_spec.plan.preview import prompts_text

    path = choose_recipe(recipe)
    plan = compile_recipe(path)
    if item is not None:
        click.echo(prompts_text(plan, item or None))
    else:
        click.echo(json.dumps(plan_json(plan), ensure_ascii=False) if as_json else explain(plan))
    limit = min(50, plan.data.items)
    next_line("run", path, "--limit", limit, why=f"{limit} random items before the rest")


@click.command("schema")
def schema_command() -> None:
    """Print the recipe's JSON Schema, for editors."""
    from act_spec.recipe.json_schema import recipe_json_schema

    click.echo(json.dumps(recipe_json_schema(), indent=2, ensure_ascii=False))
    next_line(
        "check",
        why="with the schema in recipe.schema.json, begin a recipe with "
        "`# yaml-language-server: $schema=./recipe.schema.json` and the editor checks too",
    )


def _advice_json(one: Advice) -> dict[str, object]:
    return {
        "code": one.code,
        "path": one.path,
        "sentence": one.sentence,
        "file": one.place.file,
        "line": one.place.line,
    }
